/**
 * Many virtual routers on one node, written down for vipd and for keepalived.
 *
 * @module
 */

import type { LabPlan } from "../../lab/network.ts";

/** How many, where, and how fast. */
export interface ManySettings {
  readonly version: 2 | 3;
  readonly advertIntervalMs: number;
  /** On each interface; VRIDs are 1 to so many. */
  readonly perInterface: number;
  /** `eth1`, `eth2` and so on. */
  readonly interfaces: number;
}

export const MANY_PRIORITY = 150;

/** The node, and an observer on the same networks. */
export function manyPlan({ interfaces }: ManySettings): LabPlan {
  const cabling = (host: number) =>
    Object.fromEntries(
      numbers(interfaces).map((it) => [
        `eth${it}`,
        { network: `net${it}`, addresses: [`10.${it}.0.${host}/16`] },
      ]),
    );
  return { lb01: cabling(11), observer: cabling(100) };
}

export function manyVipd(settings: ManySettings): string {
  const { version, advertIntervalMs } = settings;
  const instances = each(settings, (device, vrid) =>
    `  - name: VI_${device}_${vrid}
    interface: eth${device}
    vrid: ${vrid}
    priority: ${MANY_PRIORITY}
    version: ${version}
    advert_interval: ${advertIntervalMs}ms
    addresses: [10.${device}.1.${vrid}/16]
`);
  return `instances:\n${instances}`;
}

export function manyKeepalived(settings: ManySettings): string {
  const { version, advertIntervalMs } = settings;
  return each(settings, (device, vrid) =>
    `vrrp_instance VI_${device}_${vrid} {
    interface eth${device}
    virtual_router_id ${vrid}
    priority ${MANY_PRIORITY}
    version ${version}
    advert_int ${advertIntervalMs / 1000}
    virtual_ipaddress {
        10.${device}.1.${vrid}/16 dev eth${device}
    }
}
`);
}

function each(
  { interfaces, perInterface }: ManySettings,
  write: (device: number, vrid: number) => string,
): string {
  return numbers(interfaces)
    .flatMap((device) => numbers(perInterface).map((vrid) => write(device, vrid)))
    .join("");
}

/** 1 to `count`. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
