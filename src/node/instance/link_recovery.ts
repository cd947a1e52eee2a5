/**
 * The behaviour of an instance after its link came up: neighbours have to find each other before silence means that nobody is
 * there. Between unicast peers an advert arrives only when its sender has resolved this node's address, and the kernel
 * repeats a question that was not answered after a second (neigh/retrans_time_ms).
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Host } from "../../host/host.ts";
import { familyOf, type IpAddress } from "../../wire/address.ts";

/** How long a router waits for a master at least after its link came up, in milliseconds: that second, and some more. */
export const RESOLUTION_MS = 1200;
/** Time until the own address is announced once more, in milliseconds: a switch may not forward the first one. */
const ANNOUNCE_AGAIN_MS = 500;

export class LinkRecovery {
  readonly #host: Pick<Host, "nowMs" | "setTimer" | "announce">;
  /** When the link came up; `null` once a master was heard since, or this router became it. */
  #upAtMs: number | null = null;

  constructor(host: Pick<Host, "nowMs" | "setTimer" | "announce">) {
    this.#host = host;
  }

  /** Nobody's silence counts before this time, in monotonic milliseconds; `-Infinity` if it counts already. */
  get notBeforeMs(): number {
    return this.#upAtMs === null ? -Infinity : this.#upAtMs + RESOLUTION_MS;
  }

  /** The link came up, or has got an address for this node. */
  cameUp(config: InstanceConfig, source: IpAddress | null): void {
    this.#upAtMs = this.#host.nowMs();
    if (source === null) return;
    this.announce(config, source);
    const againMs = this.#upAtMs + ANNOUNCE_AGAIN_MS;
    this.#host.setTimer(againMs, () => this.announce(config, source));
  }

  /** A master speaks, or this router does: from now on silence means what it always does. */
  over(): void {
    this.#upAtMs = null;
  }

  /** Neighbours learn where this node's own address is. An error shows with the adverts, too. */
  announce({ interface: device }: InstanceConfig, source: IpAddress): void {
    const prefixLength = familyOf(source) === "ipv4" ? 32 : 128;
    this.#host.announce({ address: source, prefixLength, device });
  }

  /**
   * Whether this router leaves the master to another node that says it is master, although no advert of it has arrived
   * since the link came up: it would if it heard one of lower priority.
   */
  defers({ preempt, preemptDelayMs }: Pick<InstanceConfig, "preempt" | "preemptDelayMs">): boolean {
    if (this.#upAtMs === null) return false;
    return !preempt || this.#host.nowMs() < this.#upAtMs + preemptDelayMs;
  }
}
