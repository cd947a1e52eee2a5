/**
 * Seeded pairs of every kind, alone or as a sync group, next to one like itself or to a router that knows neither last
 * resort nor damping nor a sole backup: each cause moves the addresses once at most, and somebody serves as long as
 * anybody can.
 */

import assert from "node:assert/strict";
import type { DampingConfig, InstanceConfig, TrackConfig } from "../../src/config/model.ts";
import { readPeerAnswer } from "../front/peers/read_peer_answer.ts";
import { ASK_EVERY_MS } from "../../src/node/pair/peers.ts";
import { type SimNode, tracked } from "../../src/sim/cluster.ts";
import { seededRandom } from "../../src/sim/random.ts";
import type { VrrpVersion } from "../../src/wire/vrrp.ts";
import { lastResortMs, masterDownIntervalMs } from "../../src/vrrp/timers.ts";
import { BACK, FRONT, GroupedCluster, type GroupedNode } from "../node/instance/grouped_pair.ts";

const SEEDS = 150;
const CAUSES = 10;
/** Checks, hand-overs, Master_Down_Interval and the longest preempt delay. */
const SETTLED_MS = 20_000;
const PREEMPT_DELAY_MS = 5000;
const INTERVAL_CS = 100;
/** Of the link, and of a timer that takes its turn. */
const MARGIN_MS = 50;

const SITE: TrackConfig = tracked({ kind: "check", check: "nginx", whenDown: "last_resort" });
const WEIGHT: TrackConfig = tracked({ kind: "check", check: "nginx", weight: -60 });
const OFF: DampingConfig = { moves: 0, withinMs: 600_000, holdAfterMs: 600_000 };
/** So short that holds begin and end. */
const SHORT: DampingConfig = { moves: 4, withinMs: 120_000, holdAfterMs: 90_000 };

/** What happened since the last cause. */
interface Happened {
  moves: number;
  /** The longest time in which nobody served. */
  unheldMs: number;
}

class Causes {
  readonly log: string[] = [];
  readonly #cluster: GroupedCluster;
  readonly #random: () => number;
  readonly #members: readonly string[];
  readonly #version: VrrpVersion;
  /** The nodes ask each other's API. */
  readonly #known: boolean;
  #askedMs = 0;
  /** The node that serves, or served last; empty before the first one and after the last one has stopped. */
  #holder = "";
  #unheldSinceMs: number | null = null;
  #happened: Happened = { moves: 0, unheldMs: 0 };

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#members = random() < 0.4 ? [FRONT, BACK] : [FRONT];
    const plain = random() < 0.3 ? Math.floor(random() * 2) : null;
    this.#known = plain === null && random() < 0.5;
    this.#version = random() < 0.5 ? 2 : 3;
    const nodes = [150, 100].map((priority, index) => this.#node(priority, index === plain));
    this.log.push(JSON.stringify({ plain, known: this.#known, members: this.#members, nodes }));
    this.#cluster = new GroupedCluster(nodes, seed);
    for (const node of this.#cluster.nodes) {
      const { name } = this.#other(node);
      const peers = [{ name, url: `http://192.168.31.1${name.slice(-1)}:9112` }];
      const instances = node.config.instances.slice(0, this.#members.length);
      const syncGroups = instances.length > 1 ? node.config.syncGroups : [];
      node.reload({ ...node.config, instances, syncGroups, peers: this.#known ? peers : [] });
    }
  }

  #node(priority: number, isPlain: boolean): GroupedNode {
    const random = this.#random;
    const track = isPlain ? random() < 0.5 ? [] : [WEIGHT] : random() < 0.7 ? [SITE] : [WEIGHT];
    const both: Partial<InstanceConfig> = {
      version: this.#version,
      authentication: { type: "none" },
      priority,
      preempt: random() < 0.6,
      preemptDelayMs: random() < 0.2 ? PREEMPT_DELAY_MS : 0,
      soleBackup: isPlain ? false : random() < 0.5 ? true : "auto",
      damping: isPlain || random() < 0.5 ? OFF : SHORT,
    };
    return { both, front: { track }, ...(random() < 0.5 && { back: { track } }) };
  }

  async run(): Promise<void> {
    this.#cluster.start();
    await this.#pass(SETTLED_MS);
    assert.equal(this.#holder, "lb01");
    for (let cause = 0; cause < CAUSES; cause++) {
      this.#happened = { moves: 0, unheldMs: 0 };
      const before = this.#holdsEnded();
      const mostMs = this.#cause();
      await this.#pass(SETTLED_MS + 10_000 * this.#random());
      const { moves, unheldMs } = this.#happened;
      this.log.push(`${" ".repeat(11)}${moves} moves, ${unheldMs} ms: ${this.#cluster.holders}`);
      // The end of a hold is a cause, too.
      const causes = 1 + Math.max(0, this.#holdsEnded() - before);
      assert.ok(moves <= causes, `${moves} moves`);
      const able = this.#cluster.nodes.filter((node) => this.#isAble(node));
      if (able.length === 0) continue;
      assert.ok(able.some(({ name }) => name === this.#holder), `${this.#holder} serves`);
      assert.ok(unheldMs <= mostMs, `nobody serves for ${unheldMs} ms`);
    }
  }

  /** Something happens; how long nobody may serve then, in milliseconds. */
  #cause(): number {
    const node = this.#pick(this.#cluster.nodes);
    const { host, name, daemon } = node;
    const alone = !this.#isAble(this.#other(node));
    const serves = this.#holder === name && this.#isAble(node);
    const downMs = masterDownIntervalMs(this.#version, 1, INTERVAL_CS) + MARGIN_MS;
    const instance = this.#pick(this.#members);
    const check = (nodes: readonly SimNode[], ok: boolean) => () => {
      for (const each of nodes) each.host.setCheck("nginx", ok);
      return 0;
    };
    const order = (kind: "promote" | "demote" | "release") => () => {
      void daemon?.command({ kind, instance });
      return 0;
    };
    const ofProcess: Record<string, () => number> = node.running
      ? {
        "stop": () => {
          void node.stop();
          // Of a last resort; any other backup has less to wait.
          return alone ? Infinity : lastResortMs(this.#version, INTERVAL_CS);
        },
        "kill": () => {
          node.kill();
          return alone ? Infinity : downMs;
        },
      }
      : {
        "start": () => {
          node.start();
          host.setCheck("nginx", this.#random() < 0.7);
          return alone ? Infinity : 0;
        },
      };
    const causes: Record<string, () => number> = {
      "check fails": check([node], false),
      "check recovers": check([node], true),
      "check fails on both": check(this.#cluster.nodes, false),
      "check recovers on both": check(this.#cluster.nodes, true),
      "promote": order("promote"),
      "demote": order("demote"),
      "release": order("release"),
      [host.linkUp ? "link down" : "link up"]: () => {
        host.setLink(!host.linkUp);
        return alone ? Infinity : serves ? downMs : 0;
      },
      ...ofProcess,
    };
    const what = this.#pick(Object.keys(causes));
    this.log.push(`${this.#cluster.time.nowMs.toFixed(0).padStart(10)} ${name}: ${what}`);
    return causes[what]!();
  }

  #other(node: SimNode): SimNode {
    return this.#cluster.nodes.find((it) => it !== node)!;
  }

  #isAble({ running, host }: SimNode): boolean {
    return running && host.linkUp;
  }

  #holdsEnded(): number {
    return this.#cluster.nodes.flatMap(({ daemon }) => daemon?.journal.since() ?? [])
      .filter(({ code }) => code === "hold_ended").length;
  }

  async #pass(forMs: number): Promise<void> {
    const { time } = this.#cluster;
    const untilMs = time.nowMs + forMs;
    while (time.nowMs < untilMs) {
      if (this.#known && time.nowMs >= this.#askedMs) this.#ask();
      this.#cluster.run(Math.min(100, untilMs - time.nowMs), () => this.#look());
      for (let turn = 0; turn < 6; turn++) await Promise.resolve();
    }
  }

  /** The fronts ask each other's API, by the same link. */
  #ask(): void {
    this.#askedMs = this.#cluster.time.nowMs + ASK_EVERY_MS;
    for (const to of this.#cluster.nodes) {
      const of = this.#other(to);
      const reached = this.#isAble(of) && this.#isAble(to);
      const answer = reached ? readPeerAnswer(JSON.stringify(of.daemon!.status())) : null;
      to.daemon?.peerReported(
        of.name,
        answer !== null && !("problem" in answer)
          ? { ok: true, answer }
          : { ok: false, error: "no whole answer within 1 s" },
      );
    }
  }

  #look(): void {
    const { nodes, time } = this.#cluster;
    const reachable = nodes.filter(({ host }) => host.linkUp).map(({ name }) => name);
    const holders = this.#members.map((member) =>
      this.#cluster.holdersOf(member).split("+").filter((name) => reachable.includes(name))
    );
    if (holders.some((names) => names.length === 0)) this.#unheldSinceMs ??= time.nowMs;
    else if (this.#unheldSinceMs !== null) {
      const unheldMs = time.nowMs - this.#unheldSinceMs;
      this.#happened.unheldMs = Math.max(this.#happened.unheldMs, unheldMs);
      this.#unheldSinceMs = null;
    }
    if (nodes.every((node) => !node.running)) this.#holder = "";
    const [holder = ""] = holders[0]!;
    const moved = holder !== this.#holder &&
      holders.every(([first, ...others]) => first === holder && others.length === 0);
    if (!moved || holder === "") return;
    if (this.#holder !== "") this.#happened.moves++;
    this.#holder = holder;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }
}

Deno.test(`each cause moves the addresses once at most, and somebody serves (${SEEDS} seeds)`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const causes = new Causes(seed);
    try {
      await causes.run();
    } catch (error) {
      throw new Error(`seed ${seed}:\n${causes.log.join("\n")}`, { cause: error });
    }
  }
});
