/**
 * When the addresses of one instance are announced on the link, and which: all of them after a takeover and on their
 * schedule, those that a reload has added alone.
 *
 * @module
 */

import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import { isAlike, sameAddress, type VirtualAddress } from "../../vip/addresses.ts";
import {
  type Announcement,
  AnnouncementSchedule,
  type AnnounceTimings,
} from "../../vip/announcements.ts";
import type { AnnouncementCause } from "../../vrrp/router_events.ts";
import { Announcing, type AnnouncingHost } from "./announcing.ts";

export interface AddressAnnouncementsContext {
  readonly host: AnnouncingHost;
  /** The addresses that are on the host now. */
  readonly held: () => readonly VirtualAddress[];
  /** Is called with what the host refused. */
  readonly failed: (address: VirtualAddress, error: HostError) => void;
}

export class AddressAnnouncements {
  #timings: AnnounceTimings;
  readonly #host: AnnouncingHost;
  readonly #held: () => readonly VirtualAddress[];
  readonly #schedule: AnnouncementSchedule;
  readonly #announcing: Announcing;
  #cancelNext: CancelTimer = () => {};
  #cancelNewcomers: CancelTimer = () => {};

  constructor(timings: AnnounceTimings, { host, held, failed }: AddressAnnouncementsContext) {
    this.#timings = timings;
    this.#host = host;
    this.#held = held;
    this.#schedule = new AnnouncementSchedule(timings);
    this.#announcing = new Announcing(host, timings.intervalMs, failed);
  }

  /** Lets the link learn where the addresses are, as often as the cause asks for. */
  announce(cause: AnnouncementCause): void {
    const announcement = this.#schedule[cause](this.#host.nowMs());
    if (announcement) this.#announce(announcement);
  }

  /** Other timings from now on; a master continues with them. */
  retime(timings: AnnounceTimings, isMaster: boolean): void {
    this.#timings = timings;
    this.#announcing.intervalMs = timings.intervalMs;
    const nextAtMs = this.#schedule.retime(timings, this.#host.nowMs());
    if (isMaster) this.#announceAt(nextAtMs);
  }

  /** The addresses are others than `before`: what is gone is announced no more, what is new as after a takeover. */
  replaced(before: readonly VirtualAddress[]): void {
    const held = this.#held();
    this.#announcing.keep(held);
    this.#announceNewcomers(
      held.filter((address) => !before.some((former) => isAlike(former, address))),
    );
  }

  cancel(): void {
    this.#cancelNext();
    this.#cancelNewcomers();
    this.#announcing.cancel();
  }

  #announce(announcement: Announcement): void {
    this.#announcing.announce(this.#held(), announcement.repeat);
    this.#announceAt(announcement.nextAtMs);
  }

  #announceAt(atMs: number | null): void {
    this.#cancelNext();
    if (atMs === null) return;
    this.#cancelNext = this.#host.setTimer(
      atMs,
      () => this.#announce(this.#schedule.due(this.#host.nowMs())),
    );
  }

  /** At once and after the delay, but these alone. */
  #announceNewcomers(newcomers: readonly VirtualAddress[]): void {
    if (newcomers.length === 0) return;
    const { repeat, delayMs } = this.#timings;
    this.#announcing.also(newcomers, repeat);
    this.#cancelNewcomers();
    if (delayMs === 0) return;
    this.#cancelNewcomers = this.#host.setTimer(this.#host.nowMs() + delayMs, () => {
      const held = this.#held().filter((address) =>
        newcomers.some((newcomer) => sameAddress(newcomer, address))
      );
      this.#announcing.also(held, repeat);
    });
  }
}
