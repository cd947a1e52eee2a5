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
  readonly #pids = new Set<number>();

  /** Starts looking; `pid` says which process it is now. */
  constructor(pid: () => Promise<number | null>) {
    this.#pid = pid;
    this.#timer = setInterval(() => void this.now(), EVERY_MS);
  }

  /** The most that was seen, in octets, of one that was started again, too; NaN if nothing was. */
  get peakOctets(): number {
    const known = this.#seen.map(({ octets }) => octets).filter((it) => !Number.isNaN(it));
    return known.length === 0 ? NaN : Math.max(...known);
  }

  /** How many processes it was, one after the other. */
  get processes(): number {
    return this.#pids.size;
  }

  /** What was seen first at that time or later, in octets; NaN if nothing was. */
  octetsAt(ms: number): number {
    return this.#seen.find(({ atMs }) => atMs >= ms)?.octets ?? NaN;
  }

  /** Its own memory now, in octets; NaN while it does not run. */
  async now(): Promise<number> {
    const pid = await this.#pid();
    if (pid !== null) this.#pids.add(pid);
    const octets = pid === null ? NaN : await anonymousOctets(pid);
    this.#seen.push({ atMs: clockMs(), octets });
    return octets;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
