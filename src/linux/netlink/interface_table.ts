/**
 * The host's interfaces and their addresses, as netlink reports them. Uses no socket.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import type { InterfaceAddress, InterfaceState } from "../../host/interfaces.ts";
import type { MarkedAddress, UnlikeAttribute } from "../../vip/addresses.ts";
import { familyOf, type IpAddress, type MacAddress } from "../../wire/address.ts";
import {
  type NetlinkMessage,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../../wire/netlink/netlink.ts";
import {
  type AddressMessage,
  decodeAddress,
  decodeLink,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IFA_F_TENTATIVE,
  IFF_RUNNING,
  IFF_UP,
  type LinkMessage,
  MACVLAN_MODE_VEPA,
  scopeName,
} from "../../wire/netlink/rtnetlink.ts";

interface Link {
  link: LinkMessage;
  /** Replaced and never changed, because states that callers have got refer to it. */
  addresses: readonly AddressMessage[];
  /** The result of interfaceState(); `null` until the first call after a change. */
  state: InterfaceState | null;
}

/** The fields by which the kernel distinguishes addresses. */
type AddressKey = Pick<AddressMessage, "index" | "address" | "prefixLength" | "peer">;

/** An address as its interface's state shows it, and what that follows from in addition to the kernel's message. */
interface Shown {
  readonly linkName: string;
  readonly isOwn: boolean;
  readonly keepsMarks: boolean;
  readonly address: InterfaceAddress;
}

/** One address as an interface carries it. */
export interface CarriedAddress {
  /** As vipd has added it; nearly always one or none. */
  readonly own: readonly InterfaceAddress[];
  /** True if other programs have added it, too. */
  readonly foreign: boolean;
}

const UP_FLAGS = IFF_UP | IFF_RUNNING;
/** The flags of an IPv6 address that the program which adds it decides, in addition to its lifetimes. */
const OWN_FLAGS = IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE;

/** Interfaces by kernel index and by name. */
export class InterfaceTable {
  readonly #links = new Map<number, Link>();
  readonly #byName = new Map<string, Link>();
  #changed = new Set<string>();

  /** Addresses that this process has added: kernels before 5.18 keep no mark, and other programs may remove it. */
  readonly #added = new Set<string>();
  #foreignChanges = 0;
  readonly #mark: number;
  /** Hundreds of addresses are shown again whenever one of them changes. */
  readonly #lastShown = new WeakMap<AddressMessage, Shown>();
  /** True once the kernel has shown a mark. One before Linux 5.18 never does. */
  #keepsMarks = false;

  /** @param mark the protocol number (IFA_PROTO) of the addresses that vipd has added, in this run or an earlier one */
  constructor(mark: number) {
    this.#mark = mark;
  }

  /** Grows whenever an address changes that vipd has not added. */
  get foreignChanges(): number {
    return this.#foreignChanges;
  }

  /** This process has added the address, which is on its interface by now. */
  recordAdded(request: AddressKey): void {
    const entry = this.#links.get(request.index);
    if (!entry || indexOf(entry.addresses, request) < 0 || this.#added.has(keyOf(request))) return;
    this.#added.add(keyOf(request));
    entry.state = null;
  }

  /** Like `recordAdded`, with whatever prefix length the interface carries the address. */
  adopt(index: number, address: IpAddress): void {
    for (const other of this.#links.get(index)?.addresses ?? []) {
      if (other.address === address) this.recordAdded(other);
    }
  }

  /** An address as an interface carries it: with the prefix lengths that vipd has added, and those of others. */
  carried(index: number, address: IpAddress): CarriedAddress {
    const entry = this.#links.get(index);
    const same = (entry?.addresses ?? []).filter((other) => other.address === address);
    const own = same.filter((other) => this.#isOwn(other));
    return {
      own: own.map((other) => this.#shown(other, entry!.link.name)),
      foreign: own.length < same.length,
    };
  }

  /** The interface with that name, or `null`. The value does not change later. */
  state(name: string): InterfaceState | null {
    const entry = this.#byName.get(name);
    return entry ? entry.state ??= this.#stateOf(entry) : null;
  }

  /** The interface with that name without its addresses. */
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

  /**
   * Applies one notification; ignores any other message.
   *
   * @param isRenewal of this process: it added an address again that had just been removed
   */
  apply(message: NetlinkMessage, isRenewal: boolean): void {
    const { type, payload } = message;
    if (type === RTM_NEWLINK || type === RTM_DELLINK) {
      const link = decodeLink(payload);
      if (link && type === RTM_NEWLINK) this.#setLink(link);
      else if (link) this.#deleteLink(link.index);
    } else if (type === RTM_NEWADDR || type === RTM_DELADDR) {
      const address = decodeAddress(payload);
      const entry = address && this.#links.get(address.index);
      // An unknown interface was made after the dump, and its own notifications follow.
      if (!entry) return;
      this.#keepsMarks ||= address.protocol === this.#mark;
      if (isRenewal) this.#added.add(keyOf(address));
      if (type === RTM_NEWADDR) this.#setAddress(entry, address);
      else this.#deleteAddress(entry, address);
    }
  }

  /** Adds an address that the kernel has not reported yet, or its changes. */
  expect(address: AddressMessage): void {
    const entry = this.#links.get(address.index);
    if (!entry) return;
    const known = entry.addresses[indexOf(entry.addresses, address)];
    this.#setAddress(entry, known ? { ...known, ...address, scope: known.scope } : address);
  }

  /**
   * Replaces everything with the dump; differences count as changes. With `missed`, more may have happened than was
   * applied and the dump shows.
   */
  replace(
    links: readonly LinkMessage[],
    addresses: readonly AddressMessage[],
    missed: boolean,
  ): void {
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
    this.#keepsMarks ||= addresses.some(({ protocol }) => protocol === this.#mark);
    // An address that is gone may be another program's when it appears again. One without the mark may have gone and
    // appeared unseen.
    const same = addresses.filter(({ protocol }) =>
      protocol === this.#mark || !missed || !this.#keepsMarks
    );
    const present = new Set(same.map(keyOf));
    for (const key of this.#added) if (!present.has(key)) this.#added.delete(key);
    this.#foreignChanges++;
    const after = this.#describeAll();
    this.#changed = unread;
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(name) !== after.get(name)) this.#changed.add(name);
    }
  }

  /** The addresses with vipd's mark, on all interfaces. */
  marked(): MarkedAddress[] {
    return Array.from(this.#links.values()).flatMap(({ link, addresses }) =>
      addresses.filter(({ protocol }) => protocol === this.#mark).map((address) => ({
        ...virtualAddress(this.#shown(address, link.name), link.name),
        ...(!isPermanent(address) && address.updatedAtCs !== undefined && {
          renewedAtCs: address.updatedAtCs,
        }),
      }))
    );
  }

  /** Whether an interface has an IPv4 address that vipd has added. */
  carriesOwnIpv4(index: number): boolean {
    return (this.#links.get(index)?.addresses ?? [])
      .some((it) => this.#isOwn(it) && familyOf(it.address) === "ipv4");
  }

  /** True if other addresses of its prefix depend on this one, so that removing it may remove them with it. */
  hasFollowers({ index, address, prefixLength }: AddressKey): boolean {
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
      isEnabled(old) === isEnabled(link) && old.mac.join() === link.mac.join() &&
      old.macvlanMode === link.macvlanMode;
    if (!same) this.#touch(entry);
  }

  #deleteLink(index: number): void {
    const entry = this.#links.get(index);
    if (!entry) return;
    this.#links.delete(index);
    for (const address of entry.addresses) this.#added.delete(keyOf(address));
    if (this.#byName.get(entry.link.name) === entry) this.#byName.delete(entry.link.name);
    this.#changed.add(entry.link.name);
  }

  /** Adds or updates an address in its place in the kernel's list. */
  #setAddress(entry: Link, address: AddressMessage): void {
    if (!this.#isOwn(address)) this.#foreignChanges++;
    const at = indexOf(entry.addresses, address);
    const old = entry.addresses[at];
    if (old && isSecondary(old) === isSecondary(address)) {
      entry.addresses = entry.addresses.with(at, address);
      // A renewed lease is no change.
      if (this.#attributesOf(old) !== this.#attributesOf(address)) this.#touch(entry);
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
    if (!this.#added.delete(keyOf(address))) this.#foreignChanges++;
    entry.addresses = entry.addresses.toSpliced(at, 1);
    this.#touch(entry);
  }

  #isOwn(address: AddressMessage): boolean {
    return address.protocol === this.#mark || this.#added.has(keyOf(address));
  }

  /** Makes the list of addresses on demand, because most callers do not need it and it may have hundreds. */
  #stateOf({ link, addresses }: Link): InterfaceState {
    const shown = () => addresses.map((address) => this.#shown(address, link.name));
    let known: readonly InterfaceAddress[] | null = null;
    return {
      name: link.name,
      index: link.index,
      enabled: isEnabled(link),
      up: isUp(link),
      mac: link.mac,
      ...(link.macvlanMode !== undefined && { vepa: link.macvlanMode === MACVLAN_MODE_VEPA }),
      get addresses() {
        return known ??= shown();
      },
    };
  }

  #shown(message: AddressMessage, linkName: string): InterfaceAddress {
    const isOwn = this.#isOwn(message);
    const keepsMarks = this.#keepsMarks;
    const last = this.#lastShown.get(message);
    if (last?.linkName === linkName && last.isOwn === isOwn && last.keepsMarks === keepsMarks) {
      return last.address;
    }
    const address = this.#show(message, linkName, isOwn);
    this.#lastShown.set(message, { linkName, isOwn, keepsMarks, address });
    return address;
  }

  /** The kernel gives every IPv4 address a label: the interface's name, unless another was given. */
  #show(message: AddressMessage, linkName: string, isOwn: boolean): InterfaceAddress {
    const { address, label, prefixLength, scope, broadcast, peer } = message;
    const isIpv4 = familyOf(address) === "ipv4";
    const unlike = isOwn ? this.#unlikeOwn(message) : [];
    const shownScope = isIpv4 ? scopeName(scope) ?? "other" : "global";
    const why = unusable(message);
    return {
      address,
      prefixLength,
      ...(label !== undefined && label !== linkName && { label }),
      ...(shownScope !== "global" && { scope: shownScope }),
      ...(broadcast !== undefined && { broadcast }),
      ...(peer !== undefined && { peer }),
      ...(isOwn && !isPermanent(message) && { ends: true as const }),
      ...(unlike.length > 0 && { unlike }),
      ...(!isOwn && { foreign: true as const }),
      ...(isIpv4 && isSecondary(message) && { secondary: true as const }),
      ...(why && { unusable: why }),
    };
  }

  /**
   * The attributes of an address that an interface's state shows; without lifetimes for addresses of other programs.
   */
  #attributesOf(message: AddressMessage): string {
    const { label, scope, broadcast, peer, protocol } = message;
    const own = this.#isOwn(message) ? [isPermanent(message), this.#unlikeOwn(message)] : [];
    return JSON.stringify([label, scope, broadcast, peer, protocol, unusable(message), own]);
  }

  /** The attributes of an address that differ from those which vipd gives, and that its state does not show. */
  #unlikeOwn({ address, flags, protocol }: AddressMessage): UnlikeAttribute[] {
    const marked = protocol === this.#mark || !this.#keepsMarks;
    const unmarked = marked ? [] : ["vipd's mark"] as const;
    if (familyOf(address) === "ipv4") return [...unmarked];
    const deprecated = (flags & IFA_F_DEPRECATED) !== 0;
    return [
      ...unmarked,
      ...(deprecated ? [] : ["preferred lifetime"] as const),
      ...((flags & OWN_FLAGS) === IFA_F_NODAD ? [] : ["flags"] as const),
    ];
  }

  #touch(entry: Link): void {
    entry.state = null;
    this.#changed.add(entry.link.name);
  }

  #describeAll(): Map<string, string> {
    return new Map(
      Array.from(this.#byName, ([name, entry]) => {
        const { mac, ...state } = this.#stateOf(entry);
        return [name, JSON.stringify([state, mac.join()])];
      }),
    );
  }
}

/** An actual address in the form of the configuration, as if vipd had added it. */
function virtualAddress(actual: InterfaceAddress, device: string): VirtualAddress {
  const { address, prefixLength, label, scope, broadcast } = actual;
  return {
    address,
    prefixLength,
    device,
    ...(label !== undefined && { label }),
    ...(scope !== undefined && scope !== "other" && { scope }),
    ...(broadcast !== undefined && { broadcast }),
  };
}

function keyOf(key: AddressKey): string {
  const { index, address, prefixLength } = key;
  return `${index} ${address}/${prefixLength} ${peerInKey(key)}`;
}

/** IPv6 has an address only once, whatever its peer. */
function peerInKey({ address, peer = "" }: AddressKey): string {
  return familyOf(address) === "ipv4" ? peer : "";
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

function isPermanent({ flags }: AddressMessage): boolean {
  return (flags & IFA_F_PERMANENT) !== 0;
}

/** Why an address must not be a source address; `null` if it may. */
function unusable({ flags }: AddressMessage): InterfaceAddress["unusable"] | null {
  if ((flags & IFA_F_DADFAILED) !== 0) return "dadfailed";
  return (flags & IFA_F_TENTATIVE) !== 0 && (flags & IFA_F_OPTIMISTIC) === 0 ? "tentative" : null;
}

function indexOf(addresses: readonly AddressMessage[], wanted: AddressKey): number {
  return addresses.findIndex((other) =>
    other.address === wanted.address && other.prefixLength === wanted.prefixLength &&
    peerInKey(other) === peerInKey(wanted)
  );
}

/**
 * The place where the kernel inserts a new address. IPv4 (__inet_insert_ifa), which comes first: a secondary one at the
 * end, a primary one after the last primary of its or a narrower scope. IPv6: at the end, which is right within one
 * scope.
 */
function insertionPoint(addresses: readonly AddressMessage[], address: AddressMessage): number {
  if (familyOf(address.address) === "ipv6") return addresses.length;
  return addresses.findLastIndex((other) =>
    familyOf(other.address) === "ipv4" &&
    (isSecondary(address) || !isSecondary(other) && other.scope >= address.scope)
  ) + 1;
}
