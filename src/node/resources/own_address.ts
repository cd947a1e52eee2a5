/**
 * A virtual address that its interface has of its own, because somebody else has put it there: right on the owner of the
 * address (priority 255, RFC 9568 section 8.3.1), and on any other node an address that two machines answer for.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { VirtualAddress } from "../../host/addresses.ts";
import type { Host } from "../../host/host.ts";
import { findAddress } from "../../vip/addresses.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Alarms } from "../journal/alarms.ts";
import { onDevice } from "./device_addresses.ts";

/** True when somebody else than vipd has added the address to its device. */
export function hasOfItsOwn(host: Host, address: VirtualAddress): boolean {
  return findAddress(address, onDevice(host, address)).kind === "own";
}

/** Raises the alarm, or clears it. */
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
