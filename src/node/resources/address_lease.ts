/**
 * The lease of the virtual addresses of one instance: when it began, when adverts renew it, and when it has lapsed.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Host } from "../../host/host.ts";
import type { LeaseStatus } from "../../status/status.ts";
import type { VirtualAddress } from "../../vip/addresses.ts";
import { Lease } from "../../vip/lease.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";

/** The addresses as their lease needs them. */
export interface AddressLeaseContext {
  readonly host: Host;
  /** Addresses that are on their devices because of this instance. */
  readonly actual: () => readonly VirtualAddress[];
  /** True while the instance wants them there. */
  readonly acquired: () => boolean;
  /** Is called if the kernel has not renewed one: adding them again finds out, reports and fixes what it lacks. */
  readonly notRenewed: (addresses: readonly VirtualAddress[]) => void;
}

export class AddressLease {
  readonly #context: AddressLeaseContext;
  /** `null` when the addresses stay until they are removed. */
  #lease: Lease | null;

  constructor(config: InstanceConfig, context: AddressLeaseContext) {
    this.#context = context;
    this.#lease = leaseOf(config);
  }

  /** How long the kernel keeps an address that is added or renewed now; undefined without a lease. */
  get seconds(): number | undefined {
    return this.#lease?.seconds;
  }

  /** True when the host has removed the addresses, or is about to, because they were not renewed for so long. */
  get lapsed(): boolean {
    if (!this.#lease || !this.#context.acquired()) return false;
    return this.#lease.lapsed(this.#context.host.nowMs());
  }

  /**
   * When the host removes the addresses unless they are renewed, or would if they were added now, in monotonic
   * milliseconds; `null` without a lease.
   */
  get endsMs(): number | null {
    if (!this.#lease) return null;
    const fromMs = this.#context.acquired() ? this.#lease.renewedMs : this.#context.host.nowMs();
    return fromMs + this.#lease.seconds * 1000;
  }

  /** The addresses are added now. */
  begin(): void {
    this.#lease?.renewed(this.#context.host.nowMs());
  }

  /** An advert leaves now; `last` when none follows until the addresses are removed. */
  advertLeaves(last: boolean): void {
    if (!this.#lease || !this.#context.acquired()) return;
    const nowMs = this.#context.host.nowMs();
    if (last || this.#lease.due(nowMs)) this.renew(nowMs);
  }

  /** Another lease from now on. Until it is renewed, the time since the old one was counts. */
  reconfigure(config: InstanceConfig): void {
    const lease = leaseOf(config);
    lease?.renewed(this.#lease?.renewedMs ?? this.#context.host.nowMs());
    this.#lease = lease;
  }

  renew(nowMs = this.#context.host.nowMs()): void {
    if (!this.#lease) return;
    // Before the host's own clock starts, so that this one ends first.
    this.#lease.renewed(nowMs);
    const actual = this.#context.actual();
    this.#context.host.renewAddresses(actual, this.#lease.seconds, () => {
      if (!this.lapsed) this.#context.notRenewed(actual);
    });
  }

  /** `desired`: whether any address is to be there now. */
  status(desired: boolean): LeaseStatus | null {
    if (!this.#lease) return null;
    const ageMs = Math.round(this.#lease.ageMs(this.#context.host.nowMs()));
    return { seconds: this.#lease.seconds, renewed_ms_ago: desired ? ageMs : null };
  }
}

function leaseOf({ leaseSeconds, advertIntervalCs }: InstanceConfig): Lease | null {
  return leaseSeconds === null ? null : new Lease(leaseSeconds, centisecondsToMs(advertIntervalCs));
}
