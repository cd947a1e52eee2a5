/**
 * Pairs in namespaces: what a running vipd puts on the wire when it starts, takes over, changes its priority and hands over,
 * in every form that adverts and announcements have.
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import type { LabHost } from "../../../lab/host.ts";
import { Lab, type LabPlan } from "../../../lab/network.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { PAIRS, type WalkedPair } from "../families/packets.ts";
import { nodeConfig, type NodeSettings } from "../families/simulated_configs.ts";
import type { Json } from "../json.ts";
import { FrameRecorder, type SentFrame } from "./frames.ts";

const PLAN = {
  lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24"] } },
  lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24"] } },
} as const satisfies LabPlan;

type NodeName = keyof typeof PLAN;
const NODES: readonly NodeName[] = ["lb01", "lb02"];

/** What is no other on the wire than other pairs, but for its times. */
const LEFT_OUT = [
  "version 2 without a lease",
  "version 3, packets refused",
  "version 3, connections drained",
  "version 3, announced as asked",
];
/** Pairs at a time: they wait most of the time. */
const AT_A_TIME = 8;

const WAIT = { timeoutMs: 30_000, everyMs: 100 };
/** A busy machine sends so much later than it is time to. */
const LATE_MS = 400;
/** The second announcement comes within a phase. */
const ANNOUNCE = "announce: { delay: 300ms, refresh: 0s, repeat: 2 }";
const OWN: NodeSettings = {
  ...{ priority: 150, preempt: true, preemptDelayMs: 0, startDelayMs: 0 },
  ...{ weight: -60, addresses: "all" },
};

/** Each host's interface has a MAC address and a link-local address that are the same in every run. */
async function fixAddresses(host: LabHost, index: number): Promise<void> {
  await host.run([
    "sh",
    "-ec",
    `ip link set eth1 down
     ip link set eth1 address 02:00:00:00:00:1${index + 1} addrgenmode none
     ip link set eth1 up
     ip address add fe80::1${index + 1}/64 dev eth1 nodad`,
  ]);
}

class WireWalk {
  readonly #lab: Lab;
  readonly #pair: WalkedPair;
  readonly #vipd: Readonly<Record<NodeName, Vipd>>;
  /** When each phase ended, in milliseconds since the epoch. */
  readonly #phases: { readonly name: string; readonly untilMs: number }[] = [];

  constructor(lab: Lab, pair: WalkedPair, binary: string | undefined) {
    this.#lab = lab;
    this.#pair = pair;
    const announced = pair.common.some((line) => line.startsWith("announce:"));
    const common = announced ? pair.common : [...pair.common, ANNOUNCE];
    const vipd = (name: NodeName, index: number) => {
      const own = { ...OWN, priority: index === 0 ? 150 : 100 };
      const config = nodeConfig({ ...pair, common, nodes: 2 }, own, index);
      return new Vipd(lab.host(name), { config, binary });
    };
    this.#vipd = { lb01: vipd("lb01", 0), lb02: vipd("lb02", 1) };
  }

  async walk(): Promise<Json> {
    const { lb01, lb02 } = this.#vipd;
    await Promise.all(NODES.map((name, index) => fixAddresses(this.#lab.host(name), index)));
    const recorders = await Promise.all(
      NODES.map((name) => FrameRecorder.start(this.#lab.host(name))),
    );
    await this.#phase("lb01 starts", () => lb01.start(), { lb01: "master" });
    await this.#phase("lb02 starts", () => lb02.start(), { lb01: "master", lb02: "backup" });
    const lowered = { lb01: "backup", lb02: "master" };
    await this.#phase("lb01 has priority 80", () => lb01.setPriority("VI_1", 80), lowered);
    const back = { lb01: "master", lb02: "backup" };
    await this.#phase("lb01 has its own again", () => this.#order("release"), back);
    await this.#phase("lb01 is demoted", () => this.#order("demote"), lowered);
    await this.#phase("lb01 is released", () => this.#order("release"), back);
    await this.#phase("lb01 stops", () => lb01.stop(), { lb02: "master" });
    const addresses = this.#pair.addresses.flat().map((it) => it.split("/")[0]!);
    const signed = this.#pair.common.some((line) => line.includes("type: hmac"));
    const frames = await Promise.all(recorders.map((it) => it.stop(addresses, signed)));
    return this.#sent(frames);
  }

  async #order(order: "release" | "demote"): Promise<void> {
    const { status, body } = await this.#vipd.lb01.send("VI_1", order);
    if (status !== 200) throw new LabError(`${order}: ${JSON.stringify(body)}`);
  }

  /** Does something, waits for what comes of it, and until the last announcement is sent. */
  async #phase(
    name: string,
    act: () => Promise<void>,
    states: Readonly<Partial<Record<NodeName, string>>>,
  ): Promise<void> {
    await act();
    for (const [node, state] of Object.entries(states)) {
      const vipd = this.#vipd[node as NodeName];
      const reached = async () =>
        (await vipd.status())?.instances.every((instance) => instance.state === state);
      const explain = () => vipd.lastLines.slice(-20).join("\n");
      await waitFor(`${node} to be ${state}: ${name}`, reached, { ...WAIT, explain });
    }
    await sleep(2 * this.#pair.intervalMs + 2 * LATE_MS);
    this.#phases.push({ name, untilMs: clockMs() });
  }

  /**
   * By phase and node, each frame once and in no order: how often and when is the simulator's to say. Probes come every
   * now and then, in any phase.
   */
  #sent(frames: readonly (readonly SentFrame[])[]): Json {
    const said: Record<string, Json> = {};
    NODES.forEach((node, index) => {
      const speech = frames[index]!.filter(({ kind }) => kind !== "probe");
      let fromMs = 0;
      for (const { name, untilMs } of this.#phases) {
        // What it said last is said once more, or not, depending on when in the interval a phase begins.
        const last = speech.filter(({ atMs }) =>
          atMs <= fromMs && atMs > fromMs - 2 * this.#pair.intervalMs - LATE_MS
        );
        const before = new Set(last.map(({ text }) => text));
        const inPhase = speech.filter(({ atMs, text }) =>
          atMs > fromMs && atMs <= untilMs && !before.has(text)
        );
        said[`${name}: ${node}`] = frameSet(inPhase);
        fromMs = untilMs;
      }
    });
    // lb02 is not master for so long that it has asked for each address.
    said["probes: lb01"] = frameSet(frames[0]!.filter(({ kind }) => kind === "probe"));
    return said;
  }
}

function frameSet(frames: readonly SentFrame[]): Json {
  const texts = new Set(frames.map(({ kind, text }) => `${kind} ${text}`));
  return Object.fromEntries([...texts].sort().map((text) => [text, true]));
}

/** Walks every pair with an executable, or from source without one; what was sent by the pairs' names. */
export async function walkWire(binary: string | undefined): Promise<Map<string, Json>> {
  const waiting = PAIRS.filter(([name]) => !LEFT_OUT.includes(name)).values();
  const sent = new Map<string, Json>();
  const lane = async () => {
    for (const [name, pair] of waiting) {
      await using lab = await Lab.open(`frozen-wire-${crypto.randomUUID()}`, PLAN);
      sent.set(name, await new WireWalk(lab, pair, binary).walk());
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  // In the order of the list, not in which they were ready.
  return new Map(PAIRS.flatMap(([name]) => sent.has(name) ? [[name, sent.get(name)!]] : []));
}
