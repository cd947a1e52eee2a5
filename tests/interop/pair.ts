/**
 * One virtual router, or two in a sync group, as data, written down for every daemon that can be a node of it.
 *
 * @module
 */

import type { FrrRouter } from "../../lab/frr.ts";
import type { LabPlan } from "../../lab/network.ts";

/** Two hosts on one network. */
export const PLAN = {
  lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24", "2001:db8:31::11/64"] } },
  lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24", "2001:db8:31::12/64"] } },
} as const satisfies LabPlan;

export type NodeName = keyof typeof PLAN;

const VRID = 55;
const SECOND_VRID = 56;

/** What both nodes have to agree on. */
export interface Pair {
  readonly version: 2 | 3;
  readonly intervalMs: number;
  /** With prefix lengths. Of IPv6, the first is link-local. */
  readonly addresses: readonly string[];
  /** Version 2's PASS authentication; none without it. */
  readonly password?: string;
  /** Each node's address where adverts are unicast. */
  readonly unicast?: Readonly<Record<NodeName, string>>;
  /** The addresses have the virtual router's MAC address. */
  readonly virtualMac?: boolean;
  /** Addresses of a second virtual router, in one sync group with the first. */
  readonly synced?: readonly string[];
  /** false: a master stays master until it fails. */
  readonly preempt?: boolean;
  readonly preemptDelayMs?: number;
  /** vipd's, whose other node nobody names. */
  readonly soleBackup?: boolean;
  /** A check that both nodes track. */
  readonly check?: PairCheck;
  /** vipd's. @default {none: the walk has a node lose its mastership again and again within a minute} */
  readonly damping?: {
    readonly moves: number;
    readonly within: string;
    readonly hold_after: string;
  };
}

/** A program whose exit status says whether a node is well. */
export interface PairCheck {
  readonly command: readonly string[];
  /** What a failure means to keepalived: fault, or so much less priority. To vipd it is a last resort. */
  readonly keepalived: "fault" | number;
}

/** How often vipd runs the program, in milliseconds. */
const CHECK_MS = 200;
/** How often keepalived does, which knows whole seconds only. */
export const SCRIPT_SECONDS = 1;

/** IPv4 and IPv6 with an advert every 0.2 s, the rhythm of all pairs whose protocol allows it. */
export const FAST_IPV4: Pair = { version: 3, intervalMs: 200, addresses: ["192.168.31.5/24"] };
export const FAST_IPV6: Pair = {
  version: 3,
  intervalMs: 200,
  addresses: ["fe80::5/64", "2001:db8:31::5/64"],
};
/** Version 2 knows whole seconds only. */
export const SLOW: Pair = { version: 2, intervalMs: 1000, addresses: ["192.168.31.5/24"] };

/** The addresses that are watched, without prefix length: the last one of each virtual router. */
export function watchedAddresses(pair: Pair): string[] {
  return routers(pair).map(({ addresses }) => addresses.at(-1)!.split("/")[0]!);
}

/** Skew_Time in milliseconds (RFC 3768 section 6.1, RFC 9568 section 6.1). */
export function skewMs({ version, intervalMs }: Pair, priority: number): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : intervalMs);
}

/** Master_Down_Interval in milliseconds. */
export function masterDownMs(pair: Pair, priority: number): number {
  return 3 * pair.intervalMs + skewMs(pair, priority);
}

/** The pair's `vipd.yaml` on one node; JSON is YAML. */
export function vipdConfig(pair: Pair, node: NodeName, priority: number): string {
  const { version, intervalMs, password, unicast, virtualMac, preempt, preemptDelayMs } = pair;
  const { check, damping = { moves: 0 }, soleBackup } = pair;
  const instances = routers(pair).map(({ name, vrid, addresses }) => ({
    name,
    interface: "eth1",
    vrid,
    priority,
    version,
    advert_interval: `${intervalMs}ms`,
    addresses,
    ...(password && { authentication: { type: "pass", password } }),
    ...(virtualMac && { virtual_mac: true }),
    ...(unicast && { source_address: unicast[node], unicast: { peers: [unicast[other(node)]] } }),
    ...(preempt === false && { preempt }),
    ...(soleBackup !== undefined && { sole_backup: soleBackup }),
    damping,
    ...(check && { track: [{ check: "well", when_down: "last_resort" }] }),
    ...(preemptDelayMs && { preempt_delay: `${preemptDelayMs}ms` }),
  }));
  const groups = [{ name: "SG_1", instances: instances.map(({ name }) => name) }];
  const checks = check && {
    well: { type: "exec", command: check.command, interval: `${CHECK_MS}ms`, rise: 1, fall: 1 },
  };
  return JSON.stringify({
    ...{ node, checks, instances },
    ...(pair.synced && { sync_groups: groups }),
  });
}

/** The pair's `keepalived.conf` on one node. */
export function keepalivedConfig(pair: Pair, node: NodeName, priority: number): string {
  const { version, intervalMs, password, unicast, virtualMac, preempt, preemptDelayMs } = pair;
  const script = pair.check ? keepalivedScript(pair.check) : [];
  const instances = routers(pair).flatMap(({ name, vrid, addresses }) =>
    block(`vrrp_instance ${name}`, [
      `state BACKUP`,
      `interface eth1`,
      `version ${version}`,
      `virtual_router_id ${vrid}`,
      `priority ${priority}`,
      `advert_int ${intervalMs / 1000}`,
      ...(password ? block("authentication", [`auth_type PASS`, `auth_pass ${password}`]) : []),
      ...(virtualMac ? [`use_vmac`] : []),
      ...(unicast
        ? [`unicast_src_ip ${unicast[node]}`, ...block("unicast_peer", [unicast[other(node)]])]
        : []),
      ...(preempt === false ? [`nopreempt`] : []),
      ...(preemptDelayMs ? [`preempt_delay ${preemptDelayMs / 1000}`] : []),
      ...(pair.check ? block("track_script", ["well"]) : []),
      ...block("virtual_ipaddress", addresses),
    ])
  );
  const names = routers(pair).map(({ name }) => name);
  const group = pair.synced ? block("vrrp_sync_group SG_1", block("group", names)) : [];
  return [...script, ...instances, ...group, ""].join("\n");
}

function keepalivedScript({ command, keepalived }: PairCheck): string[] {
  return [
    ...block("global_defs", ["script_user root"]),
    ...block("vrrp_script well", [
      `script "${command.join(" ")}"`,
      `interval ${SCRIPT_SECONDS}`,
      ...(keepalived === "fault" ? [] : [`weight -${keepalived}`]),
    ]),
  ];
}

/** The pair's virtual router as FRR needs it. */
export function frrRouter({ version, intervalMs, addresses }: Pair): FrrRouter {
  return { device: "eth1", vrid: VRID, version, intervalMs, addresses };
}

interface Router {
  readonly name: string;
  readonly vrid: number;
  readonly addresses: readonly string[];
}

function routers({ addresses, synced }: Pair): Router[] {
  const first = { name: "VI_1", vrid: VRID, addresses };
  return synced ? [first, { name: "VI_2", vrid: SECOND_VRID, addresses: synced }] : [first];
}

function other(node: NodeName): NodeName {
  return node === "lb01" ? "lb02" : "lb01";
}

/** keepalived reads one entry a line. */
function block(name: string, entries: readonly string[]): string[] {
  return [`${name} {`, ...entries.map((entry) => `  ${entry}`), `}`];
}
