/**
 * Whether this machine's firewall lets the adverts of one instance out: a master learns it with each advert, a backup
 * asks.
 *
 * @module
 */

import type { HostError } from "../../../host/errors.ts";
import type { SendOutcome } from "./advert_sender.ts";

/** The code of what a firewall drops: what else keeps adverts from leaving shows in the state of the link. */
const DROPPED = "EPERM";

/** The adverts are blocked, and by what. */
interface Blocked {
  readonly message: string;
  /** A question was answered so, too: then another answer says that it is over. */
  readonly asked: boolean;
}

export class WayOut {
  #blocked: Blocked | null = null;

  /** Why the adverts do not leave, one sentence; `null` if they do, or nothing is known. Stands until one has left. */
  get problem(): string | null {
    return this.#blocked?.message ?? null;
  }

  /** An advert has left or not. */
  sent({ left, error }: SendOutcome): void {
    // An advert that the interface drops has passed the firewall's output chains: a question would be answered well.
    if (left || error?.code === "ENOBUFS") this.#blocked = null;
    else if (error?.code === DROPPED) {
      this.#blocked = { message: error.message, asked: this.#blocked?.asked ?? false };
    }
  }

  /**
   * The kernel's answer to a question.
   *
   * @returns true if it shows that what was refused before would leave now.
   */
  answered(error: HostError | null): boolean {
    if (error?.code === DROPPED) {
      this.#blocked = { message: error.message, asked: true };
      return false;
    }
    // A question ends before the postrouting chains, which may be what drops the adverts.
    const over = error === null && this.#blocked?.asked === true;
    if (over) this.#blocked = null;
    return over;
  }
}
