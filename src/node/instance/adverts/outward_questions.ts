/**
 * Asks the kernel once a second, for each link with a backup, whether adverts would leave: a backup sends none, and nobody
 * would know before it is to serve that its own firewall drops them.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../../host/clock.ts";
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
    this.#cancel = this.#clock.setTimer(this.#clock.nowMs() + EVERY_MS, () => {
      this.#ask();
      this.start();
    }, EVERY_MS / 4);
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
