/**
 * A simulated pair whose life is written down: what each node does to its machine, what its journal and its status say,
 * one line each.
 */

import type { CancelTimer } from "../../../src/host/clock.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import type { Config } from "../../../src/config/model.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import type { PeerReport } from "../../../src/status/reports/peer_answer.ts";

/** What a node does to its machine and is written down. */
const DONE = [
  ...["addAddress", "renewAddresses", "demoteAddress", "removeAddress", "drainAddress"],
  ...["blockPackets", "announce", "addRouting", "removeRouting"],
  ...["addInterface", "removeInterface", "setInterfaceUp", "restoreInterface"],
  ...["lock", "unlock", "runProgram"],
] as const;
/** How long one step of the pair is, in milliseconds: nodes ask each other this often. */
const ASK_MS = 1000;
/** Promises go on this often, in milliseconds. */
const TURN_MS = 50;

/** A line of a story: what happens, and how long nothing else does, in milliseconds. */
export type Step = readonly [what: string, ms: number, happen?: (pair: ToldPair) => unknown];

export class ToldPair {
  readonly cluster: SimCluster;
  readonly lb01: SimNode;
  readonly lb02: SimNode;
  /** What a virtual address answers clients; `null` while nobody asks. */
  client: { readonly ok: boolean; readonly detail: string } | null = null;
  /** Why the API of a node does not answer the other one; `null` while it does. */
  readonly unreachable = new Map<SimNode, PeerReport>();
  /** Timers that would fire yet, by node. */
  readonly #timers = new Map<SimNode, Set<object>>();
  readonly #lines: string[] = [];
  /** When each thing was done in the present step. */
  readonly #done = new Map<string, number[]>();
  readonly #before = new Map<SimNode, ReadonlyMap<string, string>>();
  #askedMs = 0;

  constructor(configs: readonly Config[]) {
    this.cluster = new SimCluster(configs.map(() => ({})));
    const [lb01, lb02] = this.cluster.nodes as [SimNode, SimNode];
    [this.lb01, this.lb02] = [lb01, lb02];
    this.cluster.nodes.forEach((node, index) => {
      node.reload(configs[index]!);
      this.#listen(node);
    });
    this.cluster.onJournal((node, { severity, code, message }) =>
      this.#tell(node, `${severity} ${code}: ${message}`)
    );
  }

  /** The whole story. */
  async tell(steps: readonly Step[]): Promise<string> {
    for (const [what, ms, happen] of steps) {
      this.#lines.push(`== ${what}`);
      happen?.(this);
      await this.#run(ms);
      for (const [text, times] of this.#done) this.#lines.push(`${text}: ${timesText(times)}`);
      this.#done.clear();
      for (const node of this.cluster.nodes) this.#tellStatus(node);
    }
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** Something that nothing else tells. */
  note(node: SimNode, text: string): void {
    this.#tell(node, text);
  }

  /** How many timers of a node's process would fire yet. */
  timersOf(node: SimNode): number {
    return this.#timers.get(node)!.size;
  }

  async #run(ms: number): Promise<void> {
    for (const untilMs = this.cluster.time.nowMs + ms; this.cluster.time.nowMs < untilMs;) {
      if (this.cluster.time.nowMs >= this.#askedMs) this.#ask();
      const { nowMs } = this.cluster.time;
      this.cluster.run(Math.min(this.#askedMs, untilMs, nowMs + TURN_MS) - nowMs);
      // What is written or handed over goes on between the events.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  #ask(): void {
    for (const node of this.cluster.nodes.filter(({ running }) => running)) {
      const { daemon } = node;
      for (const { name } of node.config.peers) {
        daemon!.peerReported(
          name,
          this.#reportOf(this.cluster.nodes.find((it) => it.name === name)!),
          0,
        );
      }
      if (this.client === null) continue;
      for (const instance of daemon!.clientsWanted) {
        daemon!.clientAnswered({ instance, target: "http://192.168.31.5:80/", ...this.client });
      }
    }
    this.#askedMs = this.cluster.time.nowMs + ASK_MS;
  }

  #reportOf(node: SimNode): PeerReport {
    const report = this.unreachable.get(node);
    if (report) return report;
    if (!node.running) return { ok: false, error: "nobody listens there", cause: "refused" };
    const answer = readPeerAnswer(JSON.stringify(node.daemon!.status()));
    return "problem" in answer ? { ok: false, error: answer.problem } : { ok: true, answer };
  }

  #listen(node: SimNode): void {
    const { host } = node;
    const timers = new Set<object>();
    this.#timers.set(node, timers);
    const setTimer = host.setTimer.bind(host);
    host.setTimer = (atMs, fire) => {
      const timer = {};
      timers.add(timer);
      const cancel: CancelTimer = setTimer(atMs, () => {
        timers.delete(timer);
        fire();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    };
    const killProcess = host.killProcess.bind(host);
    host.killProcess = () => {
      timers.clear();
      killProcess();
    };
    for (const name of DONE) {
      const all = host as unknown as Record<string, (...words: unknown[]) => unknown>;
      const act = all[name]!.bind(host);
      all[name] = (...words) => {
        const text = `${node.name} ${name} ${words.map(wordOf).join(" ")}`.trimEnd();
        this.#done.set(text, [...this.#done.get(text) ?? [], this.cluster.time.nowMs]);
        return act(...words);
      };
    }
  }

  #tell({ name }: SimNode, text: string): void {
    this.#lines.push(`${(this.cluster.time.nowMs / 1000).toFixed(3)} ${name} ${text}`);
  }

  /** What the status says since its last lines. */
  #tellStatus(node: SimNode): void {
    const before = this.#before.get(node) ?? new Map<string, string>();
    const now = node.running ? saidBy(node) : new Map<string, string>();
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      if (now.get(key) === before.get(key)) continue;
      this.#lines.push(`${node.name} ${key}: ${now.get(key) ?? "-"}`);
    }
    this.#before.set(node, now);
  }
}

/** The parts of an instance that change with each look, or have another form. */
const RESTLESS = ["since", "lease", "pair", "reason"];

/** What the status says, but for what changes with each look or stands in the journal. */
function saidBy({ daemon }: SimNode): ReadonlyMap<string, string> {
  const { instances, alarms, checks } = daemon!.status();
  const said = new Map<string, string>();
  said.set("alarms", alarms.map(({ code, subject }) => `${code} ${subject}`).join(", "));
  for (const { name, state, last } of checks) said.set(name, `${state} ${last?.detail}`);
  for (const { name, counters, timers, ...more } of instances) {
    const { pair, reason } = more;
    for (const [key, value] of Object.entries(more)) {
      if (!RESTLESS.includes(key)) said.set(`${name} ${key}`, wordOf(value));
    }
    said.set(`${name} reason`, reason.message);
    said.set(`${name} pair`, pair?.sentence ?? "-");
    said.set(`${name} timers`, wordOf(timers));
    for (const [key, value] of Object.entries(counters)) {
      if (value !== 0) said.set(`${name} ${key}`, wordOf(value));
    }
  }
  return said;
}

/** Seconds; of many only the first and the last ones. */
function timesText(times: readonly number[]): string {
  const text = (some: readonly number[]) => some.map((ms) => (ms / 1000).toFixed(3)).join(" ");
  return times.length <= 6
    ? text(times)
    : `${text(times.slice(0, 4))} … ${text(times.slice(-1))} (${times.length})`;
}

/** An argument, or a value of the status, in as few words as tell it. */
function wordOf(word: unknown): string {
  if (typeof word === "function" || word === undefined) return "";
  if (Array.isArray(word)) return `[${word.map(wordOf).join(", ")}]`;
  if (typeof word !== "object" || word === null) return String(word);
  if (word instanceof Uint8Array) return word.toHex();
  return `{${Object.entries(word).map(([key, value]) => `${key} ${wordOf(value)}`).join(", ")}}`;
}
