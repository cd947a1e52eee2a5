/**
 * Adds addresses to their interfaces and removes them, by rtnetlink(7). It neither changes nor removes addresses that
 * vipd has not added: it asks the kernel to replace only those that carry vipd's mark or were added by this process.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import { addressDrift, changedInPlace } from "../../vip/addresses.ts";
import { familyOf, type IpAddress } from "../../wire/address.ts";
import {
  type Acknowledgement,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../wire/netlink/netlink.ts";
import {
  type AddressRequest,
  encodeAddress,
  IFA_F_DEPRECATED,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
} from "../../wire/netlink/rtnetlink.ts";
import { EADDRNOTAVAIL, EEXIST } from "../sys/errors.ts";
import type { InterfaceTable } from "./interface_table.ts";
import { encodePut, VIPD_ADDRESS_PROTOCOL } from "./lease_renewals.ts";
import type { NetlinkRequester } from "./netlink_socket.ts";
import type { SecondaryPromotion } from "./secondary_promotion.ts";

/** The prefix of an IPv4 address that is a network of its own. */
const HOST_PREFIX_LENGTH = 32;
/** Longer than the few requests that need it take. */
const BRIDGE_SECONDS = 2;

/** An address, and the kernel's index of the interface that will carry it. */
export interface NewAddress {
  readonly address: VirtualAddress;
  readonly index: number;
}

/** A request for an address, encoded for an interface and a lease. */
interface EncodedPut {
  readonly index: number;
  readonly leaseSeconds: number | undefined;
  readonly payload: Uint8Array;
}

export class AddressRequests {
  readonly #requester: NetlinkRequester;
  readonly #table: InterfaceTable;
  readonly #promotion: SecondaryPromotion;
  readonly #readAgain: () => void;
  /**
   * Because a takeover adds hundreds at once. By the object, which its type forbids to change: a key would have to name
   * every attribute, and be made in the takeover. The ones of a former configuration go with it.
   */
  readonly #encoded = new WeakMap<VirtualAddress, EncodedPut>();
  /** Added, and not yet in the table. */
  #justAdded: AddressRequest[] = [];

  /** `readAgain` asks the kernel for what the table shows. */
  constructor(
    requester: NetlinkRequester,
    table: InterfaceTable,
    promotion: SecondaryPromotion,
    readAgain: () => void,
  ) {
    this.#requester = requester;
    this.#table = table;
    this.#promotion = promotion;
    this.#readAgain = readAgain;
  }

  /**
   * Adds the address, or changes the one that vipd has added to what is desired now. The kernel changes lifetimes and
   * flags in place; for any other attribute this removes the address first, because the kernel changes none. The host's
   * own address stays as it is, which is no error.
   *
   * @returns `null` if there was nothing to do
   */
  add(address: VirtualAddress, index: number, leaseSeconds?: number): Acknowledgement | null {
    const { own, foreign } = this.#table.carried(index, address.address);
    if (own.length === 0 && foreign) return null;
    const stay = own.filter((other) => changedInPlace(addressDrift(address, other)));
    for (const actual of own.filter((other) => !stay.includes(other))) {
      this.#removeOne({ index, address: actual.address, prefixLength: actual.prefixLength });
    }
    const stays = stay.length > 0;
    const answer = this.#request(address, index, stays ? NLM_F_REPLACE : NLM_F_EXCL, leaseSeconds);
    if (stays || answer.errno !== EEXIST) return answer;
    // It appeared meanwhile, through another program or earlier in this turn, or the table is wrong.
    this.#readAgain();
    const isOwn = this.#table.carried(index, address.address).own.length > 0;
    return isOwn ? this.#request(address, index, NLM_F_REPLACE, leaseSeconds) : null;
  }

  /**
   * Removes the address and adds it again, which puts it behind the others of its network. Meanwhile the interface has
   * it once more, as a network of its own: without that the kernel would drop what arrives for it. If vipd ends there,
   * that one's lease soon ends, too.
   */
  demote(address: VirtualAddress, index: number, leaseSeconds?: number): Acknowledgement {
    const { own } = this.#table.carried(index, address.address);
    const { label: _, ...unlabelled } = address;
    const bridge = { ...unlabelled, prefixLength: HOST_PREFIX_LENGTH };
    const bridged = this.#requester.request(
      RTM_NEWADDR,
      NLM_F_CREATE | NLM_F_EXCL,
      encodePut(bridge, index, BRIDGE_SECONDS),
    );
    for (const { prefixLength } of own) {
      this.#removeOne({ index, address: address.address, prefixLength });
    }
    const answer = this.#request(address, index, NLM_F_EXCL, leaseSeconds);
    if (bridged.errno === 0) this.#removeOne({ ...bridge, index });
    return answer;
  }

  /** True for an address that the interface does not carry, according to the table. */
  isNew(index: number, address: IpAddress): boolean {
    const { own, foreign } = this.#table.carried(index, address);
    return own.length === 0 && !foreign;
  }

  /** `addNew` with the same objects will be quicker. */
  prepare(addresses: readonly NewAddress[], leaseSeconds?: number): void {
    for (const address of addresses) {
      const payload = this.#encode(address, leaseSeconds);
      this.#encoded.set(address.address, { index: address.index, leaseSeconds, payload });
    }
  }

  #encode({ address, index }: NewAddress, leaseSeconds: number | undefined): Uint8Array {
    const known = this.#encoded.get(address);
    return known?.index === index && known.leaseSeconds === leaseSeconds
      ? known.payload
      : encodePut(address, index, leaseSeconds);
  }

  /** Adds new addresses in few calls to the kernel; returns those that it did not refuse. */
  addNew(addresses: readonly NewAddress[], leaseSeconds?: number): readonly NewAddress[] {
    const payloads = addresses.map((address) => this.#encode(address, leaseSeconds));
    const refusals = this.#requester.requestAll(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, payloads);
    const added = addresses.filter((_, at) => !refusals.has(at));
    const leased = leaseSeconds !== undefined;
    for (const { address, index } of added) this.#wasAdded({ ...address, index }, leased);
    return added;
  }

  /** Requests an address on an interface that does not exist: the kernel refuses it, and nothing changes. */
  warmUp(address: VirtualAddress, index: number, leaseSeconds: number): Acknowledgement {
    return this.#request(address, index, NLM_F_EXCL, leaseSeconds);
  }

  /** Removes the address if vipd has added it, whatever its prefix length. Spares the other addresses of the prefix. */
  remove(index: number, address: IpAddress): Acknowledgement | null {
    for (const { prefixLength } of this.#table.carried(index, address).own) {
      const answer = this.#removeOne({ index, address, prefixLength });
      if (answer.errno !== 0 && answer.errno !== EADDRNOTAVAIL) return answer;
    }
    return null;
  }

  /** The table now shows the kernel's state at the last request. */
  settle(): void {
    const added = this.#justAdded;
    this.#justAdded = [];
    for (const request of added) this.#table.recordAdded(request);
    // Not at once: the question costs as much as the address, and announcements wait.
    const indices = new Set(added.filter(isIpv4).map(({ index }) => index));
    for (const index of indices) this.#promotion.keep(index);
  }

  #request(
    address: VirtualAddress,
    index: number,
    flag: number,
    leaseSeconds: number | undefined,
  ): Acknowledgement {
    const payload = encodePut(address, index, leaseSeconds);
    const answer = this.#requester.request(RTM_NEWADDR, NLM_F_CREATE | flag, payload);
    if (answer.errno === 0) this.#wasAdded({ ...address, index }, leaseSeconds !== undefined);
    return answer;
  }

  #wasAdded(request: AddressRequest, leased: boolean): void {
    this.#justAdded.push(request);
    if (familyOf(request.address) === "ipv6") this.#expect(request, leased);
  }

  /**
   * The kernel reports a new IPv6 address from a worker, some time after it has answered. Until then the table would
   * lack the address: it would count as vanished, and a removal would find nothing to remove. The kernel does not
   * report one that was replaced at all (wire/filters/notification_filter.ts).
   */
  #expect({ index, address, prefixLength }: AddressRequest, leased: boolean): void {
    const flags = IFA_F_NODAD | IFA_F_DEPRECATED | (leased ? 0 : IFA_F_PERMANENT);
    const protocol = VIPD_ADDRESS_PROTOCOL;
    this.#table.expect({ index, address, prefixLength, scope: 0, flags, protocol });
  }

  #removeOne(address: AddressRequest): Acknowledgement {
    const remove = () => this.#requester.request(RTM_DELADDR, 0, encodeAddress(address));
    return this.#table.hasFollowers(address)
      ? this.#promotion.during(address.index, remove)
      : remove();
  }
}

function isIpv4({ address }: AddressRequest): boolean {
  return familyOf(address) === "ipv4";
}
