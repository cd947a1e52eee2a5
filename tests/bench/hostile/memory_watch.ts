/**
 * The memory of a process, looked at so often that a short peak does not go by.
 *
 * @module
 */

import { anonymousOctets } from "../../../lab/usage.ts";
import { clockMs } from "../../../lab/wait.ts";

const EVERY_MS = 250;

export class MemoryWatch implements Disposable {
  readonly #pid: () => Promise<number | null>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #seen: { readonly atMs: number; readonly octets: number }[] = [];

  /** Starts looking; `pid` says which process it is now. */
  constructor(pid: () => Promise<number | null>) {
    this.#pid = pid;
    this.#timer = setInterval(() => void this.now(), EVERY_MS);
  }

  /** The most that was seen, in octets; one that started anew counts as the same. */
  get peakOctets(): number {
    return this.#seen.reduce((most, { octets }) => octets > most ? octets : most, 0);
  }

  /** What was seen first at that time or later, in octets; NaN if nothing was. */
  octetsAt(ms: number): number {
    return this.#seen.find(({ atMs }) => atMs >= ms)?.octets ?? NaN;
  }

  /** Its own memory now, in octets; NaN while it does not run. */
  async now(): Promise<number> {
    const pid = await this.#pid();
    const octets = pid === null ? NaN : await anonymousOctets(pid);
    this.#seen.push({ atMs: clockMs(), octets });
    return octets;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
