/**
 * The source of one instance's adverts over time. Peers know a router by it: they compare it in a tie, and unicast
 * peers refuse any other. So it stays as long as the interface has it, whatever stands before it in the kernel's list;
 * a moment without it changes nothing; and if another took its place, it takes it back.
 *
 * @module
 */

import { type IsVirtual, mayBeSource, type Sender } from "../../../config/values/source_address.ts";
import type { CancelTimer } from "../../../host/clock.ts";
import type { Host } from "../../../host/host.ts";
import type { InterfaceAddress, InterfaceState } from "../../../host/interfaces.ts";
import type { IpAddress } from "../../../wire/address.ts";
import { missingSource, possibleSources } from "./source_address.ts";
import { ADDRESS_GRACE_MS } from "../../resources/lost_addresses.ts";

/** The state of the source now. */
export interface SourceNow {
  /** The source, the last one while there is none; `null` before the first. */
  readonly address: IpAddress | null;
  /** Why the instance must not run, one sentence; `null` while it has a source or has missed it for a moment only. */
  readonly problem: string | null;
}

type SourceHost = Pick<Host, "nowMs" | "setTimer" | "readInterfaces">;

export class AdvertSource {
  readonly #host: SourceHost;
  readonly #missed: () => void;
  #address: IpAddress | null = null;
  /** The source before `#address` took its place. */
  #replaced: IpAddress | null = null;
  /** Since when the interface, which is up, does not have it; `null` while it has. */
  #missingSinceMs: number | null = null;
  #cancel: CancelTimer = () => {};

  /** `missed` is called when the source has been away for too long: it is time to look again. */
  constructor(host: SourceHost, missed: () => void) {
    this.#host = host;
    this.#missed = missed;
  }

  /** Looks at the interface, `null` while there is none, and at its own addresses. */
  look(
    state: InterfaceState | null,
    sender: Sender,
    isVirtual: IsVirtual,
    own: readonly InterfaceAddress[],
  ): SourceNow {
    // A link that comes up has the addresses that it will have, or gets them much later.
    if (!state?.up) return this.#missing(-Infinity, null);
    if (this.#address !== null && !mayBeSource(this.#address, sender, isVirtual)) {
      this.#missing(-Infinity, null);
    }
    const possible = possibleSources(state, sender, isVirtual, own);
    const next = this.#choose(possible);
    if (next !== null) return this.#found(next);
    const since = this.#missingSinceMs ?? this.#host.nowMs();
    return this.#missing(since, missingSource(sender, possible));
  }

  /** The one to speak from; `null` when it is to be waited for, or there is none. */
  #choose(possible: readonly InterfaceAddress[]): IpAddress | null {
    const usable = possible.filter(({ unusable }) => unusable === undefined)
      .map(({ address }) => address);
    if (this.#replaced !== null && usable.includes(this.#replaced)) return this.#replaced;
    if (this.#address === null) return usable[0] ?? null;
    if (usable.includes(this.#address) || this.#isCheckedAgain(possible)) return this.#address;
    return this.#graceOver ? usable[0] ?? null : null;
  }

  /** It was away for a moment, and the kernel is to find out whether it is unique, as it already was. */
  #isCheckedAgain(possible: readonly InterfaceAddress[]): boolean {
    return this.#missingSinceMs !== -Infinity &&
      possible.some(({ address, unusable }) =>
        address === this.#address && unusable === "tentative"
      );
  }

  get #graceOver(): boolean {
    const since = this.#missingSinceMs;
    return since !== null && this.#host.nowMs() >= since + ADDRESS_GRACE_MS;
  }

  #found(next: IpAddress): SourceNow {
    if (next === this.#replaced) this.#replaced = null;
    else if (next !== this.#address) this.#replaced = this.#address;
    this.#address = next;
    this.#missingSinceMs = null;
    this.#cancel();
    return { address: next, problem: null };
  }

  #missing(since: number, problem: string | null): SourceNow {
    const before = this.#missingSinceMs;
    this.#missingSinceMs = since;
    if (since !== before) {
      this.#cancel();
      const waits = since > -Infinity && this.#address !== null;
      if (waits) this.#cancel = this.#host.setTimer(since + ADDRESS_GRACE_MS, () => this.#end());
    }
    const mustSay = this.#address === null || this.#graceOver;
    return { address: this.#address, problem: mustSay ? problem : null };
  }

  /** It may be back, and tentative, for a while already. */
  #end(): void {
    this.#host.readInterfaces();
    this.#missed();
  }
}
