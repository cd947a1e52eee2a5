/** A command-line context that keeps what a command writes. */

import { runCli } from "../../src/cli/cli.ts";
import type { CliContext } from "../../src/cli/context.ts";
import type { ExitCode } from "../../src/exit.ts";
import { SOURCE_BUILD } from "../../src/version.ts";

export interface CapturedRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface CaptureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  readonly colour?: boolean;
  /** How many lines are read until the reader of standard output goes away. @default {Infinity} */
  readonly readLines?: number;
  /** @default {"UTC"} */
  readonly timeZone?: string;
  /** Columns of the terminal; without them there is none. */
  readonly columns?: number;
  /**
   * What the person at the terminal types, by a part of the question; of several answers one after the other, and null
   * ends the input. Without it there is no terminal.
   */
  readonly typed?: Readonly<Record<string, string | readonly (string | null)[]>>;
}

/** Runs `vipd ARGV` inside the test. */
export async function capture(argv: string[], options: CaptureOptions = {}): Promise<CapturedRun> {
  let out = "";
  let err = "";
  const asked = new Map<string, number>();
  const stdin = options.stdin ?? "";
  const lines = typeof stdin === "string" ? stdin.split("\n").slice(0, -1) : [];
  const context: CliContext = {
    output: {
      out: (text) => void (out += text),
      hasReader: () => out.split("\n").length <= (options.readLines ?? Infinity),
      err: (text) => void (err += text),
      colour: options.colour ?? false,
      rows: () => null,
      columns: () => options.columns ?? null,
    },
    env: (name) => options.env?.[name],
    build: SOURCE_BUILD,
    ask: options.typed === undefined ? null : (question, byDefault) => {
      const known = Object.entries(options.typed!).find(([part]) => question.includes(part));
      if (!known) throw new Error(`nobody expected: ${question}`);
      const [part, answers] = known;
      if (typeof answers === "string") return answers || byDefault;
      const count = asked.get(part) ?? 0;
      asked.set(part, count + 1);
      const answer = answers[count];
      if (answer === undefined) throw new Error(`nobody expected once more: ${question}`);
      return answer === null ? null : answer || byDefault;
    },
    hostname: () => "lb01",
    timeZone: options.timeZone ?? "UTC",
    readStdin: () =>
      Promise.resolve(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
    readLine: () => Promise.resolve(lines.shift() ?? null),
  };
  const code = await runCli(argv, context);
  return { code, out, err };
}

/** Gives `act` a folder that is gone afterwards. */
export async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A valid configuration with everything in `folder`. */
export function exampleConfig(folder: string, listen = `unix:${folder}/api.sock`): string {
  return `node: lb01
api:
  listen: ${listen}
run_dir: ${folder}
state_dir: ${folder}/state
checks:
  nginx:
    type: http
    url: http://127.0.0.1/
    interval: 2s
    timeout: 1s
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    priority: 150
    addresses: [192.168.31.5/24]
    track:
      - { check: nginx }
`;
}
