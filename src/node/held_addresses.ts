/**
 * The virtual addresses of one instance on the host: put, taken off, put back, announced. Whatever the
 * host refuses is journaled and tried again; nothing is given up in silence.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { missingAddresses, sameAddress, type VirtualAddress } from "../vip/addresses.ts";
import { type Announcement, AnnouncementSchedule } from "../vip/announcements.ts";
import type { CancelTimer, Host } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { AddressStatus } from "./status.ts";

/** How long to wait before the host is asked again for what it refused or what another undid, in milliseconds. */
const RETRY_MS = 1000;

export class HeldAddresses {
  readonly #config: InstanceConfig;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #schedule: AnnouncementSchedule;
  /** What this node has put on its devices. */
  #held: VirtualAddress[] = [];
  #wanted: readonly VirtualAddress[] = [];
  #retryAtMs = -Infinity;
  #cancelRetry: CancelTimer = () => {};
  #cancelAnnouncement: CancelTimer = () => {};

  constructor(config: InstanceConfig, host: Host, journal: Journal) {
    this.#config = config;
    this.#host = host;
    this.#journal = journal;
    this.#schedule = new AnnouncementSchedule(config.announce);
  }

  /** True when every address is on its device. */
  get complete(): boolean {
    return this.#held.length === this.#config.addresses.length;
  }

  /** True when no address is on a device any more. */
  get none(): boolean {
    return this.#held.length === 0;
  }

  acquire(): void {
    this.#wanted = this.#config.addresses;
    this.#reconcile();
  }

  release(): void {
    this.#wanted = [];
    this.#cancelAnnouncement();
    this.#reconcile();
  }

  /** Something changed on an interface: what another took off is put back. */
  interfaceChanged(): void {
    const gone = missingAddresses(this.#held, this.#present());
    if (gone.length === 0) return;
    this.#held = this.#held.filter((address) => !gone.includes(address));
    if (this.#wanted.length === 0) return;
    for (const address of gone) {
      this.#record(
        "warning",
        "address_vanished",
        `${text(address)} was removed by another program`,
      );
    }
    // At once the first time; a program that removes it again and again is answered once a second.
    const nowMs = this.#host.nowMs();
    if (nowMs < this.#retryAtMs) this.#retryLater(this.#retryAtMs);
    else this.#reconcile();
    this.#retryAtMs = this.#host.nowMs() + RETRY_MS;
    if (this.complete) this.announceTakeover();
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
      held: this.#held.some((held) => sameAddress(held, address)),
    }));
  }

  /** Makes the host's addresses what is wanted; what fails is tried again. */
  #reconcile(): void {
    this.#cancelRetry();
    let failed = false;
    for (const address of missingAddresses(this.#held, this.#wanted)) {
      if (this.#try("removed from", address, this.#host.removeAddress(address))) {
        this.#held = this.#held.filter((held) => held !== address);
      } else failed = true;
    }
    for (const address of missingAddresses(this.#wanted, this.#held)) {
      if (this.#try("put on", address, this.#host.addAddress(address))) this.#held.push(address);
      else failed = true;
    }
    if (failed) this.#retryLater(this.#host.nowMs() + RETRY_MS);
  }

  #try(what: string, address: VirtualAddress, error: { readonly message: string } | null): boolean {
    if (!error) return true;
    const message = `${text(address)} cannot be ${what} ${address.device}: ${error.message}; ` +
      `tried again every ${RETRY_MS / 1000} s`;
    this.#record("error", "address_failed", message);
    return false;
  }

  #retryLater(atMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#host.setTimer(atMs, () => {
      this.#reconcile();
      if (this.complete && this.#wanted.length > 0) this.announceTakeover();
    });
  }

  #announce(announcement: Announcement): void {
    this.#cancelAnnouncement();
    for (let round = 0; round < announcement.repeat; round++) {
      for (const address of this.#held) {
        const error = this.#host.announce(address);
        if (!error) continue;
        const message = `${text(address)} cannot be announced: ${error.message}`;
        this.#record("warning", "announcement_failed", message);
        round = announcement.repeat;
      }
    }
    if (announcement.nextAtMs === null) return;
    this.#cancelAnnouncement = this.#host.setTimer(
      announcement.nextAtMs,
      () => this.#announce(this.#schedule.due(this.#host.nowMs())),
    );
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
