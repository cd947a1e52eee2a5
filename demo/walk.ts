/**
 * The walk: what can happen to a pair of load balancers, one step after the other, and the outcome that each must have.
 *
 * @module
 */

import { type BalancerName, type Cluster, INSTANCE, VIP } from "../lab/cluster.ts";
import { LabError } from "../lab/error.ts";
import type { CommandName } from "../lab/vipd.ts";

/** One step, as data. */
export interface Step {
  /** The event, in the present tense. */
  readonly title: string;
  /** Why the outcome is what it is; one line. */
  readonly because: string;
  readonly act: (cluster: Cluster) => Promise<void>;
  /** The one that has the virtual address in the end, alone among those that the client can reach. */
  readonly holder: BalancerName;
  /** A load balancer that nobody can reach, so that what it holds does not count. */
  readonly gone?: BalancerName;
  /** The longest time without an answer that the client may see, in milliseconds. */
  readonly mayGapMs: number;
  /** Looks for more; answers a complaint, or `null`. */
  readonly check?: (cluster: Cluster) => Promise<string | null>;
}

/** The address moves by agreement: nobody should notice. The machine may be busy, hence the margin. */
const PLANNED_MS = 500;
/** The death of nginx is noticed at once, and lb02 is the only backup; and the margin. */
const CRASH_MS = 1000;
/** Master_Down_Interval: three adverts of 1 s and a skew of (256 - 100) / 256 s; and the margin. */
const SILENCE_MS = 4500;

export const STEPS: readonly Step[] = [
  {
    title: "vipd starts on lb01 and lb02",
    because: "lb01 has the higher priority, 150 against 100",
    act: ({ balancers }) => both(balancers.lb01.vipd.start(), balancers.lb02.vipd.start()),
    holder: "lb01",
    mayGapMs: Infinity,
    check: labelIsThere,
  },
  {
    title: "vipd stops on lb01",
    because: "it says goodbye and serves on until lb02 has taken over",
    act: ({ balancers }) => balancers.lb01.vipd.stop(),
    holder: "lb02",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "vipd starts again on lb01",
    because: "the higher priority takes the address back",
    act: ({ balancers }) => balancers.lb01.vipd.start(),
    holder: "lb01",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "nginx crashes on lb01 (kill -9)",
    because: "vipd lives, sees nginx die and hands over at once",
    act: async ({ balancers }) => {
      await balancers.lb01.nginx.crash();
    },
    holder: "lb02",
    mayGapMs: CRASH_MS,
    check: ({ balancers }) =>
      Promise.resolve(balancers.lb01.vipd.running ? null : "vipd on lb01 has ended"),
  },
  {
    title: "nginx is back on lb01",
    because: "its checks pass twice, then the higher priority takes the address back",
    act: ({ balancers }) => balancers.lb01.nginx.start(),
    holder: "lb01",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "lb01 vanishes: both cables are dead",
    because: "lb02 hears nothing for Master_Down_Interval, 3.6 s",
    act: ({ lab }) => lab.vanish("lb01"),
    holder: "lb02",
    gone: "lb01",
    mayGapMs: SILENCE_MS,
  },
  {
    title: "lb01 is back",
    because: "its nginx reaches the web servers again, so its checks pass",
    act: ({ lab }) => lab.reappear("lb01"),
    holder: "lb01",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "demote lb01 (POST VI_1/demote)",
    because: "an override stands above the priorities: lb01 hands over and stays backup",
    act: (cluster) => send(cluster, "lb01", "demote"),
    holder: "lb02",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "release lb01 (POST VI_1/release)",
    because: "the priorities count again",
    act: (cluster) => send(cluster, "lb01", "release"),
    holder: "lb01",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "promote lb02 (POST VI_1/promote)",
    because: "it takes over without waiting, although its priority is lower",
    act: (cluster) => send(cluster, "lb02", "promote"),
    holder: "lb02",
    mayGapMs: PLANNED_MS,
  },
  {
    title: "release lb02 (POST VI_1/release)",
    because: "the priorities count again",
    act: (cluster) => send(cluster, "lb02", "release"),
    holder: "lb01",
    mayGapMs: PLANNED_MS,
  },
];

async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  await Promise.all([one, other]);
}

async function send(cluster: Cluster, name: BalancerName, what: CommandName): Promise<void> {
  const { status, body } = await cluster.balancers[name].vipd.send(INSTANCE, what);
  if (status === 200) return;
  throw new LabError(`${what} on ${name} was answered with ${status}: ${JSON.stringify(body)}`);
}

async function labelIsThere({ balancers }: Cluster): Promise<string | null> {
  const list = ["ip", "-oneline", "address", "show", "dev", VIP.device, "label", VIP.label];
  const { stdout } = await balancers.lb01.host.run(list);
  return stdout.includes(` ${VIP.address}/24 `)
    ? null
    : `${VIP.address}/24 does not carry the label ${VIP.label}`;
}
