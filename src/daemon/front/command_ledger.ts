/**
 * The outcomes of the last commands, by their keys: vipd carries out each key once, however often it is sent.
 *
 * @module
 */

import type { CommandOutcome, CommandRequest } from "../../ipc/messages.ts";

/** How many commands the ledger remembers, and for how long, in milliseconds. */
const MAX_ORDERS = 256;
const REMEMBERED_MS = 10 * 60_000;

interface Remembered {
  /** The command, to distinguish a repetition from another command. */
  readonly order: string;
  readonly outcome: Promise<CommandOutcome>;
  readonly atMs: number;
}

export class CommandLedger {
  readonly #nowMs: () => number;
  readonly #orders = new Map<string, Remembered>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Carries out the command, or returns the outcome of the first use of its key. */
  once(
    key: string,
    order: CommandRequest,
    carryOut: () => Promise<CommandOutcome>,
  ): Promise<CommandOutcome> {
    this.#forgetOld();
    const text = JSON.stringify(order);
    const known = this.#orders.get(key);
    if (known) {
      return known.order === text ? known.outcome : Promise.resolve({ kind: "key_reused" });
    }
    const outcome = carryOut();
    this.#orders.set(key, { order: text, outcome, atMs: this.#nowMs() });
    return outcome;
  }

  #forgetOld(): void {
    for (const [key, { atMs }] of this.#orders) {
      const fresh = this.#nowMs() - atMs < REMEMBERED_MS;
      if (fresh && this.#orders.size < MAX_ORDERS) return;
      this.#orders.delete(key);
    }
  }
}
