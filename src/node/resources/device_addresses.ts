/**
 * One address as an interface carries it: asked for each of hundreds of addresses, with each change and each status.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import type { InterfaceAddress, Interfaces } from "../../host/interfaces.ts";
import type { ActualAddress } from "../../vip/addresses.ts";
import type { PlacedAddress } from "../../vip/network.ts";
import type { IpAddress } from "../../wire/address.ts";

/** An address, and the interface that carries it. */
export type DeviceAddress = InterfaceAddress & PlacedAddress;

/** The addresses of a device that no instance of this node adds, in the kernel's order. */
export type HostsOwn = (device: string) => readonly DeviceAddress[];

/**
 * By the array of a state's addresses. A host never changes one: if the addresses change, the next state has another
 * array. A key by the device's name would need news of each change, and two simulated hosts have the same names.
 */
const placed = new WeakMap<readonly InterfaceAddress[], readonly DeviceAddress[]>();
const known = new WeakMap<
  readonly InterfaceAddress[],
  ReadonlyMap<IpAddress, readonly ActualAddress[]>
>();

/** All of the device, in the kernel's order. */
export function allOnDevice(
  host: Pick<Interfaces, "interfaceState">,
  device: string,
): readonly DeviceAddress[] {
  const addresses = host.interfaceState(device)?.addresses;
  if (!addresses) return [];
  const all = placed.get(addresses) ?? addresses.map((address) => ({ ...address, device }));
  placed.set(addresses, all);
  return all;
}

/** Those with this address on its device, one for each prefix length. */
export function onDevice(
  host: Pick<Interfaces, "interfaceState">,
  { address, device }: VirtualAddress,
): readonly ActualAddress[] {
  const addresses = host.interfaceState(device)?.addresses;
  if (!addresses) return [];
  const byAddress = known.get(addresses) ?? Map.groupBy(addresses, (it) => it.address);
  known.set(addresses, byAddress);
  return byAddress.get(address) ?? [];
}
