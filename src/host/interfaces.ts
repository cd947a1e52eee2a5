/**
 * The port to the host's network interfaces: what they are, and those that vipd makes.
 *
 * @module
 */

import type { ActualAddress } from "../vip/addresses.ts";
import type { ArpProblem } from "../vip/arp_settings.ts";
import type { VirtualInterface } from "../vip/virtual_interface.ts";
import type { MacAddress } from "../wire/address.ts";
import type { HostError } from "./errors.ts";

export type { ArpProblem, VirtualInterface };

/** An address that an interface carries. */
export type InterfaceAddress = ActualAddress;

/** A network interface as it is now. */
export interface InterfaceState {
  readonly name: string;
  readonly index: number;
  /** Administratively up (IFF_UP, netdevice(7)). */
  readonly enabled: boolean;
  /** Administratively up and with a carrier (IFF_UP and IFF_RUNNING, netdevice(7)). */
  readonly up: boolean;
  readonly mac: MacAddress;
  /** Of a macvlan: whether it is in mode vepa, as those for virtual MAC addresses are to be. */
  readonly vepa?: boolean;
  /** In the kernel's order: primary addresses before secondary ones. */
  readonly addresses: readonly InterfaceAddress[];
}

/** Sees all interfaces; makes and changes those that have vipd's mark. */
export interface Interfaces {
  /** The interface of that name, or `null` while there is none. */
  interfaceState(name: string): InterfaceState | null;
  /** The names of all interfaces, loopback too. */
  interfaceNames(): readonly string[];
  /** The setting arp_ignore that counts for this interface (ip-sysctl.rst); 0 if it is not known. */
  arpIgnore(name: string): number;
  /**
   * The settings with which neighbours learn another MAC address than that of an interface which `addInterface` has
   * made. `setInterfaceUp` sets those of the interfaces themselves, not that of all interfaces.
   */
  arpProblems(name: string): readonly ArpProblem[];
  /** Reads all interfaces again: of an IPv6 address that is tentative, Linux notifies nobody. */
  readInterfaces(): void;
  /** Calls `listener` with the name of every interface whose state or addresses changed. */
  watchInterfaces(listener: (name: string) => void): void;

  /** Makes an interface with vipd's mark, down: it hears and answers nothing until it is set up. */
  addInterface(desired: VirtualInterface): HostError | null;
  /** Removes an interface that has the mark; no error when it is not there. */
  removeInterface(name: string): HostError | null;
  setInterfaceUp(name: string, up: boolean): HostError | null;
  /** Gives an interface that `addInterface` has made, in this run or an earlier one, its MAC address, mode and mark again. */
  restoreInterface(desired: VirtualInterface): HostError | null;
  /** The names of the interfaces that have vipd's mark now; at start those of an earlier run. */
  ownInterfaces(): readonly string[];
}
