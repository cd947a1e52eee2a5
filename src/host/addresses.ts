/**
 * The port to the virtual addresses on the host: added, renewed, removed, announced, blocked.
 *
 * @module
 */

import type { MarkedAddress, VirtualAddress } from "../vip/addresses.ts";
import type { IpAddress } from "../wire/address.ts";
import type { HostError } from "./errors.ts";

export type { VirtualAddress };

/** Adds virtual addresses with vipd's mark, and changes only those that have it. */
export interface Addresses {
  /**
   * Adds an address to its device, or makes what vipd has added there what it is to be now. An address that the host has
   * of its own stays as it is, which is no error. With `leaseSeconds` the host removes it by itself that many seconds
   * later, whether or not this program still runs.
   */
  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null;
  /**
   * Adds those of many addresses that are new to their devices, if that is cheaper together, and returns them; for the
   * others there is `addAddress`, which says why not.
   */
  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress>;
  /**
   * Gives addresses that are on their devices another `leaseSeconds`, before anything else is changed and when the
   * program's present turn ends at the latest: with all others of that turn, which makes it cheap, as it is to give the
   * same array again. `failed` is called afterwards if some may not be renewed; `addAddress` reports which.
   */
  renewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds: number,
    failed: (error: HostError) => void,
  ): void;
  /**
   * Puts an IPv4 address that vipd has added behind the others of its network; meanwhile the host has it all the time.
   * On an error it may be gone.
   */
  demoteAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null;
  /** Removes an address that vipd has added from its device; no error when there is none. */
  removeAddress(address: VirtualAddress): HostError | null;
  /**
   * As `removeAddress`, but TCP connections to the address continue for `forMs`, and then it is off; until then no neighbour
   * learns of it from here. On an error nothing has changed.
   */
  drainAddress(address: VirtualAddress, forMs: number): HostError | null;
  /**
   * For `forMs`, packets of TCP connections to the address that did not begin here go to the neighbour `peer`, which
   * drains it.
   */
  forwardConnections(
    address: VirtualAddress,
    interfaceName: string,
    peer: IpAddress,
    forMs: number,
  ): HostError | null;
  /** Addresses on any interface that vipd itself once added (they carry its mark): those of an earlier run at start. */
  markedAddresses(): readonly MarkedAddress[];
  /**
   * From now on packets to these addresses are dropped, and to no others; ARP and neighbour discovery continue. Ends with
   * the program, however that ends. On an error nothing has changed.
   */
  blockPackets(addresses: readonly VirtualAddress[]): HostError | null;
  /** Says on the link who has the address now: one gratuitous ARP (IPv4) or unsolicited NA (IPv6). */
  announce(address: VirtualAddress): HostError | null;
}
