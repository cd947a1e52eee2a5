/**
 * A process inside a lab host: its lines, its signals, its end.
 *
 * @module
 */

import { clockMs, waitFor } from "./wait.ts";

/** How many of a process's last lines are kept for error messages. */
const KEPT_LINES = 200;

/** How a finished process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** A long-running process inside a host, from start to end. */
export class LabProcess {
  readonly name: string;
  /** When it was started, in milliseconds since the epoch. */
  readonly startedAtMs = clockMs();
  /** Resolves when the process has ended and all its output was read. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  #running = true;

  /** @param child `nsenter`, whose only child is the process itself. */
  constructor(name: string, child: Deno.ChildProcess) {
    this.name = name;
    this.#child = child;
    this.ended = this.#follow();
  }

  get running(): boolean {
    return this.#running;
  }

  /** The last lines that the process wrote, standard output and standard error together. */
  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Calls `listener` with every further line of output; returns a function that stops this. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The process's id as this program sees it, or `null` if it has ended. */
  async pid(): Promise<number | null> {
    const id = this.#child.pid;
    return await waitFor(`the start of ${this.name}`, async () => {
      if (!this.#running) return { pid: null };
      const children = await Deno.readTextFile(`/proc/${id}/task/${id}/children`).catch(() => "");
      const first = children.trim().split(" ")[0];
      return first ? { pid: Number(first) } : null;
    }, { timeoutMs: 5000, everyMs: 5 }).then((found) => found.pid);
  }

  /** Sends a signal to the process itself; does nothing if it has ended. */
  async signal(signal: Deno.Signal): Promise<void> {
    const pid = await this.pid();
    if (pid === null) return;
    sendSignal(pid, signal);
    // nsenter(1) stops together with its child and has to be woken as well.
    if (signal === "SIGCONT") sendSignal(this.#child.pid, signal);
  }

  /** Ends the process: SIGTERM, and SIGKILL if it takes longer than `graceMs`. */
  async stop(graceMs = 5000): Promise<ProcessEnd> {
    await this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL").catch(() => {}), graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(): Promise<ProcessEnd> {
    const [status] = await Promise.all([
      this.#child.status,
      this.#read(this.#child.stdout),
      this.#read(this.#child.stderr),
    ]);
    this.#running = false;
    return { code: status.code, signal: status.signal };
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of lines(stream)) {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      for (const listener of this.#listeners) listener(line);
    }
  }
}

/** Splits a byte stream into lines of UTF-8; the last one may lack its line end. */
export async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** Sends a signal to a process; does nothing if it has ended. */
export function sendSignal(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!saysEnded(error)) throw error;
  }
}

/**
 * Whether an error says that a process, or a thread, has ended: its files in /proc are gone, or, opened before its end,
 * cannot be read any more (ESRCH, for which the runtime has no class of its own).
 */
export function saysEnded(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && /ESRCH|No such process/.test(error.message));
}
