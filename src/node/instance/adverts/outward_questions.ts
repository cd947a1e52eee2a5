/**
 * Asks the kernel once a second, for each link with a backup, whether adverts would leave: a backup sends none, and nobody
 * would know before it is to serve that its own firewall drops them.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../../host/clock.ts";
import { repeat } from "../../../host/regular_work.ts";
import type { Instance } from "../instance.ts";

const EVERY_MS = 1000;

export class OutwardQuestions {
  readonly #clock: Clock;
  readonly #instances: () => readonly Instance[];
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock, instances: () => readonly Instance[]) {
    this.#clock = clock;
    this.#instances = instances;
  }

  start(): void {
    this.#cancel = repeat(this.#clock, EVERY_MS, () => this.#ask());
  }

  stop(): void {
    this.#cancel();
  }

  /** One question for each link: a thousand instances on it have one way out. */
  #ask(): void {
    const askable = this.#instances().filter(({ asksWayOut }) => asksWayOut);
    for (const onLink of Map.groupBy(askable, ({ config }) => config.interface).values()) {
      const answer = onLink[0]!.askWayOut();
      for (const instance of onLink) instance.wayOutAnswered(answer);
    }
  }
}
