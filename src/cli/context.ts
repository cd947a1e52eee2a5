/**
 * The interface of a command to the process around it; tests give their own.
 *
 * @module
 */

import { hostname } from "node:os";
import { CliError, EXIT } from "../exit.ts";
import { type Build, SOURCE_BUILD } from "../version.ts";

/** A longer line is nothing that a person types or pastes, in octets. */
const MAX_LINE_OCTETS = 64 * 1024;
const NEWLINE = 10;

export interface Output {
  /** Data: the result of the command. */
  out(text: string): void;
  /** Messages: errors, warnings, hints. */
  err(text: string): void;
  /** False once nobody reads standard output any more, as after `| head -1`. */
  hasReader(): boolean;
  /** True if standard output is a terminal that shows colours. */
  readonly colour: boolean;
  /** Lines of the terminal that standard output is; `null` if it is none. */
  rows(): number | null;
  /** Its columns. */
  columns(): number | null;
}

export interface CliContext {
  readonly output: Output;
  readonly build: Build;
  /** An environment variable; `undefined` if it is not set. */
  env(name: string): string | undefined;
  hostname(): string;
  /** The zone of the times that people read, such as `Europe/Berlin`; `undefined` for the machine's. */
  readonly timeZone?: string;
  /**
   * Asks the person at the terminal; returns the default if nothing is typed, and `null` if the person ends the input
   * (Ctrl-D). `null` if there is no terminal.
   */
  readonly ask: ((question: string, byDefault: string) => string | null) | null;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array<ArrayBuffer>>;
  /** The next line of standard input; `null` after the last one. Nothing else stops meanwhile, as it does in `ask`. */
  readLine(): Promise<string | null>;
}

/** The same output, whose texts go through these. */
export function outputThrough(output: Output, texts: Pick<Output, "out" | "err">): Output {
  return {
    ...texts,
    hasReader: () => output.hasReader(),
    colour: output.colour,
    rows: () => output.rows(),
    columns: () => output.columns(),
  };
}

/** The context of a real process. */
export function processContext(build: Build = SOURCE_BUILD): CliContext {
  let hasReader = true;
  const env = (name: string) => Deno.env.get(name);
  return {
    output: {
      out: (text) => void (hasReader = print(text) && hasReader),
      err: (text) => void complain(text),
      hasReader: () => hasReader,
      colour: Deno.stdout.isTerminal() && showsColours(env),
      rows: () => Deno.stdout.isTerminal() ? Deno.consoleSize().rows : null,
      columns: () => Deno.stdout.isTerminal() ? Deno.consoleSize().columns : null,
    },
    build,
    env,
    hostname,
    ask: Deno.stdin.isTerminal() && Deno.stdout.isTerminal() ? askOnTerminal : null,
    readStdin: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
    readLine: lineReader(Deno.stdin),
  };
}

/** Reads one line of `input` at each call, without its end; `null` after the last one. Nothing else stops meanwhile. */
function lineReader(
  input: { read(buffer: Uint8Array): Promise<number | null> },
): () => Promise<string | null> {
  let rest: number[] = [];
  const buffer = new Uint8Array(1024);
  return async () => {
    for (;;) {
      const end = rest.indexOf(NEWLINE);
      if (end >= 0 || rest.length > MAX_LINE_OCTETS) {
        const line = rest.slice(0, end < 0 ? rest.length : end);
        rest = rest.slice(line.length + 1);
        return textOf(line);
      }
      const count = await input.read(buffer);
      if (count === null) {
        const last = rest;
        rest = [];
        return last.length === 0 ? null : textOf(last);
      }
      rest.push(...buffer.subarray(0, count));
    }
  };
}

function textOf(octets: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(octets)).replace(/\r$/, "");
}

/**
 * The default stands in brackets. The runtime's own prompt() would put it where it is edited, so that what is typed
 * follows it, and would lose lines that are pasted or typed ahead.
 */
function askOnTerminal(question: string, byDefault: string): string | null {
  write(Deno.stdout, byDefault === "" ? `${question} ` : `${question} [${byDefault}] `);
  const typed = lines.next();
  if (typed === null) write(Deno.stdout, "\n");
  return typed === null ? null : typed.trim() || byDefault;
}

/** Lines of standard input, one at a time. */
const lines = {
  unread: "",
  next(): string | null {
    const octets = new Uint8Array(4096);
    const decoder = new TextDecoder();
    while (!this.unread.includes("\n")) {
      const count = Deno.stdin.readSync(octets) ?? 0;
      // Ctrl-D: end of input, termios(3).
      if (count === 0) return null;
      this.unread += decoder.decode(octets.subarray(0, count), { stream: true });
    }
    const end = this.unread.indexOf("\n");
    const line = this.unread.slice(0, end);
    this.unread = this.unread.slice(end + 1);
    return line;
  },
};

/** https://no-color.org: set and not empty means no colours. */
function showsColours(env: (name: string) => string | undefined): boolean {
  return !env("NO_COLOR") && env("TERM") !== "dumb";
}

/** Returns false if the reader went away, as in `vipd status | head -1`: it has what it wants. */
function print(text: string): boolean {
  try {
    write(Deno.stdout, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    // Errors of the system have a code; any other is a defect.
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new CliError(EXIT.failure, `standard output takes no more: ${error.message}`);
  }
}

/** If a complaint cannot be written, only the exit code remains. */
function complain(text: string): void {
  try {
    write(Deno.stderr, text);
  } catch {
    // Nobody reads it, or its disk is full.
  }
}

function write(stream: { writeSync(data: Uint8Array): number }, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}
