/**
 * One file of a pair, run by keepalived on one node and by vipd, with its import, on the other; then the other way round.
 * Both ways must look the same from outside: who holds the address after each event, and what its adverts say.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { AdvertCapture, type CapturedAdvert } from "../../../lab/capture.ts";
import { HolderWatch } from "../../../lab/holders.ts";
import type { LabHost } from "../../../lab/host.ts";
import { Keepalived } from "../../../lab/keepalived.ts";
import { Lab, type LabPlan } from "../../../lab/network.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { importKeepalived } from "../../../src/keepalived/import.ts";
import { filesOf } from "../../keepalived/support.ts";
import {
  fileOf,
  type HappeningName,
  type ImportedCase,
  type NodeName,
  watchedAddress,
} from "./cases.ts";

/** Adverts and addresses on eth1; eth0 is there to be tracked. */
const PLAN = {
  lb01: {
    eth0: { network: "back", addresses: ["10.0.0.11/24"] },
    eth1: { network: "front", addresses: ["192.168.31.11/24", "2001:db8:31::11/64"] },
  },
  lb02: {
    eth0: { network: "back", addresses: ["10.0.0.12/24"] },
    eth1: { network: "front", addresses: ["192.168.31.12/24", "2001:db8:31::12/64"] },
  },
} as const satisfies LabPlan;

type Brand = "keepalived" | "vipd";

/** The node that keepalived runs on; vipd runs on the other one. */
const WAYS: readonly NodeName[] = ["lb01", "lb02"];

/** How long a pair may take to come to rest: start of a process, checks, an election, and a busy machine. */
const PATIENCE_MS = 60_000;

/** What is seen at rest. */
export interface Seen {
  readonly after: string;
  /** The hosts that have the watched address. */
  readonly holders: string;
  /** The last advert of each virtual router: `lb01 to 224.0.0.18, TTL 255: 3137...`, without its checksum. */
  readonly adverts: readonly string[];
}

/** What is seen both ways; they must be the same. */
export async function bothWays(each: ImportedCase): Promise<Readonly<Record<Brand, Seen[]>>> {
  const [keepalived, vipd] = await Promise.all(WAYS.map((node) => walk(each, node)));
  return { keepalived: keepalived!, vipd: vipd! };
}

/** Fails if the two ways differ, with the first event after which they do. */
export async function behavesAlike(each: ImportedCase): Promise<void> {
  const seen = await bothWays(each);
  for (const [index, expected] of seen.keepalived.entries()) {
    assert.deepEqual(
      seen.vipd[index],
      expected,
      `${each.name}: keepalived and vipd as lb01 differ`,
    );
  }
}

async function walk(each: ImportedCase, ofKeepalived: NodeName): Promise<Seen[]> {
  await using lab = await Lab.open(`imported-${crypto.randomUUID()}`, PLAN);
  const pair = new Pair(each, lab, ofKeepalived);
  await pair.start();
  const seen = [await pair.atRest("the start")];
  for (const name of each.happenings) {
    for (const [when, act] of Object.entries(HAPPENINGS[name])) {
      await act(pair);
      seen.push(await pair.atRest(`${name} ${when}`));
    }
  }
  await pair.vipdDiscardedNothing();
  return seen;
}

type Act = (pair: Pair) => Promise<void>;

/** What happens to lb01, and how it is undone. */
const HAPPENINGS: Readonly<Record<HappeningName, { readonly away: Act; readonly back: Act }>> = {
  link: { away: (pair) => pair.link("eth1", "down"), back: (pair) => pair.link("eth1", "up") },
  "other link": {
    away: (pair) => pair.link("eth0", "down"),
    back: (pair) => pair.link("eth0", "up"),
  },
  flag: {
    away: (pair) => pair.run("rm /run/lab/flag"),
    back: (pair) => pair.run("touch /run/lab/flag"),
  },
  number: {
    away: (pair) => pair.run("echo -9 >/run/lab/number"),
    back: (pair) => pair.run("echo 0 >/run/lab/number"),
  },
  stop: { away: (pair) => pair.stop("lb01"), back: (pair) => pair.startNode("lb01") },
};

/** A daemon on one node. */
interface Node {
  start(): Promise<void>;
  stop(): Promise<void>;
}

class Pair {
  readonly #case: ImportedCase;
  readonly #lab: Lab;
  readonly #nodes: Readonly<Record<NodeName, Node>>;
  readonly #vipd: Vipd[] = [];
  #holders!: HolderWatch;
  #capture!: AdvertCapture;
  /** Sources of adverts by node, learnt from the hosts. */
  readonly #nodeOf = new Map<string, NodeName>();

  constructor(each: ImportedCase, lab: Lab, ofKeepalived: NodeName) {
    this.#case = each;
    this.#lab = lab;
    const node = (name: NodeName) =>
      name === ofKeepalived ? this.#keepalived(name) : this.#import(name);
    this.#nodes = { lb01: node("lb01"), lb02: node("lb02") };
  }

  async start(): Promise<void> {
    const { hosts } = this.#lab;
    for (const host of hosts) {
      await host.run(["sh", "-c", "touch /run/lab/flag; echo 0 >/run/lab/number"]);
      const { stdout } = await host.run(["ip", "-o", "address", "show", "dev", "eth1"]);
      for (const [, address] of stdout.matchAll(/inet6? ([^/\s]+)/g)) {
        this.#nodeOf.set(address!, host.name as NodeName);
      }
    }
    await this.#keepNeighbour();
    this.#holders = await HolderWatch.start(hosts, watchedAddress(this.#case), 20);
    // lb02 sees the adverts of both, whatever happens to lb01.
    const host = this.#lab.host("lb02");
    this.#capture = await AdvertCapture.start(host, "eth1", undefined, { atOnce: true });
    // One after the other: with `nopreempt` the first one stays master.
    await this.startNode("lb01");
    const speaks = async () => (await this.#look("")).adverts.length > 0;
    await waitFor("an advert of lb01", speaks, { timeoutMs: PATIENCE_MS });
    await this.startNode("lb02");
  }

  async startNode(name: NodeName): Promise<void> {
    await this.#nodes[name].start();
  }

  async stop(name: NodeName): Promise<void> {
    await this.#nodes[name].stop();
  }

  async link(device: string, state: "up" | "down"): Promise<void> {
    await this.#lab.host("lb01").run(["ip", "link", "set", device, state]);
  }

  async run(command: string): Promise<void> {
    await this.#lab.host("lb01").run(["sh", "-c", command]);
  }

  /** Unicast adverts to a dead lb01 leave lb02 for as long as its kernel believes in the neighbour: for good, here. */
  async #keepNeighbour(): Promise<void> {
    const [{ address }] = JSON.parse(
      (await this.#lab.host("lb01").run(["ip", "-j", "link", "show", "dev", "eth1"])).stdout,
    );
    const neighbour = ["192.168.31.11", "lladdr", address, "dev", "eth1", "nud", "permanent"];
    await this.#lab.host("lb02").run(["ip", "neigh", "replace", ...neighbour]);
  }

  /** What is seen when it has not changed for as long as any election, check and delay of the cases takes. */
  async atRest(after: string): Promise<Seen> {
    const untilMs = clockMs() + PATIENCE_MS;
    const restMs = 3000 + 5000 * (this.#case.intervalS ?? 0.1);
    let [seen, sinceMs] = [await this.#look(after), clockMs()];
    while (clockMs() - sinceMs < restMs && clockMs() < untilMs) {
      await sleep(200);
      const now = await this.#look(after);
      if (JSON.stringify(now) !== JSON.stringify(seen)) [seen, sinceMs] = [now, clockMs()];
    }
    return seen;
  }

  async #look(after: string): Promise<Seen> {
    const recentMs = clockMs() - 1000 - 2000 * (this.#case.intervalS ?? 0.1);
    const adverts = (await this.#capture.adverts()).filter(({ atMs }) => atMs >= recentMs);
    const last = new Map(adverts.map((advert) => [`${advert.vrid} ${advert.source}`, advert]));
    return {
      after,
      holders: this.#holders.now().join(),
      adverts: Array.from(last.values(), (advert) => this.#text(advert)).sort(),
    };
  }

  #text({ source, destination, ttl, message }: CapturedAdvert): string {
    const fields = new Uint8Array(message);
    // It depends on the source, which of IPv6 is another one in each lab.
    fields.fill(0, 6, 8);
    const from = this.#nodeOf.get(source) ?? source;
    const to = this.#nodeOf.get(destination) ?? destination;
    return `${from} to ${to}, TTL ${ttl}: ${fields.toHex()}`;
  }

  /** Every advert of keepalived was one for the election. */
  async vipdDiscardedNothing(): Promise<void> {
    for (const vipd of this.#vipd) {
      const status = await vipd.status();
      for (const { name, counters } of status?.instances ?? []) {
        assert.deepEqual(counters.dropped, {}, `${this.#case.name}: ${name}`);
      }
    }
  }

  #keepalived(name: NodeName): Node {
    let running: Keepalived | null = null;
    return {
      start: async () => {
        running = await Keepalived.start(this.#lab.host(name), fileOf(this.#case, name));
      },
      stop: async () => await running?.stop(),
    };
  }

  #import(name: NodeName): Node {
    const host: LabHost = this.#lab.host(name);
    let vipd: Vipd | null = null;
    return {
      start: async () => {
        if (vipd === null) {
          const config = await imported(fileOf(this.#case, name), name);
          vipd = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
          this.#vipd.push(vipd);
        }
        const started = vipd;
        const { lastLines } = await started.launch();
        await waitFor(`the API of vipd on ${name}`, () => started.status(), {
          timeoutMs: PATIENCE_MS,
          explain: () => lastLines.slice(-20).join("\n"),
        });
      },
      stop: async () => await vipd?.stop(),
    };
  }
}

async function imported(text: string, name: NodeName): Promise<string> {
  const options = { id: name, hostname: name };
  const { yaml, findings } = await importKeepalived("k.conf", filesOf({ "k.conf": text }), options);
  const errors = findings.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors, [], "the file can be imported");
  return withoutDamping(yaml!);
}

/** keepalived never holds a node back, and the cases move the addresses often; docs/migration.md names the difference. */
function withoutDamping(yaml: string): string {
  const data = parse(yaml) as { readonly instances: readonly object[] };
  const instances = data.instances.map((each) => ({ ...each, damping: { moves: 0 } }));
  return JSON.stringify({ ...data, instances });
}
