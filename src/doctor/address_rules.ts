/**
 * Findings about an instance's virtual addresses on this machine itself.
 *
 * @module
 */

import type { InterfaceState } from "../host/interfaces.ts";
import { findAddress, type VirtualAddress } from "../vip/addresses.ts";
import { PRIORITY_OWNER } from "../wire/vrrp.ts";
import type { Facts, InstanceFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** Virtual addresses that are this host's own, although the instance is not the owner (RFC 9568 section 8.3.1). */
export function addressFindings({ config }: InstanceFacts, { interfaces }: Facts): Finding[] {
  if (config.priority === PRIORITY_OWNER) return [];
  return config.addresses.flatMap((address): Finding[] => {
    const device = interfaces.find(({ name }) => name === address.device);
    if (!device || findAddress(address, device.addresses).kind !== "own") return [];
    return [{
      code: "own_address",
      severity: "error",
      subject: config.name,
      message:
        `${address.address} is this host's own address on ${address.device}, not put there ` +
        "by vipd: it answers for it as backup, too",
      command: `ip address del ${address.address}/${
        lengthOf(address, device)
      } dev ${address.device}`,
    }];
  });
}

/** ip(8) removes an address only by the prefix length that it has. */
function lengthOf(
  { address, prefixLength }: VirtualAddress,
  { addresses }: InterfaceState,
): number {
  return addresses.find((own) => own.address === address)?.prefixLength ?? prefixLength;
}
