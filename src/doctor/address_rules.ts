/**
 * Findings about an instance's virtual addresses on this machine itself.
 *
 * @module
 */

import { ownPlaceOf } from "../vip/addresses.ts";
import { PRIORITY_OWNER } from "../wire/vrrp.ts";
import type { Facts, InstanceFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** Virtual addresses that are this host's own, although the instance is not the owner (RFC 9568 section 8.3.1). */
export function addressFindings(
  { config }: InstanceFacts,
  { interfaces, keepalived }: Facts,
): Finding[] {
  // keepalived may have added them and removes them when it stops: that it runs is a finding of its own.
  if (config.priority === PRIORITY_OWNER || keepalived.running) return [];
  return config.addresses.flatMap((address): Finding[] => {
    const place = ownPlaceOf(address, interfaces);
    if (place === null) return [];
    return [{
      code: "own_address",
      severity: "error",
      subject: config.name,
      message: `${address.address} is this host's own address on ${place.device}, not put there ` +
        "by vipd: it answers for it as backup, too",
      command: `ip address del ${address.address}/${place.prefixLength} dev ${place.device}`,
    }];
  });
}
