/**
 * What became of the last orders, by their keys: one key is carried out once, however often it is sent.
 *
 * @module
 */

import type { CommandOutcome, CommandRequest } from "../../ipc/messages.ts";

/** So many orders are remembered, for so long in milliseconds. */
const MAX_ORDERS = 256;
const REMEMBERED_MS = 10 * 60_000;

interface Remembered {
  /** What was ordered, to tell a repetition from another order. */
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

  /** Carries the order out, or gives what became of it when its key was first used. */
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
