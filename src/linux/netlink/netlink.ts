/**
 * Interfaces and addresses through rtnetlink(7): one socket asks, another gets notifications.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import type { MarkedAddress } from "../../vip/addresses.ts";
import type { MacAddress } from "../../wire/address.ts";
import { exceptRenewals } from "../../wire/filters/notification_filter.ts";
import { decodeIpv6Forwarding } from "../../wire/netlink/link_settings.ts";
import { type Acknowledgement, decodeMessages, RTM_GETLINK } from "../../wire/netlink/netlink.ts";
import {
  encodeLinkQuery,
  type LinkMessage,
  RTMGRP_IPV4_IFADDR,
  RTMGRP_IPV6_IFADDR,
  RTMGRP_LINK,
} from "../../wire/netlink/rtnetlink.ts";
import { MSG_DONTWAIT, MSG_TRUNC } from "../sys/constants.ts";
import { asHostError, EAGAIN, EINTR, ENOBUFS, ENODEV, hostError, SysError } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import type { Reactor } from "../sys/reactor.ts";
import { attachFilter } from "../sys/socket_options.ts";
import { AddressRequests } from "./address_requests.ts";
import { dumpInterfaces } from "./interface_dump.ts";
import { InterfaceTable } from "./interface_table.ts";
import { LeaseRenewals, type Renewal, VIPD_ADDRESS_PROTOCOL } from "./lease_renewals.ts";
import { NetlinkRequester, openNetlink } from "./netlink_socket.ts";
import { RENEWAL_SEQUENCE, RenewalSocket } from "./renewal_socket.ts";
import { SecondaryPromotion } from "./secondary_promotion.ts";

/** Asks the kernel to change the interface with this index; `null` if there was nothing to change. */
type ChangeRequest = (index: number, requester: NetlinkRequester) => Acknowledgement | null;

const MONITOR_GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
const RECEIVE_OCTETS = 65536;
/** The greatest index; interfaces count from 1. */
const NO_INTERFACE = 0x7fffffff;

/** The host's interfaces: lists and watches them, and changes their addresses. */
export class Netlink {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #requester: NetlinkRequester;
  readonly #renewalPortId: number;
  readonly #renewals: LeaseRenewals;
  readonly #promotion: SecondaryPromotion;
  readonly #monitorFd: number;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  readonly #table = new InterfaceTable(VIPD_ADDRESS_PROTOCOL);
  readonly #addresses: AddressRequests;
  /** The interface that an address was added to, by `placeOf`: the interface may have another name by now. */
  readonly #placed = new Map<string, number>();
  readonly #onError: (error: unknown) => void;
  /** True while notifications of this process's own changes are unread. */
  #behind = false;
  #listeners: ((name: string) => void)[] = [];

  /**
   * Reads all interfaces and begins to watch them. `onError` gets the exceptions of listeners.
   *
   * @throws {SysError}
   */
  constructor(libc: Libc, reactor: Reactor, onError: (error: unknown) => void) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#onError = onError;
    this.#requester = new NetlinkRequester(libc);
    this.#promotion = new SecondaryPromotion(this.#requester);
    this.#addresses = new AddressRequests(
      this.#requester,
      this.#table,
      this.#promotion,
      () => this.#readEverything(),
    );
    const renewalSocket = new RenewalSocket(libc);
    this.#renewalPortId = renewalSocket.portId();
    this.#renewals = new LeaseRenewals(renewalSocket, {
      indexOf: (device) => this.indexOf(device),
      isForeign: (index, address) => {
        const { own, foreign } = this.#table.carried(index, address);
        return own.length === 0 && foreign;
      },
      foreignChanges: () => this.#table.foreignChanges,
    }, () => performance.now());
    // Before the dump, so that no change between the two is missed.
    this.#monitorFd = openNetlink(libc, MONITOR_GROUPS);
    // Renewals change nothing that is watched, but come by the hundreds.
    const filter = exceptRenewals(this.#renewalPortId, RENEWAL_SEQUENCE, VIPD_ADDRESS_PROTOCOL);
    attachFilter(libc, this.#monitorFd, "watch interfaces", filter);
    this.#readAll();
    this.#table.takeChanged();
    reactor.register(this.#monitorFd, () => {
      this.#catchUp();
      this.#notify();
    });
  }

  interfaceState(name: string): InterfaceState | null {
    this.#readOwn();
    return this.#table.state(name);
  }

  /** The interface itself, as last reported. Changes of addresses, which it does not show, may be unread. */
  link(name: string): LinkMessage | undefined {
    return this.#table.link(name);
  }

  interfaceNames(): string[] {
    this.#readOwn();
    return this.#table.names();
  }

  /** Whether one of the interfaces has this MAC address. */
  hasMac(mac: MacAddress): boolean {
    this.#readOwn();
    return this.#table.hasMac(mac);
  }

  indexOf(name: string): number | undefined {
    this.#readOwn();
    return this.#table.link(name)?.index;
  }

  nameOf(index: number): string | undefined {
    this.#readOwn();
    return this.#table.nameOf(index);
  }

  /**
   * The names of the interfaces that have this alias now. The kernel does not notify of the alias of one that is down.
   */
  namesWithAlias(alias: string): string[] {
    this.#readEverything();
    return this.#table.namesWithAlias(alias);
  }

  /** Reads what the kernel does not notify of; listeners hear of changes at the end of this turn. */
  readAgain(): void {
    try {
      this.#readEverything();
    } catch (error) {
      this.#onError(error);
    }
    queueMicrotask(() => this.#notify());
  }

  watch(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Equivalent to `ip address replace ADDRESS/PREFIX dev DEVICE label LABEL valid_lft SECONDS proto 118`, except for an
   * address that is the host's own: that stays as it is.
   */
  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const action = `put ${address.address}/${address.prefixLength} on ${address.device}`;
    return this.#changeAmongMany(address.device, action, (index) => {
      const answer = this.#addresses.add(address, index, leaseSeconds);
      if (answer?.errno === 0) this.#placed.set(placeOf(address), index);
      return answer;
    });
  }

  /** Like `addAddress` for each that its interface does not carry yet, in few calls; returns those that are on now. */
  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress> {
    this.#renewals.performNow();
    try {
      if (!this.#behind) this.#catchUp();
      const fresh = addresses.flatMap((address) => {
        const index = this.link(address.device)?.index;
        const isNew = index !== undefined && this.#addresses.isNew(index, address.address);
        return isNew ? [{ address, index }] : [];
      });
      this.#fallBehind();
      const added = this.#addresses.addNew(fresh, leaseSeconds);
      for (const { address, index } of added) this.#placed.set(placeOf(address), index);
      return new Set(added.map(({ address }) => address));
    } catch {
      // Adding each one separately shows its error.
      return new Set();
    }
  }

  /** Puts an address that vipd has added behind the others of its network. */
  demoteAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const action = `put ${address.address}/${address.prefixLength} behind the host's own addresses`;
    return this.change(
      address.device,
      action,
      (index) => this.#addresses.demote(address, index, leaseSeconds),
    );
  }

  /** `addNewAddresses` with the same objects will be quicker, as long as their interfaces stay. */
  prepareAddresses(addresses: readonly VirtualAddress[], leaseSeconds?: number): void {
    const placed = addresses.flatMap((address) => {
      const index = this.link(address.device)?.index;
      return index === undefined ? [] : [{ address, index }];
    });
    this.#addresses.prepare(placed, leaseSeconds);
  }

  /** Requests addresses on an interface that does not exist, one and all: the kernel refuses them, and nothing changes. */
  warmUp(addresses: readonly VirtualAddress[], leaseSeconds: number): void {
    const [first, ...more] = addresses;
    if (first === undefined) return;
    const request = () => this.#addresses.warmUp(first, NO_INTERFACE, leaseSeconds);
    this.#changeAmongMany(first.device, "warm up with", request);
    const others = more.map((address) => ({ address, index: NO_INTERFACE }));
    if (others.length > 0) this.#addresses.addNew(others, leaseSeconds);
  }

  /** Renews from the end of this turn on, or before the next change. */
  renewAddresses(renewal: Renewal): void {
    if (this.#renewals.none) queueMicrotask(() => this.#renewals.begin());
    this.#renewals.add(renewal);
  }

  /**
   * Equivalent to `ip address del ADDRESS/PREFIX dev DEVICE` for what vipd has added, whatever prefix length the device
   * carries the address with. Spares the other addresses of the prefix. Follows an interface that was renamed
   * meanwhile.
   */
  removeAddress(address: VirtualAddress): HostError | null {
    const placed = this.#placed.get(placeOf(address));
    const renamed = placed === undefined ? undefined : this.nameOf(placed);
    const followed = renamed === undefined || renamed === address.device
      ? null
      : this.#removeFrom(renamed, address);
    const error = followed ?? this.#removeFrom(address.device, address);
    if (!error) this.#placed.delete(placeOf(address));
    return error;
  }

  #removeFrom(device: string, address: VirtualAddress): HostError | null {
    const action = `take ${address.address}/${address.prefixLength} off ${device}`;
    const error = this.change(
      device,
      action,
      (index) => this.#addresses.remove(index, address.address),
    );
    return error?.code === "ENODEV" ? null : error;
  }

  /** The address counts as added by this process: an earlier run's own record says that vipd added it. */
  adopt({ address, device }: VirtualAddress): void {
    const index = this.indexOf(device);
    if (index !== undefined) this.#table.adopt(index, address);
  }

  /**
   * The addresses on any interface that carry vipd's mark: added in this run or an earlier one, or by another daemon.
   * Reads them, because renewals cause no notification.
   */
  markedAddresses(): MarkedAddress[] {
    this.#readEverything();
    return this.#table.marked();
  }

  /** True if the host routes IPv6 that arrives at this interface; then its neighbours may use it as a router. */
  forwardsIpv6(index: number): boolean {
    let forwards = false;
    this.#requester.request(RTM_GETLINK, 0, encodeLinkQuery(index), (message) => {
      forwards = decodeIpv6Forwarding(message.payload) ?? false;
    });
    return forwards;
  }

  /** The reactor must have been closed. */
  async close(): Promise<void> {
    this.#listeners = [];
    this.#behind = false;
    await this.#renewals.close();
    this.#promotion.retain(() => false);
    this.#requester.close();
    this.#libc.closeFd(this.#monitorFd);
  }

  /** Makes one change to the interface; a later request for the interface's state shows it. */
  change(device: string, action: string, request: ChangeRequest): HostError | null {
    // An earlier renewal must not add again what this call removes.
    this.#renewals.performNow();
    try {
      // Another interface with the same name may have replaced the interface.
      this.#catchUp();
      return this.#request(device, action, request);
    } catch (error) {
      return asHostError(error);
    }
  }

  /**
   * Like `change`, but of several in one turn only the first reads what else has happened, and one that does not find
   * its interface, because hundreds of addresses may be added together.
   */
  #changeAmongMany(device: string, action: string, request: ChangeRequest): HostError | null {
    this.#renewals.performNow();
    try {
      if (!this.#behind) this.#catchUp();
      const error = this.#request(device, action, request);
      if (error?.code !== "ENODEV") return error;
      this.#catchUp();
      return this.#request(device, action, request);
    } catch (error) {
      return asHostError(error);
    }
  }

  #request(device: string, action: string, request: ChangeRequest): HostError | null {
    const index = this.link(device)?.index;
    if (index === undefined) {
      return hostError(action, "rtnetlink", ENODEV, `there is no interface ${device}`);
    }
    const answer = request(index, this.#requester);
    this.#fallBehind();
    if (!answer || answer.errno === 0) return null;
    return hostError(action, "rtnetlink", answer.errno, answer.text);
  }

  /**
   * The kernel has queued the notifications for the monitor before it answered. The listeners get them later, because
   * the caller is in the middle of something.
   */
  #fallBehind(): void {
    if (!this.#behind) queueMicrotask(() => this.#reportOwn());
    this.#behind = true;
  }

  /** Reads the notifications of this process's own changes. */
  #readOwn(): void {
    if (!this.#behind) return;
    try {
      this.#catchUp();
    } catch (error) {
      this.#onError(error);
    }
  }

  #reportOwn(): void {
    this.#readOwn();
    this.#notify();
  }

  /** Reads what notifications say, and then what they do not. */
  #readEverything(): void {
    this.#catchUp();
    this.#readAll();
  }

  /** `missed`: something may have happened between two reads of which no notification came. */
  #readAll(missed = false): void {
    const { links, addresses } = dumpInterfaces(this.#requester);
    this.#table.replace(links, addresses, missed);
  }

  /** Applies all notifications that are ready. */
  #catchUp(): void {
    for (;;) {
      const length = this.#libc.recv(this.#monitorFd, this.#octets, MSG_DONTWAIT | MSG_TRUNC);
      if (length === -EAGAIN) break;
      if (length === -EINTR) continue;
      // Notifications were lost (netlink(7)), or one is larger than any known: reads everything again.
      if (length === -ENOBUFS || length > RECEIVE_OCTETS) {
        this.#discardNotifications();
        this.#readAll(true);
      } else if (length < 0) throw new SysError("watch interfaces", "recv", -length);
      else {
        for (const message of decodeMessages(this.#octets.subarray(0, length))) {
          const { portId, sequence } = message;
          const isRenewal = portId === this.#renewalPortId &&
            sequence === RENEWAL_SEQUENCE;
          this.#table.apply(message, isRenewal);
        }
      }
    }
    this.#behind = false;
    this.#addresses.settle();
  }

  /**
   * The notifications that are ready are older than the state that will be read, and would undo it; the ones that
   * corrected this may be lost.
   */
  #discardNotifications(): void {
    for (;;) {
      const length = this.#libc.recv(this.#monitorFd, this.#octets, MSG_DONTWAIT);
      if (length < 0 && length !== -EINTR && length !== -ENOBUFS) return;
    }
  }

  /** The caller may have read nothing new: renewals do so with each advert. */
  #notify(): void {
    const changed = this.#table.takeChanged();
    if (changed.length === 0) return;
    try {
      this.#promotion.retain((index) => this.#table.carriesOwnIpv4(index));
    } catch (error) {
      this.#onError(error);
    }
    for (const name of changed) {
      for (const listener of this.#listeners) {
        try {
          listener(name);
        } catch (error) {
          this.#onError(error);
        }
      }
    }
  }
}

function placeOf({ address, device }: VirtualAddress): string {
  return `${device} ${address}`;
}
