/**
 * What is there of a node: what its vipd says, and what its kernel has, of vipd's and of other programs.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";
import type { AlarmCode } from "../../src/status/codes/alarms.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import type { RouterState } from "../../src/vrrp/router_events.ts";
import type { Family } from "../../src/wire/address.ts";
import { INSTANCES, RENEWED } from "./standing.ts";
import { FAMILIES, type Other } from "./world.ts";

export interface SeenInstance {
  readonly state: RouterState;
  readonly handingOver: boolean;
  /** What the status says is on the host; those of another program's count. */
  readonly held: number;
  readonly configured: number;
  readonly faults: readonly string[];
}

export interface SeenAlarm {
  readonly code: AlarmCode;
  readonly message: string;
  /** Its cause is gone or was not seen for a while, as it says itself. */
  readonly over: boolean;
}

export interface Seen {
  /** `null` when the API did not answer. */
  readonly instances: Readonly<Record<Family, SeenInstance>> | null;
  readonly alarms: readonly SeenAlarm[];
  /** What vipd has on the host, such as `address 192.168.31.5/24 dev eth1`, with the family. */
  readonly ours: Readonly<Record<Family, readonly string[]>>;
  /** What others have there. */
  readonly others: ReadonlySet<Other>;
}

/** What the fuzzer puts there in other programs' names, as `ip` shows it. */
const OTHERS_AS_SHOWN: Readonly<Record<Other, string>> = {
  "address": "address 192.168.31.77/32 dev eth1",
  "leased address": `leased address ${RENEWED["leased address"]} dev eth1`,
  "ipv6 address": "address 2001:db8:31::77/128 dev eth1",
  "route": "route 10.99.0.0/16 dev eth1",
  "route beside ours": "route 10.8.0.0/16 dev eth1 metric 50",
  "route in the place of ours": "route 10.8.0.0/16 dev eth1",
  "rule": "rule from 192.168.31.5 table 101 priority 901",
  "virtual address": "address 192.168.31.5/24 dev eth1",
  "leased virtual address": `leased address ${RENEWED["leased virtual address"]} dev eth1`,
  "virtual ipv6 address": "address 2001:db8:31::5/64 dev eth1",
};

const SEPARATOR = "=====";
const LOOK = [
  "curl --silent --fail --max-time 2 http://127.0.0.1:9112/v1/status",
  "ip -json -details address show",
  "ip -json -details -4 route show",
  "ip -json -details -6 route show",
  "ip -json -details -4 rule show",
  "ip -json -details -6 rule show",
].join(`; echo; echo ${SEPARATOR}; `);

interface ShownLink {
  readonly ifname: string;
  readonly ifalias?: string;
  readonly flags: readonly string[];
  readonly address: string;
  readonly addr_info: readonly {
    readonly local?: string;
    readonly family: string;
    readonly prefixlen: number;
    readonly valid_life_time: number;
    readonly preferred_life_time: number;
  }[];
}

interface ShownRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol: string;
  readonly metric?: number;
}

interface ShownRule {
  readonly src: string;
  readonly table: string;
  readonly priority: number;
  readonly protocol?: string;
}

/** vipd's mark of routes and rules: the number of its protocol. */
const MARK = "118";
const FOREVER = 0xffff_ffff;

/** Looks at a node once. */
export async function look(host: LabHost): Promise<Seen> {
  const { stdout } = await host.run(["sh", "-c", LOOK], { check: false });
  const [status, links, ...rest] = stdout.split(SEPARATOR).map((it) => json(it)) as [
    NodeStatus | null,
    ShownLink[],
    ShownRoute[],
    ShownRoute[],
    ShownRule[],
    ShownRule[],
  ];
  const [routes4, routes6, rules4, rules6] = rest;
  const ours: Record<Family, string[]> = { ipv4: [], ipv6: [] };
  const theirs: string[] = [];
  for (const link of links) addLink(link, ours, theirs);
  for (
    const [family, routes, rules] of [["ipv4", routes4, rules4], ["ipv6", routes6, rules6]] as const
  ) {
    for (const route of routes) {
      (route.protocol === MARK ? ours[family] : theirs).push(routeText(route));
    }
    for (const rule of rules) (rule.protocol === MARK ? ours[family] : theirs).push(ruleText(rule));
  }
  const others = new Set<Other>();
  for (const [other, shown] of Object.entries(OTHERS_AS_SHOWN)) {
    if (theirs.includes(shown)) others.add(other as Other);
  }
  return { ...fromStatus(status), ours, others };
}

function json(text: string): unknown {
  return text.trim() === "" ? null : JSON.parse(text);
}

/**
 * Addresses of vipd's have a lifetime, its lease; this version of `ip` may not show their mark. Those that other programs
 * renew are preferred for a shorter time than they are valid: vipd's IPv4 addresses are so to their end.
 */
function addLink(link: ShownLink, ours: Record<Family, string[]>, theirs: string[]): void {
  const { ifname, ifalias, flags, address: mac, addr_info } = link;
  if (ifalias === "vipd") {
    const up = flags.includes("UP") ? "up" : "down";
    const family = ifname.startsWith("vrrp6") ? "ipv6" : "ipv4";
    ours[family].push(`interface ${ifname} ${mac} ${up}`);
  }
  for (const { local, family, prefixlen, ...lifetimes } of addr_info) {
    const text = `address ${local}/${prefixlen} dev ${ifname}`;
    const { valid_life_time: valid, preferred_life_time: preferred } = lifetimes;
    if (valid === FOREVER) theirs.push(text);
    else if (family === "inet" && preferred < valid) theirs.push(`leased ${text}`);
    else ours[family === "inet6" ? "ipv6" : "ipv4"].push(text);
  }
}

function routeText({ dst, gateway, dev, metric, protocol }: ShownRoute): string {
  // vipd's own leave by the interface by which the kernel reaches the gateway, with the kernel's metric.
  if (protocol === MARK) return `route ${dst} via ${gateway}`;
  const via = gateway === undefined ? "" : ` via ${gateway}`;
  const metricText = metric === undefined ? "" : ` metric ${metric}`;
  return `route ${dst}${via} dev ${dev}${metricText}`;
}

function ruleText({ src, table, priority }: ShownRule): string {
  return `rule from ${src} table ${table} priority ${priority}`;
}

function fromStatus(status: NodeStatus | null): Pick<Seen, "instances" | "alarms"> {
  if (status === null) return { instances: null, alarms: [] };
  const instance = (family: Family): SeenInstance => {
    const found = status.instances.find(({ name }) => name === INSTANCES[family])!;
    const resources = [...found.addresses, ...found.routing];
    return {
      state: found.state,
      handingOver: found.handing_over,
      held: resources.filter(({ held }) => held).length,
      configured: resources.length,
      faults: found.faults,
    };
  };
  const [ipv4, ipv6] = FAMILIES.map(instance) as [SeenInstance, SeenInstance];
  const alarms = status.alarms.map(({ code, message }) => ({
    code,
    message,
    over: /^(over|not seen) for /.test(message),
  }));
  return { instances: { ipv4, ipv6 }, alarms };
}
