/**
 * Renews the certificate that `vipd pair` has made, in another process: what signs is not the engine's, and takes time.
 *
 * @module
 */

import type { Build } from "../../version.ts";
import { selfCommand } from "../self_command.ts";

/** How long the other process may take, in milliseconds. */
const RENEW_MS = 20_000;

/** Runs `vipd pair --renew` with the configuration at `path`; rejects with what it said if it fails. */
export async function renewInChild(path: string, build: Build): Promise<void> {
  const [command, ...before] = selfCommand(build);
  const { code, stderr } = await new Deno.Command(command!, {
    args: [...before, "pair", "--renew", "--config", path],
    signal: AbortSignal.timeout(RENEW_MS),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    throw new Error(new TextDecoder().decode(stderr).trim() || `it ended with ${code}`);
  }
}
