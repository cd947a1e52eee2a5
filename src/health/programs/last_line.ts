/**
 * The last line that a program wrote.
 *
 * @module
 */

import { chunksOf } from "../../runtime/program_output.ts";

/** How much of the end of the output this keeps. */
const KEPT_OCTETS = 1024;
const LINE_CHARACTERS = 160;
/** After this much output the reader pauses between reads, so that a program that floods does not occupy the daemon. */
const UNHURRIED_AFTER_OCTETS = 256 * 1024;
const PAUSE_MS = 2;

/** Reads a pipe to its end, so that its writer never waits for long, and remembers the last line. */
export class LastLine {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #drained: Promise<void>;
  #tail = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#drained = this.#drain();
  }

  /** The last line that is not empty, printable and cut to a sensible length; empty if there is none. */
  get text(): string {
    const lines = new TextDecoder().decode(this.#tail).split(/[\r\n]+/);
    const last = lines.map((line) => line.replace(/\p{C}+/gu, " ").trim()).findLast(Boolean) ?? "";
    return last.length > LINE_CHARACTERS ? `${last.slice(0, LINE_CHARACTERS)}...` : last;
  }

  /** Waits at most `graceMs` for the end of the output, then closes the pipe. */
  async end(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#letGo(), graceMs);
    await this.#drained;
    clearTimeout(timer);
  }

  #letGo(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #drain(): Promise<void> {
    let total = 0;
    try {
      for await (const octets of chunksOf(this.#reader)) {
        this.#keep(octets);
        total += octets.length;
        if (total > UNHURRIED_AFTER_OCTETS) await pause();
      }
    } catch {
      // A pipe that breaks has delivered its output.
    }
  }

  #keep(octets: Uint8Array): void {
    const both = new Uint8Array(this.#tail.length + octets.length);
    both.set(this.#tail);
    both.set(octets, this.#tail.length);
    this.#tail = both.slice(-KEPT_OCTETS);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
