/**
 * Many machines on the link claim the virtual address.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import {
  ONE_SECOND,
  PAIR_ADDRESS,
  type PairSettings,
  PRIORITIES,
  vipdConfig,
} from "../../../../lab/pair_config.ts";
import { pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { TENTH_OF_A_SECOND } from "../../pair.ts";

const PER_SECOND = 1000;
const IPV6_ADDRESS = "2001:db8:31::5";
const IPV6_VRID = 56;

export const CLAIMS: readonly HostileRow[] = [
  claims("arp", "ARP", PAIR_ADDRESS, TENTH_OF_A_SECOND, "version 3, 0.1 s"),
  claims("arp-default", "ARP", PAIR_ADDRESS, ONE_SECOND, "version 2, 1 s"),
  claims("ndp", "neighbour advertisements", IPV6_ADDRESS, TENTH_OF_A_SECOND, "version 3, 0.1 s"),
  claims("ndp-default", "neighbour advertisements", IPV6_ADDRESS, ONE_SECOND, "version 3, 1 s"),
];

function claims(
  name: string,
  how: string,
  address: string,
  settings: PairSettings,
  timers: string,
): HostileRow {
  return pairRow({
    name: `claims-${name}`,
    title: `1,000 claims of the address a second from 1,000 MAC addresses: ${how}, ${timers}`,
    settings,
    processes: 1,
    config: (node) =>
      vipdConfig(settings, PRIORITIES[node]) +
      ipv6Instance(settings.advertIntervalMs, PRIORITIES[node]),
    async attack({ stranger, durationMs, note }) {
      const attack = Attack.start(stranger, "claims", durationMs, "eth1", address, PER_SECOND);
      note(`claims: ${JSON.stringify(await attack.ended())}`);
      return {};
    },
  });
}

/** Beside the pair's IPv4 instance, elected apart. */
function ipv6Instance(advertIntervalMs: number, priority: number): string {
  return `  - name: VI_1_6
    interface: eth1
    vrid: ${IPV6_VRID}
    priority: ${priority}
    version: 3
    advert_interval: ${advertIntervalMs}ms
    addresses: ["fe80::5/64", "${IPV6_ADDRESS}/64"]
`;
}
