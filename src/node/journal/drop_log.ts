/**
 * Counts discarded packets and journals them, but not each one (RFC 9568 section 7.1: discards are logged,
 * rate-limited): a reason is reported when it first occurs, and again after a while if it continues.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { Journal } from "../../status/journal.ts";
import { DROP_MESSAGES } from "../../status/codes/messages.ts";
import type { DropCounters } from "../../status/status.ts";
import type { DropReason } from "../../vrrp/receive.ts";
import type { IpAddress } from "../../wire/address.ts";

const QUIET_MS = 60_000;

export class DropLog {
  readonly counters: DropCounters = {};
  readonly #subject: string | undefined;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #loggedAtMs = new Map<DropReason, number>();

  /** `subject`: the instance the packets belong to; absent for those that belong to none. */
  constructor(clock: Clock, journal: Journal, subject?: string) {
    this.#clock = clock;
    this.#journal = journal;
    this.#subject = subject;
  }

  record(reason: DropReason, source: IpAddress, interfaceName: string): void {
    this.#count(reason, 1, `packet from ${source} on ${interfaceName}`);
  }

  /** `count` packets found no room, because too many came; nobody knows whose they were. */
  recordUnread(count: number, interfaceName: string): void {
    this.#count("unread", count, `packets on ${interfaceName}`);
  }

  #count(reason: DropReason, more: number, what: string): void {
    const count = (this.counters[reason] ?? 0) + more;
    this.counters[reason] = count;
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#loggedAtMs.get(reason) ?? -Infinity) < QUIET_MS) return;
    this.#loggedAtMs.set(reason, nowMs);
    const about = this.#subject === undefined ? "" : `${this.#subject}: `;
    const message = `${about}${what} discarded (${reason}, ${count} so far): ` +
      DROP_MESSAGES[reason];
    // A datagram that is not for this node is worth a line, not a warning.
    const severity = this.#subject === undefined ? "info" : "warning";
    this.#journal.record(severity, "packet_dropped", message, this.#subject);
  }
}
