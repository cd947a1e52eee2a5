/**
 * Accept_Mode off (RFC 9568 section 6.4.3): what comes for the addresses of such an instance is refused as long as the
 * daemon runs, not only while it is master. So there is no moment at which an address is there and its packets are
 * accepted, and it is known before an election whether the host can refuse at all.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Addresses } from "../../host/addresses.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { VirtualAddress } from "../../vip/addresses.ts";
import type { Alarms } from "../journal/alarms.ts";
import { RETRY_MS } from "./reconciler.ts";

const HINT =
  "the instances with `accept: false` hold no address until it works, which is tried every " +
  `${RETRY_MS / 1000} s; remove \`accept: false\` if nothing must be refused`;

export class AcceptMode {
  readonly #host: Addresses & Clock;
  readonly #alarms: Alarms;
  readonly #changed: () => void;
  #addresses: readonly VirtualAddress[] = [];
  /** Why packets are not refused; empty when they are. */
  #problem = "";
  #cancelRetry: CancelTimer = () => {};

  /** `changed` is called when the host begins to refuse packets or to fail at it. */
  constructor(host: Addresses & Clock, alarms: Alarms, changed: () => void) {
    this.#host = host;
    this.#alarms = alarms;
    this.#changed = changed;
  }

  /** Refuses packets to the addresses of those instances that do not accept them. */
  start(instances: readonly InstanceConfig[]): void {
    this.#addresses = instances.filter(blocksPackets).flatMap(({ addresses }) => addresses);
    this.#reconcile();
  }

  /** Why the instance must not carry its addresses; `null` when nothing speaks against it. */
  fault(instance: InstanceConfig): string | null {
    return this.#problem !== "" && blocksPackets(instance) ? this.#problem : null;
  }

  /** Refuses nothing any more; the addresses are off. */
  stop(): void {
    this.start([]);
  }

  #reconcile(): void {
    this.#cancelRetry();
    const problem = this.#host.blockPackets(this.#addresses)?.message ?? "";
    if (problem) {
      this.#cancelRetry = this.#host.setTimer(
        this.#host.nowMs() + RETRY_MS,
        () => this.#reconcile(),
      );
    }
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem) this.#alarms.raise("refusal_failed", null, { message: problem, hint: HINT });
    else this.#alarms.clear("refusal_failed", null);
    this.#changed();
  }
}

function blocksPackets({ accept }: InstanceConfig): boolean {
  return accept === false;
}
