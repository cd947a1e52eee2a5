/**
 * One virtual router, configured for vipd and for keepalived, so that each can be the other's partner and measure.
 *
 * @module
 */

import type { LabPlan } from "./network.ts";

/** The settings that must be the same on both nodes of a pair. */
export interface PairSettings {
  readonly version: 2 | 3;
  readonly advertIntervalMs: number;
  /** Version 2's PASS authentication; none without it. */
  readonly password?: string;
  /** The priority of the daemon's threads, SCHED_RR in sched(7); ordinary threads without it. */
  readonly realtimePriority?: number;
}

/** Two hosts on one network. */
export const PAIR_PLAN = {
  lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24"] } },
  lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24"] } },
} as const satisfies LabPlan;

/** Two hosts on two networks: adverts may use the one, clients are on the other. */
export const TWO_NETWORKS_PLAN = {
  lb01: { eth0: { network: "back", addresses: ["10.0.0.11/24"] }, ...PAIR_PLAN.lb01 },
  lb02: { eth0: { network: "back", addresses: ["10.0.0.12/24"] }, ...PAIR_PLAN.lb02 },
} as const satisfies LabPlan;

/** lb01 is preferred, lb02 its backup. */
export const PRIORITIES = { lb01: 150, lb02: 100 } as const;

/** The addresses from which the nodes advertise. */
export const NODE_ADDRESSES = { lb01: "192.168.31.11", lb02: "192.168.31.12" } as const;

/** The usual settings, those of the example configs. */
export const ONE_SECOND = {
  version: 2,
  advertIntervalMs: 1000,
  password: "123456",
} as const satisfies PairSettings;

/** The pair's virtual address. */
export const PAIR_ADDRESS = "192.168.31.5";

/** Its VRID. */
export const VRID = 55;

/** vipd's config file for one node of the pair. */
export function vipdConfig(settings: PairSettings, priority: number): string {
  const { version, advertIntervalMs, password, realtimePriority } = settings;
  const authentication = password === undefined
    ? ""
    : `\n    authentication: { type: pass, password: "${password}" }`;
  const process = realtimePriority === undefined
    ? ""
    : `process: { realtime_priority: ${realtimePriority} }\n`;
  return `${process}instances:
  - name: VI_1
    interface: eth1
    vrid: ${VRID}
    priority: ${priority}
    version: ${version}
    advert_interval: ${advertIntervalMs}ms${authentication}
    addresses: [${PAIR_ADDRESS}/24]
`;
}

/** keepalived's config file for one node of the pair. */
export function keepalivedConfig(settings: PairSettings, priority: number): string {
  const { version, advertIntervalMs, password, realtimePriority } = settings;
  const global = realtimePriority === undefined
    ? ""
    : `global_defs {\n    vrrp_rt_priority ${realtimePriority}\n}\n`;
  const authentication = password === undefined
    ? ""
    : `\n    authentication {\n        auth_type PASS\n        auth_pass ${password}\n    }`;
  return `${global}vrrp_instance VI_1 {
    interface eth1
    virtual_router_id ${VRID}
    priority ${priority}
    version ${version}
    advert_int ${advertIntervalMs / 1000}${authentication}
    virtual_ipaddress {
        ${PAIR_ADDRESS}/24 dev eth1
    }
}
`;
}

/** Master_Down_Interval in milliseconds (RFC 3768 section 6.1, RFC 9568 section 6.1). */
export function masterDownMs(
  { version, advertIntervalMs }: PairSettings,
  priority: number,
): number {
  return 3 * advertIntervalMs + skewMs({ version, advertIntervalMs }, priority);
}

/** Skew_Time in milliseconds. */
export function skewMs({ version, advertIntervalMs }: PairSettings, priority: number): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : advertIntervalMs);
}
