/**
 * The virtual addresses of one instance on the host: added, removed, added again, announced.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { IsVirtual } from "../../config/values/source_address.ts";
import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { AddressStatus, LeaseStatus } from "../../status/status.ts";
import {
  type AddressFinding,
  findAddress,
  isAlike,
  sameAddress,
  type VirtualAddress,
} from "../../vip/addresses.ts";
import { promoted } from "../../vip/network.ts";
import type { AnnouncementCause } from "../../vrrp/router_events.ts";
import { AlteredLog, listText } from "../journal/altered_log.ts";
import { Throttle } from "../../host/regular_work.ts";
import { AddressLease } from "./address_lease.ts";
import { AddressAnnouncements } from "./address_announcements.ts";
import {
  allOnDevice,
  type DeviceAddress,
  hasOfItsOwn,
  type HostsOwn,
  onDevice,
} from "./device_addresses.ts";
import { LostAddresses } from "./lost_addresses.ts";
import { Reconciler, RETRY_MS } from "./reconciler.ts";
import { addressName, type RefusedResources } from "./refused_resources.ts";

/** An address that is only to show whether the kernel takes it outlives this process by no more, in seconds. */
const PROBE_LEASE_SECONDS = 1;

/** How often addresses that came back are announced at most, in milliseconds. */
const ANNOUNCE_BACK_MS = 1000;

/** The rest of an instance as its virtual addresses need it. */
export interface VirtualAddressesContext {
  readonly host: Host;
  readonly journal: Journal;
  /** Whether another instance of this node has added the same to the host; then it stays there. */
  readonly heldElsewhere: (address: VirtualAddress) => boolean;
  /** Is called with the reason if an address does not serve on for those who are connected. */
  readonly notDrained: (error: HostError) => void;
  readonly isVirtual: IsVirtual;
  readonly hostsOwn: HostsOwn;
  readonly refused: RefusedResources;
  /** Whether the interface that carries them comes back in a moment, after which `again` is called. */
  readonly awaitsInterface: () => boolean;
  /** Is called when addresses were put back later than what needs them. */
  readonly returned: () => void;
}

export class VirtualAddresses {
  #config: InstanceConfig;
  readonly #host: Host;
  readonly #notDrained: (error: HostError) => void;
  readonly #announcements: AddressAnnouncements;
  /** Announces what came back after another program or the kernel had removed it. */
  readonly #announceBack: Throttle;
  readonly #reconciler: Reconciler<VirtualAddress>;
  readonly #lease: AddressLease;
  readonly #altered: AlteredLog;
  readonly #refused: RefusedResources;
  readonly #isVirtual: IsVirtual;
  readonly #hostsOwn: HostsOwn;
  readonly #ownLost = new LostAddresses();
  /** The addresses that the kernel removed with the host's own one; they wait for it. */
  #waiting: readonly VirtualAddress[] = [];
  #cancelWait: CancelTimer = () => {};
  /** How long an address that is removed serves on for those who are connected. */
  #drainMs = 0;
  readonly #returned: () => void;

  constructor(config: InstanceConfig, context: VirtualAddressesContext) {
    const { host, journal, heldElsewhere, isVirtual, hostsOwn, refused } = context;
    this.#config = config;
    this.#host = host;
    this.#notDrained = context.notDrained;
    this.#returned = context.returned;
    this.#isVirtual = isVirtual;
    this.#hostsOwn = hostsOwn;
    this.#refused = refused;
    this.#altered = new AlteredLog(config.name, journal, () => host.nowMs());
    this.#lease = new AddressLease(config, {
      host,
      actual: () => this.#reconciler.actual,
      acquired: () => this.#acquired,
      notRenewed: (addresses) => this.#reconciler.lost(addresses),
    });
    const awake = {
      nowMs: () => host.nowMs(),
      setTimer: (atMs: number, fire: () => void) => this.#setTimer(atMs, fire),
      announce: (address: VirtualAddress) => host.announce(address),
    };
    this.#announcements = new AddressAnnouncements(config.announce, {
      host: awake,
      held: () => this.#reconciler.actual,
      failed: (address, error) => {
        const message = `${text(address)} cannot be announced: ${error.message}`;
        this.#altered.record("announcement_failed", message, message);
      },
    });
    this.#announceBack = new Throttle(awake, ANNOUNCE_BACK_MS, () => {
      if (this.#allThere) this.announce("takeover");
    });
    this.#reconciler = new Reconciler<VirtualAddress>({
      same: sameAddress,
      alike: isAlike,
      add: (address) => host.addAddress(address, this.#lease.seconds),
      addNew: (addresses) => host.addNewAddresses(addresses, this.#lease.seconds),
      remove: (address) => heldElsewhere(address) ? null : this.#drainOrRemove(address),
      done: (_, address) => refused.settled(addressName(address)),
      refused: (action, address, error) => {
        const message = refusedText(action, address, error);
        refused.refused(action, addressName(address), "address_failed", message);
      },
      retried: () => this.#areBack(),
      awaits: context.awaitsInterface,
    }, awake);
  }

  /** True when every address is on its device. */
  get complete(): boolean {
    return this.#reconciler.actual.length === this.#config.addresses.length;
  }

  /** True while addresses that were removed come back in a moment, or the host's own address may. */
  get returning(): boolean {
    return this.#reconciler.returning || this.#ownLost.someAwaited(this.#host.nowMs());
  }

  /** True when no address is on a device any more. */
  get none(): boolean {
    return this.#reconciler.actual.length === 0;
  }

  /** True while one of them is on its device because of vipd: not the host's own. */
  get somePut(): boolean {
    return this.#reconciler.actual.some((address) => !hasOfItsOwn(this.#host, address));
  }

  /** True while this instance has added the address to its device, whatever its prefix and label. */
  has(address: VirtualAddress): boolean {
    return this.#reconciler.has(address);
  }

  /** True while exactly this address is on its device because of this instance. */
  holds(address: VirtualAddress): boolean {
    return this.#reconciler.actual.some((held) => isAlike(held, address));
  }

  /** True between `acquire` and `release`. */
  get #acquired(): boolean {
    return this.#reconciler.desired.length + this.#waiting.length > 0;
  }

  /** True when the host has removed the addresses, or is about to, because they were not renewed for so long. */
  get leaseLapsed(): boolean {
    return this.#lease.lapsed;
  }

  /**
   * When the host removes the addresses unless they are renewed, or would if they were added now, in monotonic
   * milliseconds; `null` without a lease.
   */
  get leaseEndsMs(): number | null {
    return this.#lease.endsMs;
  }

  acquire(): void {
    const left = this.#reconciler.actual;
    this.#endWait();
    this.#ownLost.look(this.#hosts(), this.#host.nowMs());
    this.#lease.begin();
    this.#reconciler.desire(this.#config.addresses);
    if (left.length > 0) this.#lease.renew();
  }

  /** An advert leaves now; `last` when none follows until the addresses are removed. */
  advertLeaves(last: boolean): void {
    this.#lease.advertLeaves(last);
  }

  /**
   * Other addresses or timings from now on. A master removes what is wanted no more, adds what is new, and
   * announces that alone; what stays is not touched, but for its lease.
   */
  reconfigure(config: InstanceConfig): void {
    const { leaseSeconds } = this.#config;
    this.#config = config;
    this.#lease.reconfigure(config);
    this.#announcements.retime(config.announce, this.#acquired);
    if (!this.#acquired) return;
    this.#endWait();
    const before = this.#reconciler.actual;
    // Another prefix or label is another address to the kernel: first off, then on.
    const stay = before.filter((old) => config.addresses.some((address) => isAlike(old, address)));
    this.#reconciler.desire(stay);
    if (config.leaseSeconds !== leaseSeconds) this.#renewLeases(leaseSeconds !== null);
    this.#reconciler.desire(config.addresses);
    this.#announcements.replaced(before);
  }

  /** Removes the addresses; TCP connections to them continue for `drainMs`, where the host can do that. */
  release(drainMs = 0): void {
    this.#announcements.cancel();
    this.#announceBack.cancel();
    this.#endWait();
    this.#drainMs = drainMs;
    this.#reconciler.desire([]);
    this.#drainMs = 0;
  }

  #drainOrRemove(address: VirtualAddress): HostError | null {
    // The host's own address answers on, whichever node is master.
    if (this.#find(address).kind === "own") return null;
    if (this.#drainMs > 0) {
      const error = this.#host.drainAddress(address, this.#drainMs);
      if (!error) return null;
      this.#notDrained(error);
    }
    return this.#host.removeAddress(address);
  }

  /** Something changed on an interface: vipd adds again what another program removed, behind the host's own address. */
  interfaceChanged(): void {
    this.#ownLost.look(this.#hosts(), this.#host.nowMs());
    const found = this.#reconciler.actual.map((address) => ({ address, ...this.#find(address) }));
    const of = (kind: AddressFinding["kind"]) =>
      found.filter((finding) => finding.kind === kind).map(({ address }) => address);
    const [gone, altered] = [of("absent"), of("altered")];
    if (this.#acquired) {
      this.#recordGone(gone);
      for (const { address, ...finding } of found) this.#recordChange(address, finding);
    }
    // Its device is gone, or has another name: there it must not stay.
    for (const address of gone) {
      if (this.#host.interfaceState(address.device) === null) this.#host.removeAddress(address);
    }
    if (gone.length + altered.length > 0) this.#lost(gone, altered);
    if (this.#waiting.length > 0 && !this.#waiting.some((address) => this.#isAwaited(address))) {
      this.#endOfWait();
    }
    this.#demote();
  }

  #recordGone(gone: readonly VirtualAddress[]): void {
    if (gone.length === 0) return;
    const what = listText(gone.map(text));
    const message = `${what} ${gone.length === 1 ? "was" : "were"} removed by another program`;
    this.#altered.record("address_vanished", what, message);
  }

  #recordChange(address: VirtualAddress, finding: AddressFinding): void {
    if (finding.kind === "altered") {
      const what = finding.attributes.join(", ");
      const message = `another program changed ${text(address)} on ${address.device}: ${what}`;
      this.#altered.record("address_altered", text(address), message);
    }
  }

  /** An interface has another MAC address, by which neighbours do not know it. */
  macChanged(device: string): void {
    if (this.#reconciler.actual.some((held) => held.device === device)) this.announce("takeover");
  }

  #lost(gone: readonly VirtualAddress[], altered: readonly VirtualAddress[]): void {
    const waiting = this.#acquired ? gone.filter((address) => this.#isAwaited(address)) : [];
    if (waiting.length > 0) this.#waitWith(waiting);
    const desired = without(this.#reconciler.desired, this.#waiting);
    const others = gone.filter((address) => !waiting.includes(address));
    if (others.length + altered.length === 0) return this.#reconciler.desire(desired);
    this.#reconciler.lost(gone, altered, desired);
    if (this.#acquired) {
      for (const address of others) this.#refused.undone(addressName(address), undoneText(address));
    }
    this.#announceIfComplete();
  }

  #isAwaited(address: VirtualAddress): boolean {
    return this.#ownLost.awaitedUntilMs(address) !== null;
  }

  /** Added before the host's own address, which may be back in a moment, they would become the primary ones. */
  #waitWith(waiting: readonly VirtualAddress[]): void {
    this.#waiting = [...this.#waiting, ...waiting];
    const untilMs = Math.max(...this.#waiting.map((it) => this.#ownLost.awaitedUntilMs(it) ?? 0));
    this.#cancelWait();
    this.#cancelWait = this.#setTimer(untilMs, () => this.#endOfWait());
  }

  #endWait(): void {
    this.#cancelWait();
    this.#waiting = [];
  }

  /** The host's own address is back, or was waited for long enough. */
  #endOfWait(): void {
    this.acquire();
    this.#areBack();
  }

  #areBack(): void {
    this.#announceIfComplete();
    this.#returned();
  }

  /** The interface that they need may be back. */
  again(): void {
    this.#reconciler.again();
    this.#announceIfComplete();
  }

  /** Adds addresses that have become primary ones of their networks again, behind the host's own. */
  #demote(): void {
    const { desired, actual } = this.#reconciler;
    if (desired.length === 0) return;
    // As a rule: hundreds of instances ask with each change of an interface that carries the addresses of all.
    if (!this.#hosts().some(({ secondary }) => secondary)) return;
    // The host's own addresses are not vipd's to move.
    const moved = actual.filter((address) => !hasOfItsOwn(this.#host, address));
    const present = this.#devices().flatMap((device) => allOnDevice(this.#host, device));
    const leading = promoted(moved, present, this.#isVirtual);
    if (leading.length === 0) return;
    const what = listText(leading.map(text));
    const message = `${what} had become the primary address of the network; added again behind ` +
      "the host's own";
    this.#altered.record("address_promoted", what, message, "notice");
    const refused = leading.filter((address) =>
      this.#host.demoteAddress(address, this.#lease.seconds) !== null
    );
    if (refused.length === 0) return;
    this.#reconciler.desire(without(desired, refused));
    this.#reconciler.desire(desired);
  }

  /** Whether the kernel takes one of the addresses now; afterwards it is gone again. */
  areTaken(): boolean {
    return this.#config.addresses.some((address) => {
      if (this.#host.addAddress(address, PROBE_LEASE_SECONDS) !== null) return false;
      this.#host.removeAddress(address);
      return true;
    });
  }

  /** Lets the link learn where the addresses are, as often as the cause asks for. */
  announce(cause: AnnouncementCause): void {
    this.#announcements.announce(cause);
  }

  leaseStatus(): LeaseStatus | null {
    return this.#lease.status(this.#reconciler.desired.length > 0);
  }

  status(): AddressStatus[] {
    return this.#config.addresses.map((address) => ({
      address: address.address,
      prefix_length: address.prefixLength,
      device: address.device,
      label: address.label ?? null,
      advertised: address.advertise ?? true,
      held: this.#reconciler.has(address) && isThere(this.#find(address)),
    }));
  }

  #announceIfComplete(): void {
    if (this.#allThere) this.#announceBack.ask();
  }

  get #allThere(): boolean {
    return this.complete && this.#reconciler.desired.length > 0;
  }

  /** Each held address gets another lease, or its first one, or loses the one that it had. */
  #renewLeases(hadOne: boolean): void {
    if (this.#lease.seconds !== undefined && hadOne) return this.#lease.renew();
    this.#reconciler.retry();
  }

  /** Planned work on the addresses is not done when they are lost: this may be the first thing after a sleep. */
  #setTimer(atMs: number, fire: () => void): CancelTimer {
    return this.#host.setTimer(atMs, () => {
      if (!this.leaseLapsed) fire();
    });
  }

  /** The host's own addresses on the devices. */
  #hosts(): readonly DeviceAddress[] {
    return this.#devices().flatMap((device) => this.#hostsOwn(device));
  }

  #devices(): string[] {
    return Array.from(new Set(this.#config.addresses.map(({ device }) => device)));
  }

  #find(address: VirtualAddress): AddressFinding {
    return findAddress(address, onDevice(this.#host, address), this.#lease.seconds !== undefined);
  }
}

function without(
  addresses: readonly VirtualAddress[],
  others: readonly VirtualAddress[],
): VirtualAddress[] {
  return addresses.filter((address) => !others.some((other) => sameAddress(other, address)));
}

function isThere({ kind }: AddressFinding): boolean {
  return kind === "present" || kind === "own";
}

function refusedText(action: "add" | "remove", address: VirtualAddress, error: HostError): string {
  const what = action === "add" ? "added to" : "removed from";
  return `${text(address)} cannot be ${what} ${address.device}: ${error.message}; ` +
    `tried again every ${RETRY_MS / 1000} s`;
}

function undoneText(address: VirtualAddress): string {
  return `${text(address)} on ${address.device} is removed again and again by another program`;
}

function text(address: VirtualAddress): string {
  return `${address.address}/${address.prefixLength}`;
}
