/**
 * The outcomes of the last commands, by their keys: vipd carries out each key once, however often it is sent.
 *
 * @module
 */

import type { CommandOutcome, CommandRequest } from "../../ipc/messages.ts";

/** How many commands the ledger remembers, and for how long, in milliseconds. */
const MAX_COMMANDS = 256;
const REMEMBERED_MS = 10 * 60_000;

interface Remembered {
  /** The command, to distinguish a repetition from another command. */
  readonly command: string;
  readonly outcome: Promise<CommandOutcome>;
  readonly atMs: number;
}

export class CommandLedger {
  readonly #nowMs: () => number;
  readonly #commands = new Map<string, Remembered>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Carries out the command, or returns the outcome of the first use of its key. */
  once(
    key: string,
    command: CommandRequest,
    carryOut: () => Promise<CommandOutcome>,
  ): Promise<CommandOutcome> {
    this.#forgetOld();
    const text = JSON.stringify(command);
    const known = this.#commands.get(key);
    if (known) {
      return known.command === text ? known.outcome : Promise.resolve({ kind: "key_reused" });
    }
    const outcome = carryOut();
    this.#commands.set(key, { command: text, outcome, atMs: this.#nowMs() });
    return outcome;
  }

  #forgetOld(): void {
    for (const [key, { atMs }] of this.#commands) {
      const fresh = this.#nowMs() - atMs < REMEMBERED_MS;
      if (fresh && this.#commands.size < MAX_COMMANDS) return;
      this.#commands.delete(key);
    }
  }
}
