/**
 * A vipd that is asked by its command line: an executable, or the source in this process.
 *
 * @module
 */

import { runCli } from "../../src/cli/cli.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { SOURCE_BUILD, VERSION } from "../../src/version.ts";

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface AskedVipd {
  readonly version: string;
  /** Runs `vipd ARGV` on a machine called lb01, without a terminal. */
  run(argv: readonly string[], stdin?: string): Promise<Run>;
}

export const PRESENT: AskedVipd = {
  version: VERSION,
  run: async (argv, stdin = "") => {
    const said = { out: "", err: "" };
    const code = await runCli(argv, contextOf(said, stdin));
    return { code, ...said };
  },
};

/** The context of a command that has no terminal and adds to `said`. */
export function contextOf(said: { out: string; err: string }, stdin = ""): CliContext {
  return {
    output: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      hasReader: () => true,
      colour: false,
      rows: () => null,
      columns: () => null,
    },
    build: SOURCE_BUILD,
    env: () => undefined,
    hostname: () => "lb01",
    timeZone: "UTC",
    ask: null,
    readStdin: () => Promise.resolve(new TextEncoder().encode(stdin)),
    readLine: () => Promise.resolve(null),
  };
}

/** An executable; needs root, to give it a machine with a name of its own. */
export function executable(path: string, version: string): AskedVipd {
  return {
    version,
    run: async (argv, stdin = "") => {
      const child = new Deno.Command("unshare", {
        args: ["--uts", "sh", "-c", 'hostname lb01 && exec "$0" "$@"', path, ...argv],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      // One that does not read its input ends earlier.
      await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
      await writer.close().catch(() => {});
      const { code, stdout, stderr } = await child.output();
      const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
      return { code, out: text(stdout), err: text(stderr) };
    },
  };
}
