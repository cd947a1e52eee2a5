/**
 * Interfaces with the MAC address of a virtual router, and the settings that the interface below needs for them.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { BELOW_SETTINGS } from "../../vip/arp_settings.ts";
import type { VirtualInterface } from "../../vip/virtual_interface.ts";
import {
  encodeAlias,
  encodeLinkAddress,
  encodeLinkUp,
  encodeMacvlan,
  encodeMacvlanMode,
  encodeNoAddressGeneration,
} from "../../wire/netlink/link_requests.ts";
import {
  decodeIpv4Setting,
  encodeIpv4Setting,
  type Ipv4Setting,
} from "../../wire/netlink/link_settings.ts";
import {
  type Acknowledgement,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_SETLINK,
} from "../../wire/netlink/netlink.ts";
import { encodeLinkQuery } from "../../wire/netlink/rtnetlink.ts";
import { EEXIST } from "../sys/errors.ts";
import type { Netlink } from "./netlink.ts";
import type { NetlinkRequester } from "./netlink_socket.ts";

/** The alias of the interfaces that vipd creates, which distinguishes them from all others; `ip link` shows it. */
const VIPD_ALIAS = "vipd";

/**
 * arp_ignore 1: it answers ARP only for its own addresses, not for those of the interface below. rp_filter 2 (loose):
 * packets that it receives are answered through the interface below, which the strict filter rejects; 2 also wins over
 * 1 in `all`, because the kernel uses the larger one.
 */
const OWN_SETTINGS: readonly (readonly [Ipv4Setting, number])[] = [
  ["arp_ignore", 1],
  ["rp_filter", 2],
];

interface Parent {
  readonly index: number;
  /** The virtual interfaces on it. */
  readonly users: Set<string>;
  /** The changed settings, with their former values. */
  readonly before: Map<Ipv4Setting, number>;
}

export class VirtualInterfaces {
  readonly #netlink: Netlink;
  readonly #parents = new Map<string, Parent>();
  /** The kernel's index of each interface that vipd created, by its original name. */
  readonly #made = new Map<string, number>();

  constructor(netlink: Netlink) {
    this.#netlink = netlink;
  }

  /** Creates the interface, down. */
  add(desired: VirtualInterface): HostError | null {
    const { name, parent, mac } = desired;
    const action = `make ${name} on ${parent}`;
    this.#removeRenamed(name);
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    const error = this.#netlink.change(parent, action, (parentIndex, requester) => {
      const made = requester.request(
        RTM_NEWLINK,
        flags,
        encodeMacvlan({ name, parentIndex, mac }),
      );
      return made.errno === EEXIST
        ? { ...made, text: `there is an interface ${name} already that is not vipd's` }
        : made;
    }) ?? this.#prepare(name, action);
    if (error) return error;
    const index = this.#netlink.indexOf(name);
    if (index !== undefined) this.#made.set(name, index);
    for (const below of this.#sharing(name, parent)) this.#adjustParent(below, name);
    return null;
  }

  /** Under another name, it would continue to answer for the virtual router's MAC address. */
  #removeRenamed(name: string): void {
    const index = this.#made.get(name);
    const renamed = index === undefined ? undefined : this.#netlink.nameOf(index);
    this.#made.delete(name);
    if (renamed !== undefined && renamed !== name) this.remove(renamed);
  }

  /** Removes the interface; no error if it does not exist, or is not vipd's. */
  remove(name: string): HostError | null {
    const made = this.#made.get(name);
    this.#restoreParents(name);
    this.#removeRenamed(name);
    // Another program may have removed the mark.
    const isOwn = made !== undefined && made === this.#netlink.indexOf(name);
    if (!isOwn && !this.own().includes(name)) return null;
    const error = this.#netlink.change(
      name,
      `remove ${name}`,
      (index, requester) => requester.request(RTM_DELLINK, 0, encodeLinkQuery(index)),
    );
    return error?.code === "ENODEV" ? null : error;
  }

  /** Sets the interface up or down. Before it hears anything, the settings that others have changed are put right. */
  setUp(name: string, up: boolean): HostError | null {
    if (up) this.#adjustParentsAgain(name);
    return this.#netlink.change(name, `set ${name} ${up ? "up" : "down"}`, (index, requester) => {
      const refusal = up ? setAll(requester, index, OWN_SETTINGS) : null;
      return refusal ?? requester.request(RTM_SETLINK, 0, encodeLinkUp(index, up));
    });
  }

  /** Restores the interface's MAC address, its mode and, if it has that, vipd's mark. */
  restore({ name, mac }: VirtualInterface): HostError | null {
    return this.#netlink.change(name, `restore ${name}`, (index, requester) => {
      const requests: readonly (readonly [type: number, payload: Uint8Array])[] = [
        [RTM_SETLINK, encodeLinkAddress(index, mac)],
        // Only a macvlan has it.
        [RTM_NEWLINK, encodeMacvlanMode(index)],
        [RTM_SETLINK, encodeAlias(index, VIPD_ALIAS)],
      ];
      return firstRefusal(requests, ([type, payload]) => requester.request(type, 0, payload));
    });
  }

  /** The names of the interfaces that vipd has created, in this run or an earlier one. */
  own(): readonly string[] {
    return this.#netlink.namesWithAlias(VIPD_ALIAS);
  }

  /** The interfaces whose settings are those that this one needs. */
  below(name: string): readonly string[] {
    return Array.from(this.#parents).filter(([, { users }]) => users.has(name)).map(([below]) =>
      below
    );
  }

  /**
   * The other interfaces that get the frames for the virtual addresses: the one below, and, if that is a macvlan, the
   * one below it, to which the kernel has attached the new one.
   */
  #sharing(name: string, parent: string): string[] {
    const lowerIndex = this.#netlink.link(name)?.lowerIndex;
    const lower = lowerIndex === undefined ? undefined : this.#netlink.nameOf(lowerIndex);
    return lower === undefined || lower === parent ? [parent] : [parent, lower];
  }

  #prepare(name: string, action: string): HostError | null {
    const error = this.#netlink.change(name, action, (index, requester) => {
      // A kernel without IPv6 refuses this one, and does not need it.
      requester.request(RTM_SETLINK, 0, encodeNoAddressGeneration(index));
      const marked = requester.request(RTM_SETLINK, 0, encodeAlias(index, VIPD_ALIAS));
      if (marked.errno !== 0) return marked;
      return setAll(requester, index, OWN_SETTINGS);
    });
    // A half-prepared interface would answer for addresses that are not its own.
    if (error) {
      this.#netlink.change(
        name,
        action,
        (index, requester) => requester.request(RTM_DELLINK, 0, encodeLinkQuery(index)),
      );
    }
    return error;
  }

  #adjustParent(name: string, user: string): void {
    const index = this.#netlink.indexOf(name);
    const known = this.#parents.get(name);
    if (known && known.index === index) {
      known.users.add(user);
      return;
    }
    this.#netlink.change(name, `prepare ${name}`, (parentIndex, requester) => {
      const before = new Map<Ipv4Setting, number>();
      this.#parents.set(name, { index: parentIndex, users: new Set([user]), before });
      return firstRefusal(BELOW_SETTINGS, ({ setting, value, suits }) => {
        const now = ipv4Setting(requester, parentIndex, setting);
        if (now === null || suits(now)) return { errno: 0 };
        before.set(setting, now);
        return requester.request(RTM_SETLINK, 0, encodeIpv4Setting(parentIndex, setting, value));
      });
    });
  }

  /** The kernel does not notify of these settings. */
  #adjustParentsAgain(user: string): void {
    for (const [name, { index, users }] of this.#parents) {
      if (!users.has(user)) continue;
      this.#netlink.change(name, `prepare ${name}`, (parentIndex, requester) => {
        if (parentIndex !== index) return null;
        const wrong = BELOW_SETTINGS.filter(({ setting, value, suits }) =>
          !suits(ipv4Setting(requester, index, setting) ?? value)
        );
        return setAll(requester, index, wrong.map(({ setting, value }) => [setting, value]));
      });
    }
  }

  #restoreParents(user: string): void {
    for (const [name, parent] of this.#parents) {
      if (parent.users.has(user)) this.#restoreParent(name, parent, user);
    }
  }

  #restoreParent(name: string, parent: Parent, user: string): void {
    parent.users.delete(user);
    if (parent.users.size > 0) return;
    this.#parents.delete(name);
    this.#netlink.change(name, `restore ${name}`, (index, requester) => {
      if (index !== parent.index) return null;
      for (const { setting, value } of BELOW_SETTINGS) {
        const before = parent.before.get(setting);
        // Leaves a value that another program has changed meanwhile.
        if (before === undefined || ipv4Setting(requester, index, setting) !== value) continue;
        requester.request(RTM_SETLINK, 0, encodeIpv4Setting(index, setting, before));
      }
      return null;
    });
  }
}

function ipv4Setting(
  requester: NetlinkRequester,
  index: number,
  setting: Ipv4Setting,
): number | null {
  let value: number | null = null;
  requester.request(RTM_GETLINK, 0, encodeLinkQuery(index), (message) => {
    value = decodeIpv4Setting(message.payload, setting);
  });
  return value;
}

/** The answer to the first of these settings that the kernel refuses; `null` if it takes all. */
function setAll(
  requester: NetlinkRequester,
  index: number,
  settings: readonly (readonly [Ipv4Setting, number])[],
): Acknowledgement | null {
  return firstRefusal(
    settings,
    ([setting, value]) =>
      requester.request(RTM_SETLINK, 0, encodeIpv4Setting(index, setting, value)),
  );
}

function firstRefusal<T>(
  list: readonly T[],
  request: (entry: T) => Acknowledgement,
): Acknowledgement | null {
  for (const entry of list) {
    const answer = request(entry);
    if (answer.errno !== 0) return answer;
  }
  return null;
}
