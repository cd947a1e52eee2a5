/**
 * One address as an interface carries it: asked for each of hundreds of addresses, with each change and each status. And
 * a virtual address that it has of its own, because somebody else has put it there: right on the owner of the address
 * (priority 255, RFC 9568 section 8.3.1), and on any other node an address that two machines answer for.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { VirtualAddress } from "../../host/addresses.ts";
import type { Host } from "../../host/host.ts";
import type { InterfaceAddress, Interfaces } from "../../host/interfaces.ts";
import { type ActualAddress, findAddress } from "../../vip/addresses.ts";
import type { PlacedAddress } from "../../vip/network.ts";
import type { IpAddress } from "../../wire/address.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Alarms } from "../journal/alarms.ts";

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

/** True when somebody else than vipd has added the address to its device. */
export function hasOfItsOwn(host: Host, address: VirtualAddress): boolean {
  return findAddress(address, onDevice(host, address)).kind === "own";
}

/** Raises the alarm about virtual addresses that their interfaces have of their own, or clears it. */
export function reportOwnAddresses(config: InstanceConfig, host: Host, alarms: Alarms): void {
  const { name, addresses, priority } = config;
  const own = priority === PRIORITY_OWNER
    ? []
    : addresses.filter((address) => hasOfItsOwn(host, address));
  const [first] = own;
  if (!first) return alarms.clear("own_address", name);
  const what = own.map(({ address, device }) => `${address} on ${device}`).join(", ");
  alarms.raise("own_address", name, {
    message: `${what} is this host's own address: it answers for it as backup, too, and vipd ` +
      "neither removes nor changes it",
    hint: `remove it if vipd is to hold it (ip address del ${first.address}/` +
      `${first.prefixLength} dev ${first.device}, also from the network's configuration), or ` +
      "make this node the owner with priority 255",
  });
}
