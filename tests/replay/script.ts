/**
 * What a recording says of the turn that is replayed: the host's answers in it, and what the engine did then.
 *
 * @module
 */

import { type Did, type Heard, plainText, type Turn } from "../../src/recording/line.ts";

export class Script {
  /** What the host answers to each question now. */
  readonly #answers = new Map<string, unknown>();
  readonly #asked = new Map<string, number>();
  #turn: Turn | null = null;
  /** Of what the turn recorded, what was not done again yet. */
  #left: Did[] = [];
  #done: Did[] = [];
  #deliver: (heard: Heard) => void = () => {};

  /** Calls `deliver` with what was heard during a call. */
  onHeard(deliver: (heard: Heard) => void): void {
    this.#deliver = deliver;
  }

  /** A turn begins. */
  begin(turn: Turn): void {
    this.#answers.set("now", turn.atMs);
    this.#answers.set("wall", turn.wallMs);
    this.#asked.clear();
    this.#turn = turn;
    this.#left = [...turn.did ?? []];
    this.#done = [];
  }

  /** The turn is over; returns what was done in it. */
  finish(): readonly Did[] {
    // What changed counts from now on, whether or not it was asked for.
    for (const [question, , ...answers] of this.#turn?.answers ?? []) {
      this.#answers.set(question, answers.at(-1));
    }
    return this.#done;
  }

  /** How much was done in this turn. */
  get done(): number {
    return this.#done.length;
  }

  /** The host is asked; `unknown`: its answer to what nobody had asked it in the field. */
  ask<T>(question: string, unknown: T): T {
    const nth = (this.#asked.get(question) ?? 0) + 1;
    this.#asked.set(question, nth);
    for (const [other, from, ...answers] of this.#turn?.answers ?? []) {
      const changes = other === question && nth >= from && nth < from + answers.length;
      if (changes) this.#answers.set(question, answers[nth - from]);
    }
    return this.#answers.has(question) ? this.#answers.get(question) as T : unknown;
  }

  /** The engine does something; returns what the host answered to it in the field, `undefined` for nothing. */
  act(call: string, args: readonly unknown[]): unknown {
    const text = plainText([call, args]);
    const index = this.#left.findIndex((did) => plainText([did.do, did.with]) === text);
    const recorded = index < 0 ? undefined : this.#left.splice(index, 1)[0];
    this.#done.push(recorded ?? { do: call, with: args });
    // What was heard during the call.
    while (index >= 0 && this.#left[index]?.do === "heard") {
      const [heard] = this.#left.splice(index, 1);
      this.#done.push(heard!);
      this.#deliver(heard!.with[0] as Heard);
    }
    return recorded?.result;
  }
}
