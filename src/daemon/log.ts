/**
 * The journal as log lines on standard error. Writing never blocks the daemon: if nobody reads the lines, it drops and
 * counts the oldest.
 *
 * @module
 */

import { threadPool } from "../runtime/thread_pool.ts";
import { atMost } from "../runtime/waiting.ts";
import type { JournalEntry, Severity } from "../status/journal.ts";
import { printable, printableJson } from "../wire/printable.ts";

/** `systemd`: priority prefix, no time, because journald adds its own (sd-daemon(3)). */
export const LOG_FORMATS = ["text", "systemd", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The most severe first; syslog(3) numbers, which sd-daemon(3) uses as prefix. */
const PRIORITY = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const satisfies Record<
  Severity,
  number
>;

export const LOG_LEVELS = Object.keys(PRIORITY) as readonly Severity[];

/** Lines that wait for a slow reader. */
const QUEUE_LINES = 1000;

/** One line, with its newline. */
export function logLine(entry: JournalEntry, format: LogFormat): string {
  if (format === "json") return `${printableJson(JSON.stringify(entry))}\n`;
  // Every message on one line: text from others must not look like lines of vipd.
  const { time, severity } = entry;
  const text = `${entry.message.replaceAll("\n", " | ")} [${entry.code}]`;
  if (format === "systemd") return `<${PRIORITY[severity]}>${printable(text)}\n`;
  return `${printable(`${time} ${severity.padEnd(7)} ${text}`)}\n`;
}

export interface LogOptions {
  readonly format: LogFormat;
  /** The least severe entries that the log writes. */
  readonly level: Severity;
  /** Takes octets as `Deno.stderr.write` does: resolves to how many it took. */
  readonly write: (octets: Uint8Array) => Promise<number>;
}

export class Log {
  readonly #options: LogOptions;
  readonly #queue: string[] = [];
  #dropped = 0;
  #writing: Promise<void> | null = null;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** Queues one entry. */
  add(entry: JournalEntry): void {
    if (PRIORITY[entry.severity] > PRIORITY[this.#options.level]) return;
    this.#queue.push(logLine(entry, this.#options.format));
    if (this.#queue.length > QUEUE_LINES) {
      this.#queue.shift();
      this.#dropped++;
    }
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything is written, or after `limitMs` if nobody reads. */
  async flush(limitMs: number): Promise<void> {
    if (this.#writing) await atMost(this.#writing, limitMs, undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0).join("");
      const lost = this.#dropped === 0 ? "" : `(${this.#dropped} lines were not read in time)\n`;
      this.#dropped = 0;
      await this.#writeText(lost + batch);
    }
    this.#writing = null;
  }

  /** A log that cannot be written is no reason to stop serving. */
  async #writeText(text: string): Promise<void> {
    try {
      await threadPool.run("log", () => this.#write(text));
    } catch {
      this.#dropped++;
    }
  }

  async #write(text: string): Promise<void> {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(await this.#options.write(rest));
  }
}
