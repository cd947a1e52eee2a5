/**
 * The host's interfaces and their addresses, as netlink tells of them. Knows no socket.
 *
 * @module
 */

import type { InterfaceAddress, InterfaceState, VirtualAddress } from "../node/host.ts";
import { familyOf, type IpAddress, type MacAddress } from "../wire/address.ts";
import {
  type NetlinkMessage,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../wire/netlink.ts";
import {
  type AddressMessage,
  type AddressRequest,
  decodeAddress,
  decodeLink,
  IFA_F_DADFAILED,
  IFA_F_OPTIMISTIC,
  IFA_F_SECONDARY,
  IFA_F_TENTATIVE,
  IFF_RUNNING,
  IFF_UP,
  type LinkMessage,
} from "../wire/rtnetlink.ts";

interface Link {
  link: LinkMessage;
  /** Replaced and never changed: states that were given out show it. */
  addresses: readonly AddressMessage[];
  /** What interfaceState() gives; `null` until it is asked for after a change. */
  state: InterfaceState | null;
}

const UP_FLAGS = IFF_UP | IFF_RUNNING;

/** Interfaces by kernel index and by name. */
export class InterfaceTable {
  readonly #links = new Map<number, Link>();
  readonly #byName = new Map<string, Link>();
  #changed = new Set<string>();

  /** The interface of that name, or `null`. The value does not change any more. */
  state(name: string): InterfaceState | null {
    const entry = this.#byName.get(name);
    return entry ? entry.state ??= stateOf(entry) : null;
  }

  /** The interface of that name without its addresses. */
  link(name: string): LinkMessage | undefined {
    return this.#byName.get(name)?.link;
  }

  /** The names of all interfaces, in the kernel's order. */
  names(): string[] {
    return Array.from(this.#links.values(), ({ link }) => link.name);
  }

  /** Whether one of the interfaces has this MAC address. */
  hasMac(mac: MacAddress): boolean {
    for (const { link } of this.#links.values()) {
      if (link.mac.length === mac.length && link.mac.every((octet, at) => octet === mac[at])) {
        return true;
      }
    }
    return false;
  }

  /** The name of the interface with this kernel index. */
  nameOf(index: number): string | undefined {
    return this.#links.get(index)?.link.name;
  }

  /** The names of the interfaces that have this alias. */
  namesWithAlias(alias: string): string[] {
    return Array.from(this.#links.values()).filter(({ link }) => link.alias === alias)
      .map(({ link }) => link.name);
  }

  /** The names of the interfaces whose state may have changed since the last call. */
  takeChanged(): readonly string[] {
    if (this.#changed.size === 0) return [];
    const changed = Array.from(this.#changed);
    this.#changed = new Set();
    return changed;
  }

  /** Takes one notification; anything else is ignored. */
  apply(message: NetlinkMessage): void {
    const { type, payload } = message;
    if (type === RTM_NEWLINK || type === RTM_DELLINK) {
      const link = decodeLink(payload);
      if (link && type === RTM_NEWLINK) this.#setLink(link);
      else if (link) this.#deleteLink(link.index);
    } else if (type === RTM_NEWADDR || type === RTM_DELADDR) {
      const address = decodeAddress(payload);
      const entry = address && this.#links.get(address.index);
      // Of an interface that is not known yet: it was made after the dump, and its own notifications follow.
      if (!entry) return;
      if (type === RTM_NEWADDR) this.#setAddress(entry, address);
      else this.#deleteAddress(entry, address);
    }
  }

  /** Adds an address that was put on and not told of yet. */
  expect(address: AddressMessage): void {
    const entry = this.#links.get(address.index);
    if (entry && indexOf(entry.addresses, address) < 0) this.#setAddress(entry, address);
  }

  /** Replaces everything by what was dumped; what differs counts as changed. */
  replace(links: readonly LinkMessage[], addresses: readonly AddressMessage[]): void {
    const before = this.#describeAll();
    const unread = this.#changed;
    this.#links.clear();
    this.#byName.clear();
    for (const link of links) this.#setLink(link);
    // In the order of the dump, which is the kernel's.
    for (const [index, ofLink] of Map.groupBy(addresses, (address) => address.index)) {
      const entry = this.#links.get(index);
      if (entry) entry.addresses = ofLink;
    }
    const after = this.#describeAll();
    this.#changed = unread;
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(name) !== after.get(name)) this.#changed.add(name);
    }
  }

  /** The addresses that were added under this protocol number (IFA_PROTO), on all interfaces. */
  addressesOfProtocol(protocol: number): VirtualAddress[] {
    return Array.from(this.#links.values()).flatMap(({ link, addresses }) =>
      addresses.filter((address) => address.protocol === protocol)
        .map((address) => ({ ...labelledAddress(address, link.name), device: link.name }))
    );
  }

  /** Whether an interface has an IPv4 address that was added under this protocol number. */
  carries(index: number, protocol: number): boolean {
    return (this.#links.get(index)?.addresses ?? [])
      .some((it) => it.protocol === protocol && familyOf(it.address) === "ipv4");
  }

  /** The prefix lengths with which an interface carries an address; nearly always one or none. */
  prefixLengths(index: number, address: IpAddress): number[] {
    return (this.#links.get(index)?.addresses ?? [])
      .filter((other) => other.address === address).map(({ prefixLength }) => prefixLength);
  }

  /** True when others of its prefix depend on this address, so that removing it may take them with it. */
  hasFollowers({ index, address, prefixLength }: AddressRequest): boolean {
    const addresses = this.#links.get(index)?.addresses ?? [];
    const own = addresses.find((other) =>
      other.address === address && other.prefixLength === prefixLength
    );
    return own !== undefined && familyOf(address) === "ipv4" && !isSecondary(own) &&
      addresses.some((other) => isSecondary(other) && other.prefixLength === prefixLength);
  }

  #setLink(link: LinkMessage): void {
    const entry = this.#links.get(link.index);
    if (!entry) {
      const added: Link = { link, addresses: [], state: null };
      this.#links.set(link.index, added);
      this.#byName.set(link.name, added);
      this.#changed.add(link.name);
      return;
    }
    const old = entry.link;
    entry.link = link;
    if (old.name !== link.name) {
      if (this.#byName.get(old.name) === entry) this.#byName.delete(old.name);
      this.#byName.set(link.name, entry);
      this.#changed.add(old.name);
    }
    const same = old.name === link.name && isUp(old) === isUp(link) &&
      isEnabled(old) === isEnabled(link) && old.mac.join() === link.mac.join();
    if (!same) this.#touch(entry);
  }

  #deleteLink(index: number): void {
    const entry = this.#links.get(index);
    if (!entry) return;
    this.#links.delete(index);
    if (this.#byName.get(entry.link.name) === entry) this.#byName.delete(entry.link.name);
    this.#changed.add(entry.link.name);
  }

  /** Adds or updates an address in place of the kernel's list. */
  #setAddress(entry: Link, address: AddressMessage): void {
    const at = indexOf(entry.addresses, address);
    const old = entry.addresses[at];
    if (old && isSecondary(old) === isSecondary(address)) {
      entry.addresses = entry.addresses.with(at, address);
      const same = old.label === address.label && unusable(old) === unusable(address);
      if (!same) this.#touch(entry);
      return;
    }
    // A secondary address that was promoted moves.
    const others = old ? entry.addresses.toSpliced(at, 1) : entry.addresses;
    entry.addresses = others.toSpliced(insertionPoint(others, address), 0, address);
    this.#touch(entry);
  }

  #deleteAddress(entry: Link, address: AddressMessage): void {
    const at = indexOf(entry.addresses, address);
    if (at < 0) return;
    entry.addresses = entry.addresses.toSpliced(at, 1);
    this.#touch(entry);
  }

  #touch(entry: Link): void {
    entry.state = null;
    this.#changed.add(entry.link.name);
  }

  #describeAll(): Map<string, string> {
    return new Map(
      Array.from(this.#byName, ([name, entry]) => {
        const { mac, ...state } = stateOf(entry);
        return [name, JSON.stringify([state, mac.join()])];
      }),
    );
  }
}

/** Most who ask do not look at the addresses, of which there may be hundreds. */
function stateOf({ link, addresses }: Link): InterfaceState {
  let shown: readonly InterfaceAddress[] | null = null;
  return {
    name: link.name,
    index: link.index,
    enabled: isEnabled(link),
    up: isUp(link),
    mac: link.mac,
    get addresses() {
      return shown ??= addresses.map((address) => shownAddress(address, link.name));
    },
  };
}

function shownAddress(address: AddressMessage, linkName: string): InterfaceAddress {
  const why = unusable(address);
  return {
    ...labelledAddress(address, linkName),
    ...(familyOf(address.address) === "ipv4" && isSecondary(address) && { secondary: true }),
    ...(why && { unusable: why }),
  };
}

/** The kernel gives every IPv4 address a label: the interface's name, where nobody gave another. */
function labelledAddress(
  address: AddressMessage,
  linkName: string,
): Pick<InterfaceAddress, "address" | "prefixLength" | "label"> {
  const { label, prefixLength } = address;
  return {
    address: address.address,
    prefixLength,
    ...(label !== undefined && label !== linkName && { label }),
  };
}

function isEnabled(link: LinkMessage): boolean {
  return (link.flags & IFF_UP) !== 0;
}

function isUp(link: LinkMessage): boolean {
  return (link.flags & UP_FLAGS) === UP_FLAGS;
}

function isSecondary(address: AddressMessage): boolean {
  return (address.flags & IFA_F_SECONDARY) !== 0;
}

/** Why an address must not be spoken from; `null` when it may. */
function unusable({ flags }: AddressMessage): InterfaceAddress["unusable"] | null {
  if ((flags & IFA_F_DADFAILED) !== 0) return "dadfailed";
  return (flags & IFA_F_TENTATIVE) !== 0 && (flags & IFA_F_OPTIMISTIC) === 0 ? "tentative" : null;
}

function indexOf(addresses: readonly AddressMessage[], wanted: AddressMessage): number {
  return addresses.findIndex((other) =>
    other.address === wanted.address && other.prefixLength === wanted.prefixLength
  );
}

/**
 * Where the kernel puts a new address. IPv4 (__inet_insert_ifa), which comes first: a secondary one at the end, a
 * primary one behind the last primary of its or a narrower scope. IPv6: at the end, which is right within one scope.
 */
function insertionPoint(addresses: readonly AddressMessage[], address: AddressMessage): number {
  if (familyOf(address.address) === "ipv6") return addresses.length;
  return addresses.findLastIndex((other) =>
    familyOf(other.address) === "ipv4" &&
    (isSecondary(address) || !isSecondary(other) && other.scope >= address.scope)
  ) + 1;
}
