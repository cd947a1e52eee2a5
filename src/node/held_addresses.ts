/**
 * The virtual addresses of one instance on the host: put, taken off, put back, announced.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { isAlike, sameAddress, type VirtualAddress } from "../vip/addresses.ts";
import { type Announcement, AnnouncementSchedule } from "../vip/announcements.ts";
import { Announcing } from "./announcing.ts";
import { Holder, RETRY_MS } from "./holder.ts";
import type { CancelTimer, Host, HostError } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { AddressStatus } from "./status.ts";

export class HeldAddresses {
  #config: InstanceConfig;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #schedule: AnnouncementSchedule;
  readonly #announcing: Announcing;
  readonly #holder: Holder<VirtualAddress>;
  #cancelAnnouncement: CancelTimer = () => {};
  #cancelNewcomers: CancelTimer = () => {};

  /** `heldElsewhere`: another instance of this node has put the same on the host; then it stays there. */
  constructor(
    config: InstanceConfig,
    host: Host,
    journal: Journal,
    heldElsewhere: (address: VirtualAddress) => boolean,
  ) {
    this.#config = config;
    this.#host = host;
    this.#journal = journal;
    this.#schedule = new AnnouncementSchedule(config.announce);
    this.#announcing = new Announcing(host, config.announce.intervalMs, (address, error) => {
      const message = `${text(address)} cannot be announced: ${error.message}`;
      this.#record("warning", "announcement_failed", message);
    });
    this.#holder = new Holder({
      same: sameAddress,
      put: (address) => host.addAddress(address),
      take: (address) => heldElsewhere(address) ? null : host.removeAddress(address),
      refused: (action, address, error) => this.#refused(action, address, error),
      retried: () => this.#announceIfComplete(),
    }, host);
  }

  /** True when every address is on its device. */
  get complete(): boolean {
    return this.#holder.held.length === this.#config.addresses.length;
  }

  /** True when no address is on a device any more. */
  get none(): boolean {
    return this.#holder.held.length === 0;
  }

  /** True while exactly this address is on its device because of this instance. */
  holds(address: VirtualAddress): boolean {
    return this.#holder.held.some((held) => isAlike(held, address));
  }

  acquire(): void {
    this.#holder.want(this.#config.addresses);
  }

  /**
   * Other addresses or timings from now on. A master takes off what is wanted no more, puts on what is new, and
   * announces that alone; what stays is not touched.
   */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
    this.#announcing.intervalMs = config.announce.intervalMs;
    const nextAtMs = this.#schedule.retime(config.announce, this.#host.nowMs());
    if (this.#holder.wanted.length === 0) return;
    this.#announceAt(nextAtMs);
    const before = this.#holder.held;
    // Another prefix or label is another address to the kernel: first off, then on.
    const stay = before.filter((held) => config.addresses.some((wanted) => isAlike(held, wanted)));
    this.#holder.want(stay);
    this.#holder.want(config.addresses);
    this.#announcing.keep(this.#holder.held);
    this.#announceNewcomers(this.#holder.held.filter((held) => !before.includes(held)));
  }

  release(): void {
    this.#cancelAnnouncement();
    this.#cancelNewcomers();
    this.#announcing.cancel();
    this.#holder.want([]);
  }

  /** Something changed on an interface: what another took off is put back. */
  interfaceChanged(): void {
    const gone = this.#holder.missing(this.#present());
    if (gone.length === 0) return;
    for (const address of this.#holder.wanted.length > 0 ? gone : []) {
      this.#record(
        "warning",
        "address_vanished",
        `${text(address)} was removed by another program`,
      );
    }
    this.#holder.lost(gone);
    this.#announceIfComplete();
  }

  /** The first announcements of a mastership. */
  announceTakeover(): void {
    this.#announce(this.#schedule.takeover(this.#host.nowMs()));
  }

  /** A weaker master was heard. */
  announceContested(): void {
    const announcement = this.#schedule.contested(this.#host.nowMs());
    if (announcement) this.#announce(announcement);
  }

  status(): AddressStatus[] {
    return this.#config.addresses.map((address) => ({
      address: address.address,
      prefix_length: address.prefixLength,
      device: address.device,
      label: address.label ?? null,
      advertised: address.advertise ?? true,
      held: this.#holder.holds(address),
    }));
  }

  #refused(action: "put" | "take", address: VirtualAddress, error: HostError): void {
    const what = action === "put" ? "put on" : "removed from";
    const message = `${text(address)} cannot be ${what} ${address.device}: ${error.message}; ` +
      `tried again every ${RETRY_MS / 1000} s`;
    this.#record("error", "address_failed", message);
  }

  #announceIfComplete(): void {
    if (this.complete && this.#holder.wanted.length > 0) this.announceTakeover();
  }

  #announce(announcement: Announcement): void {
    this.#announcing.announce(this.#holder.held, announcement.repeat);
    this.#announceAt(announcement.nextAtMs);
  }

  #announceAt(atMs: number | null): void {
    this.#cancelAnnouncement();
    if (atMs === null) return;
    this.#cancelAnnouncement = this.#host.setTimer(
      atMs,
      () => this.#announce(this.#schedule.due(this.#host.nowMs())),
    );
  }

  /** As after a takeover, at once and after the delay, but these alone. */
  #announceNewcomers(newcomers: readonly VirtualAddress[]): void {
    if (newcomers.length === 0) return;
    const { repeat, delayMs } = this.#config.announce;
    this.#announcing.also(newcomers, repeat);
    this.#cancelNewcomers();
    if (delayMs === 0) return;
    this.#cancelNewcomers = this.#host.setTimer(this.#host.nowMs() + delayMs, () => {
      const held = this.#holder.held.filter((address) => newcomers.includes(address));
      this.#announcing.also(held, repeat);
    });
  }

  #present(): VirtualAddress[] {
    const devices = new Set(this.#config.addresses.map(({ device }) => device));
    return Array.from(devices).flatMap((device) =>
      (this.#host.interfaceState(device)?.addresses ?? []).map((address) => ({
        ...address,
        device,
      }))
    );
  }

  #record(severity: "error" | "warning", code: string, message: string): void {
    this.#journal.record(severity, code, `${this.#config.name}: ${message}`, this.#config.name);
  }
}

function text(address: VirtualAddress): string {
  return `${address.address}/${address.prefixLength}`;
}
