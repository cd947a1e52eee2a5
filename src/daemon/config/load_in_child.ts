/**
 * Reloads the configuration of a running engine. Finding the places of problems in a large text takes seconds, in which
 * no advert would leave. So another process does that, with `vipd check`.
 *
 * @module
 */

import { usableConfig } from "../../config/build/fast_path.ts";
import { type CheckReport, readCheckReport } from "../../config/check_report.ts";
import { failed, ok, type Result } from "../../config/values/result.ts";
import { LARGE_CHARS } from "../../config/yaml/large_text.ts";
import { readConfigFile } from "../../config/yaml/read_file.ts";
import { isKeepalived } from "../../keepalived/syntax/recognise.ts";
import type { Build } from "../../version.ts";
import { selfCommand } from "../self_command.ts";
import {
  loadAny,
  type LoadAnyOptions,
  type LoadContext,
  type LoadedText,
  loadRead,
} from "./load.ts";

/** How long the other process may take, in milliseconds; for a mebibyte it needs four seconds. */
const CHECK_MS = 20_000;

/** Judges the file at a path, or says why that is not possible. */
export type CheckInChild = (path: string) => Promise<Result<CheckReport>>;

/** Loads the file at `path` without delaying adverts: another process judges a large one. */
export async function loadInChild(
  path: string,
  context: LoadContext & { readonly build: Build },
  check: CheckInChild = (path) => checkInChild(path, context.build),
  options: Omit<LoadAnyOptions, "lenient"> = {},
): Promise<LoadedText> {
  const read = await readConfigFile(path);
  if (!read.ok) return await loadAny(path, context, options);
  const { text } = read.value;
  if (text.length <= LARGE_CHARS || isKeepalived(path, text)) {
    return await loadRead(path, read.value, context, options);
  }
  const checked = await check(path);
  if (!checked.ok) {
    const place = { line: null, column: null, key: null, excerpt: null };
    const problem = { severity: "error", file: path, ...place, ...checked.problem } as const;
    return { ok: false, diagnostics: [problem] };
  }
  const { valid, diagnostics } = checked.value;
  if (!valid) return { ok: false, diagnostics };
  const config = usableConfig(text, context.hostname());
  // If there is an alias, or a part that the two readers could understand differently, the thorough one decides.
  return config
    ? { ok: true, config, warnings: diagnostics, text }
    : await loadRead(path, read.value, context);
}

async function checkInChild(path: string, build: Build): Promise<Result<CheckReport>> {
  const [command, ...before] = selfCommand(build);
  const { stdout, signal } = await new Deno.Command(command!, {
    args: [...before, "check", "--json", "--", path],
    signal: AbortSignal.timeout(CHECK_MS),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  const report = signal === null ? readCheckReport(new TextDecoder().decode(stdout)) : null;
  if (report !== null) return ok(report);
  const why = signal === null ? "said nothing that is understood" : `was ended by ${signal}`;
  const message = `it could not be checked: the process that was to do so ${why}`;
  return failed("file_unreadable", message, `try it: vipd check ${path}`);
}
