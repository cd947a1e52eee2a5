/**
 * What happens to a node of the soak, drawn by a seed.
 *
 * @module
 */

import { VipdDaemon } from "../../lab/daemon.ts";
import { sleep } from "../../lab/wait.ts";
import type { SoakNode } from "./node.ts";

/** Something that happens to a node and, after a while, is over. */
export interface Fault {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** Shortest and longest time until it is over, in milliseconds. */
  readonly lastsMs: readonly [number, number];
  /** Whether keepalived can be put through it and keep what is promised for vipd. */
  readonly keepalived: boolean;
  readonly begin: (node: SoakNode, random: () => number) => Promise<string | void>;
  readonly end: (node: SoakNode) => Promise<void>;
}

const nothing = () => Promise.resolve();

export const FAULTS: readonly Fault[] = [
  {
    name: "kill",
    weight: 2,
    lastsMs: [200, 8000],
    keepalived: false,
    begin: (node) => node.kill(),
    end: (node) => node.start(),
  },
  {
    name: "hang",
    weight: 2,
    lastsMs: [500, 12_000],
    keepalived: false,
    begin: (node) => node.hang(),
    end: (node) => node.wake(),
  },
  {
    name: "stop",
    weight: 2,
    lastsMs: [200, 5000],
    keepalived: true,
    begin: (node) => node.stop(),
    end: (node) => node.start(),
  },
  {
    name: "unplug",
    weight: 2,
    lastsMs: [200, 8000],
    keepalived: true,
    begin: (node) => node.cut("unplugged"),
    end: (node) => node.heal(),
  },
  {
    name: "cut",
    weight: 2,
    lastsMs: [500, 8000],
    keepalived: true,
    begin: (node) => node.cut("silent"),
    end: (node) => node.heal(),
  },
  {
    name: "nginx",
    weight: 2,
    lastsMs: [200, 6000],
    keepalived: true,
    begin: (node) => node.killNginx(),
    end: (node) => node.startNginx(),
  },
  {
    name: "reload",
    weight: 1,
    lastsMs: [0, 0],
    keepalived: false,
    begin: (node, random) => node.reload(random),
    end: nothing,
  },
  {
    name: "clock",
    weight: 1,
    lastsMs: [1500, 8000],
    keepalived: false,
    begin: (node, random) => node.stepClock(random),
    end: (node) => node.setClockRight(),
  },
  order("promote", 1),
  order("demote", 1),
  order("release", 2),
];

function order(name: "promote" | "demote" | "release", weight: number): Fault {
  return {
    name,
    weight,
    lastsMs: [0, 0],
    keepalived: false,
    begin: (node) => node.send(name),
    end: nothing,
  };
}

/** A time between two faults of one node, in milliseconds: long enough that most find both nodes well. */
const REST_MS = [1000, 9000] as const;

export interface FaultOptions {
  readonly faults: readonly Fault[];
  readonly random: () => number;
  readonly untilMs: number;
  readonly tell: (node: string, what: string) => void;
}

/** Does one thing after the other to a node until `untilMs` of `performance.now()`; in the end nothing is broken. */
export async function trouble(node: SoakNode, options: FaultOptions): Promise<void> {
  const { random, untilMs, tell } = options;
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  const known = options.faults.filter((it) => it.keepalived || node.daemon instanceof VipdDaemon);
  while (true) {
    await sleep(between(REST_MS));
    if (performance.now() >= untilMs) return;
    const fault = drawn(known, random);
    const lastsMs = between(fault.lastsMs);
    tell(node.name, lastsMs === 0 ? fault.name : `${fault.name}, for ${lastsMs.toFixed(0)} ms`);
    const said = await fault.begin(node, random);
    if (said !== undefined) tell(node.name, `${fault.name}: ${said}`);
    await sleep(lastsMs);
    await fault.end(node);
    if (fault.end !== nothing) tell(node.name, `${fault.name} is over`);
  }
}

function drawn(faults: readonly Fault[], random: () => number): Fault {
  let left = random() * faults.reduce((sum, { weight }) => sum + weight, 0);
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  throw new RangeError("There is no fault to draw");
}
