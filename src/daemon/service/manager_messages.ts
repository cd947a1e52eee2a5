/**
 * Messages to the service manager, which may not read for a while: the engine waits for nobody, so those that find no
 * place are sent again, in order, once there is some; sd_notify(3).
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";

const AGAIN_MS = 100;
/** More are never under way: the sign of life waits for nothing, and of the states only the last one does. */
const MAX_WAITING = 16;

export interface ManagerMessagesOptions {
  /** Sends one, and says `EAGAIN` if there is no place for it at the moment. */
  readonly send: (state: string) => HostError | null;
  readonly timers: Pick<Clock, "nowMs" | "setTimer">;
  /** Another error: the message is lost. */
  readonly failed: (error: HostError) => void;
}

export class ManagerMessages {
  readonly #options: ManagerMessagesOptions;
  #waiting: string[] = [];

  constructor(options: ManagerMessagesOptions) {
    this.#options = options;
  }

  /** Sends lines such as `READY=1`, now or as soon as possible. */
  send(state: string): void {
    if (this.#waiting.length === 0 && this.#taken(state)) return;
    const kind = kindOf(state);
    // The next one comes by itself.
    if (kind === "WATCHDOG") return;
    const before = this.#waiting.length;
    if (kind === "STATUS") this.#waiting = this.#waiting.filter((one) => kindOf(one) !== kind);
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(state);
    if (before === 0) this.#tryLater();
  }

  #tryLater(): void {
    const { timers } = this.#options;
    timers.setTimer(timers.nowMs() + AGAIN_MS, () => {
      while (this.#waiting.length > 0 && this.#taken(this.#waiting[0]!)) this.#waiting.shift();
      if (this.#waiting.length > 0) this.#tryLater();
    });
  }

  /** False if it found no place; any other error is the end of it. */
  #taken(state: string): boolean {
    const error = this.#options.send(state);
    if (error?.code === "EAGAIN") return false;
    if (error !== null) this.#options.failed(error);
    return true;
  }
}

/** `READY` of `READY=1`. */
function kindOf(state: string): string {
  return state.slice(0, state.indexOf("="));
}
