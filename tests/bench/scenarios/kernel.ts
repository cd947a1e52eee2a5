/**
 * The kernel, a cable or a firewall takes from the master what it needs to serve: when does the other node serve?
 *
 * @module
 */

import { type Brand, type Daemon, KeepalivedDaemon, VipdDaemon } from "../../../lab/daemon.ts";
import { LabError } from "../../../lab/error.ts";
import { HolderWatch, overlaps, seen } from "../../../lab/holders.ts";
import { Lab } from "../../../lab/network.ts";
import {
  masterDownMs,
  ONE_SECOND,
  PAIR_ADDRESS,
  PRIORITIES,
  skewMs,
  TWO_NETWORKS_PLAN,
  VRID,
} from "../../../lab/pair_config.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { type NodeName, SETTLE_MS } from "../pair.ts";
import { atMost, type Figure, type Measured, never, type Scenario } from "../scenario.ts";

const SKEW_MS = skewMs(ONE_SECOND, PRIORITIES.lb02);
const MASTER_DOWN_MS = masterDownMs(ONE_SECOND, PRIORITIES.lb02);
/** vipd's where none is configured: as long as adverts may be missing. */
const LEASE_MS = 3 * ONE_SECOND.advertIntervalMs;
const LEASE_LIMIT = {
  limitMs: LEASE_MS + SKEW_MS + 500,
  limit: "lease + Skew_Time + 0.5 s",
} as const;
/** The route of those pairs that have one. */
const ROUTE = { to: "10.8.0.0/16", via: "192.168.31.1" } as const;
const REMOVE_ADDRESS = `ip address del ${PAIR_ADDRESS}/24 dev eth1`;
/** How long is watched after the takeover. */
const WATCHED_MS = 5000;

interface Case {
  readonly name: string;
  readonly title: string;
  /** Where the nodes speak VRRP; the address is on eth1. */
  readonly interface: "eth0" | "eth1";
  readonly spoil: (lab: Lab) => Promise<unknown>;
  /** The master has `ROUTE`, too. */
  readonly route?: true;
  readonly limitMs: number;
  readonly limit: string;
  /** Nobody learns that this node lets go, so that nobody may hold the address until it has. */
  readonly silent?: true;
}

const CASES: readonly Case[] = [
  {
    name: "device",
    title: "the device of the address loses its carrier",
    interface: "eth0",
    spoil: (lab) => lab.cut("lb01", "eth1", "unplugged"),
    limitMs: SKEW_MS + 300,
    limit: "Skew_Time + 0.3 s",
  },
  {
    name: "firewall",
    title: "a firewall drops the master's adverts",
    interface: "eth1",
    spoil: (lab) => lab.host("lb01").run(["iptables", "-A", "OUTPUT", "-p", "112", "-j", "DROP"]),
    limitMs: MASTER_DOWN_MS + 100,
    limit: "Master_Down_Interval + 0.1 s",
    silent: true,
  },
  {
    name: "own",
    title: "the master's own address is removed",
    interface: "eth1",
    spoil: (lab) =>
      lab.host("lb01").run(["ip", "address", "del", "192.168.31.11/24", "dev", "eth1"]),
    limitMs: SKEW_MS + 300,
    limit: "Skew_Time + 0.3 s",
  },
  {
    name: "refused",
    title: "the kernel refuses the master's route, for another program has put its own",
    interface: "eth1",
    route: true,
    spoil: (lab) =>
      lab.host("lb01").run(["ip", "route", "replace", ROUTE.to, "via", "192.168.31.9"]),
    ...LEASE_LIMIT,
  },
  {
    name: "undone",
    title: "another program removes the master's address again and again",
    interface: "eth1",
    spoil: (lab) => {
      const loop = `while :; do ${REMOVE_ADDRESS} 2>&-; sleep 0.01; done`;
      lab.host("lb01").start("remover", ["sh", "-c", loop]);
      return Promise.resolve();
    },
    ...LEASE_LIMIT,
  },
];

export const KERNEL: readonly Scenario[] = CASES.map((each) => ({
  name: `kernel-${each.name}`,
  title: `${each.title}, version 2, 1 s`,
  brands: ["vipd", "keepalived"],
  figures: figuresOf(each),
  measure: (brand, { binary, run, runs }) => measure(each, brand, binary, run / runs),
}));

function figuresOf({ name, title, limitMs, limit, silent }: Case): Figure[] {
  return [
    {
      id: `${name}_served`,
      title: `${title}: until the other node serves`,
      unit: "ms",
      watched: SETTLE_MS,
      target: atMost(limitMs, limit),
    },
    {
      id: `${name}_two`,
      title: `${title}: two holders`,
      unit: "ms",
      watched: WATCHED_MS,
      ...(silent && { target: never("0 ms") }),
    },
  ];
}

/** `phase`: how much of an interval the last advert is ago. */
async function measure(
  each: Case,
  brand: Brand,
  binary: string | undefined,
  phase: number,
): Promise<Measured> {
  await using lab = await Lab.open(`bench-${Deno.pid}`, TWO_NETWORKS_PLAN);
  const holders = await HolderWatch.start([lab.host("lb01"), lab.host("lb02")], PAIR_ADDRESS);
  for (const name of ["lb01", "lb02"] as const) {
    await daemonOf(each, brand, binary, lab, name).launch();
  }
  await holders.heldBy("lb01", SETTLE_MS);
  await sleep(2000 + ONE_SECOND.advertIntervalMs * phase);
  const fromMs = clockMs();
  await each.spoil(lab);
  const takenMs = await untilTaken(holders, fromMs);
  await sleep(WATCHED_MS);
  const two = overlaps(seen(holders.holdings())).filter(({ fromMs: atMs }) => atMs > fromMs);
  return {
    [`${each.name}_served`]: takenMs - fromMs,
    [`${each.name}_two`]: two.reduce((sum, span) => sum + span.untilMs - span.fromMs, 0),
  };
}

/** When the other node began to serve; `Infinity` if that is not within `SETTLE_MS`. */
async function untilTaken(holders: HolderWatch, fromMs: number): Promise<number> {
  const taken = () => holders.holdings().find((it) => it.host === "lb02" && it.fromMs > fromMs);
  try {
    const limits = { timeoutMs: SETTLE_MS, everyMs: 10 };
    return (await waitFor("the other node to serve", taken, limits)).fromMs;
  } catch (error) {
    if (error instanceof LabError) return Infinity;
    throw error;
  }
}

function daemonOf(
  { interface: device, route }: Case,
  brand: Brand,
  binary: string | undefined,
  lab: Lab,
  name: NodeName,
): Daemon {
  const host = lab.host(name);
  const priority = PRIORITIES[name];
  const address = `${PAIR_ADDRESS}/24`;
  if (brand === "keepalived") {
    return new KeepalivedDaemon(
      host,
      `vrrp_instance VI_1 {
    interface ${device}
    virtual_router_id ${VRID}
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${address} dev eth1
    }${route ? `\n    virtual_routes {\n        ${ROUTE.to} via ${ROUTE.via}\n    }` : ""}
}
`,
    );
  }
  const config = `instances:
  - name: VI_1
    interface: ${device}
    vrid: ${VRID}
    priority: ${priority}
    addresses: [{ address: ${address}, device: eth1 }]
${route ? `    routes: [${JSON.stringify(ROUTE)}]\n` : ""}`;
  return new VipdDaemon(new Vipd(host, { config, binary }));
}
