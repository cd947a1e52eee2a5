/**
 * Replays a recording: the engine of today hears what an engine in the field heard, at the same times, and must do the
 * same.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Config } from "../../src/config/model.ts";
import type { HostError } from "../../src/host/errors.ts";
import type { StateStore } from "../../src/host/state_store.ts";
import { LoadBalancer } from "../../src/node/load_balancer.ts";
import {
  decodeLine,
  type Did,
  type Head,
  type Heard,
  plainText,
  RECORDING_FORMAT,
  type StoreName,
  type Turn,
} from "../../src/recording/line.ts";
import { isEffect, shownEntry } from "../../src/recording/recording_node.ts";
import type { JournalEntry } from "../../src/status/journal.ts";
import { VRRP_GROUP } from "../../src/wire/vrrp.ts";
import { ReplayingHost } from "./replaying_host.ts";
import { ReplayingTimers } from "./replaying_timers.ts";
import { Script } from "./script.ts";

/** From one start of an engine to its end. */
export interface Run {
  readonly head: Head;
  /** The number of the first turn's line in the file. */
  readonly line: number;
  readonly turns: readonly Turn[];
}

/** Where a replay comes to something else than the recording. */
export interface Difference {
  /** Of the turn, in the file. */
  readonly line: number;
  /** Since the run began, in milliseconds. */
  readonly afterMs: number;
  /** RFC 3339, of the field. */
  readonly time: string;
  readonly heard: Heard["kind"];
  /** `null`: nothing was done then; nothing is done now. */
  readonly recorded: Did | null;
  readonly replayed: Did | null;
}

/** What a replay does in each turn, and where that first differs. */
export interface Replayed {
  readonly turns: readonly Turn[];
  readonly difference: Difference | null;
}

/**
 * The runs of a file. A line that was cut off by the end of its engine is left out.
 *
 * @throws {SyntaxError} of what is no recording
 */
export function readRuns(text: string): Run[] {
  const runs: { head: Head; line: number; turns: Turn[] }[] = [];
  let damaged: SyntaxError | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const value = readLine(line);
    if (value && "format" in value) {
      if (value.format !== RECORDING_FORMAT || value.version !== 1) {
        throw new SyntaxError(`line ${index + 1} is no recording of a known version`);
      }
      runs.push({ head: value, line: index + 2, turns: [] });
      damaged = null;
      continue;
    }
    // It is no run's last one.
    if (damaged) throw damaged;
    if (value) runs.at(-1)?.turns.push(value);
    else damaged = new SyntaxError(`line ${index + 1} is damaged`);
  }
  if (runs.length === 0) throw new SyntaxError("no line begins a recording");
  return runs;
}

function readLine(line: string): Head | Turn | null {
  try {
    return decodeLine(line) as Head | Turn;
  } catch {
    return null;
  }
}

/** Replays one run to its end. */
export async function replay({ turns, line }: Run): Promise<Replayed> {
  const replaying = new Replaying(turns);
  const done: Turn[] = [];
  let difference: Difference | null = null;
  for (let begin = 0; begin < turns.length;) {
    let end = begin + 1;
    while (turns[end]?.joined) end++;
    const did = await replaying.hear(turns.slice(begin, end), turns[end]?.atMs ?? null);
    for (const [index, effects] of did.entries()) {
      const turn = turns[begin + index]!;
      done.push(withDid(turn, effects));
      difference ??= differenceOf(turn, effects, line + begin + index, turn.atMs - turns[0]!.atMs);
    }
    begin = end;
  }
  return { turns: done, difference };
}

function withDid({ did: _, ...turn }: Turn, did: readonly Did[]): Turn {
  return did.length > 0 ? { ...turn, did } : turn;
}

function differenceOf(
  { wallMs, heard, did = [] }: Turn,
  replayed: readonly Did[],
  line: number,
  afterMs: number,
): Difference | null {
  const longer = Math.max(did.length, replayed.length);
  for (let index = 0; index < longer; index++) {
    const [then, now] = [did[index] ?? null, replayed[index] ?? null];
    if (then && now && effectText(then) === effectText(now)) continue;
    const time = new Date(wallMs).toISOString();
    return { line, afterMs, time, heard: heard.kind, recorded: then, replayed: now };
  }
  return null;
}

/** RFC 3339, in the texts that the engine writes. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/**
 * An effect as it is compared. A time within a written text is that of whichever turn read the wall clock; the time of the
 * effect is that of its turn.
 */
function effectText({ do: name, with: values }: Did): string {
  return plainText([name, values]).replaceAll(TIME, "TIME");
}

/** The difference for a person. */
export function differenceText(
  { line, afterMs, time, heard, recorded, replayed }: Difference,
): string {
  const text = (did: Did | null) =>
    did ? `${did.do} ${did.with.map(plainText).join(" ")}` : "nothing more";
  return `line ${line}, ${
    (afterMs / 1000).toFixed(3)
  } s after the start (${time}), on ${heard}:\n` +
    `  recorded: ${text(recorded)}\n  replayed: ${text(replayed)}`;
}

/** More than any chain of promises of the engine's. */
const PROMISE_ROUNDS = 30;

/** An engine that hears what was recorded. */
class Replaying {
  readonly #script = new Script();
  readonly #timers: ReplayingTimers;
  readonly #host: ReplayingHost;
  readonly #stores = new Map<StoreName, ReplayingStore>();
  #node: LoadBalancer | null = null;

  constructor(turns: readonly Turn[]) {
    this.#timers = new ReplayingTimers(
      turns.flatMap(({ atMs, heard }) =>
        heard.kind === "timer" ? [{ dueMs: heard.dueMs, atMs }] : []
      ),
      turns.map(({ atMs }) => atMs),
    );
    this.#host = new ReplayingHost(this.#script, this.#timers);
    this.#script.onHeard((heard) => this.#deliver(heard));
  }

  /**
   * Lets it hear, one after the other, what it heard without a pause in between; returns what it did in each turn.
   *
   * @param untilMs when the next turn began; `null` after the last one
   */
  async hear(turns: readonly Turn[], untilMs: number | null): Promise<Did[][]> {
    const did: Did[][] = [];
    for (const [index, turn] of turns.entries()) {
      this.#script.begin(turn);
      this.#deliver(turn.heard);
      const next = turns[index + 1];
      if (!next) await pause();
      // To wait at all lets something go on: not before the next turn, if that was not so in the field.
      const rounds = next?.joined === "promise" ? PROMISE_ROUNDS : 0;
      for (let round = 0; round < rounds; round++) {
        if (this.#script.done >= (turn.did?.length ?? 0)) break;
        await Promise.resolve();
      }
      did.push([...this.#script.finish()]);
    }
    if (untilMs !== null) did.at(-1)!.push(...await this.#unrecorded(turns.at(-1)!, untilMs));
    return did;
  }

  /** Timers that this engine has set and that of the field had not. */
  async #unrecorded(turn: Turn, untilMs: number): Promise<Did[]> {
    const all: Did[] = [];
    for (;;) {
      const timer = this.#timers.unrecorded(turn.atMs, untilMs);
      if (!timer) return all;
      const { dueMs, atMs } = timer;
      const wallMs = turn.wallMs + atMs - turn.atMs;
      this.#script.begin({ atMs, wallMs, heard: { kind: "timer", dueMs } });
      timer.fire();
      await pause();
      all.push(...this.#script.finish());
    }
  }

  #deliver(heard: Heard): void {
    if (this.#host.report(heard)) return;
    if (heard.kind === "opened") this.#openNode(heard);
    else if (heard.kind === "stored") this.#stores.get(heard.store)?.stored(heard.error);
    else if (heard.kind === "set_aside") this.#stores.get(heard.store)?.moved(heard.to);
    else if (this.#node) command(this.#node, heard);
  }

  #openNode({ config, found }: Extract<Heard, { readonly kind: "opened" }>): void {
    for (const [name, state] of Object.entries(found) as [StoreName, StateStore["found"]][]) {
      this.#stores.set(name, new ReplayingStore(name, state, this.#script));
    }
    const script = this.#script;
    const stores = Object.fromEntries(this.#stores) as unknown as { readonly store: StateStore };
    this.#node = new LoadBalancer(completed(config), this.#host, {
      ...{ version: "replayed", ...stores },
      isOwn: ({ address, device }) => script.ask(`is own ${address} ${device}`, true),
    });
    this.#node.journal.listen((entry) => {
      if (isEffect(entry)) script.act("journal", [shownEntry(entry)]);
    });
  }
}

/** Says to a load balancer what its process said to it in the field. */
function command(node: LoadBalancer, heard: Heard): void {
  const text = "as in the field";
  switch (heard.kind) {
    case "start":
      node.journal.restore(
        heard.journal.map((entry, index) => ({
          ...{ id: index + 1, severity: "info", message: text } as const,
          ...entry,
        } as JournalEntry)),
      );
      return node.start();
    case "stop":
      return void node.stop();
    case "abandon":
      return node.abandon();
    case "status":
      return void node.status();
    case "reconfigure":
      return void node.reconfigure(completed(heard.config));
    case "reload_failed":
      return node.reloadFailed(Array.from({ length: heard.problems }, () => text));
    case "journal_file":
      return node.journalFile(heard.problem);
    case "notifications_fail":
      return node.notificationsFail(heard.fails ? text : null);
    case "api_down":
      return node.apiDown(heard.fails ? text : null);
    case "certificate_ends":
      return node.certificateEnds(heard.fails ? { message: text, hint: text } : null);
    case "peer":
      return void node.peerReported(heard.name, heard.report, heard.clockOffsetMs);
    case "client_answered":
      return node.clientAnswered(heard.report);
    case "promote":
    case "demote":
      return void node.command({
        ...{ kind: heard.kind, instance: heard.instance, ...heard.options },
      });
    case "release":
    case "clear_priority":
    case "set_priority":
      return void node.command(heard);
  }
}

/** A disk that answers when that of the field did. */
class ReplayingStore implements StateStore {
  readonly path = "/var/lib/vipd/recorded";
  readonly #writes: ((error: HostError | null) => void)[] = [];
  readonly #moves: ((to: string | HostError) => void)[] = [];

  constructor(
    readonly name: StoreName,
    readonly found: StateStore["found"],
    readonly script: Script,
  ) {}

  write(text: string): Promise<HostError | null> {
    this.script.act("write", [this.name, text]);
    return new Promise((resolve) => this.#writes.push(resolve));
  }

  setAside(): Promise<string | HostError> {
    this.script.act("setAside", [this.name]);
    return new Promise((resolve) => this.#moves.push(resolve));
  }

  stored(error: HostError | null): void {
    this.#writes.shift()?.(error);
  }

  moved(to: string | HostError): void {
    this.#moves.shift()?.(to);
  }
}

/** Until everything that waits for a promise has gone on. */
function pause(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** The configuration of a recording from before each instance had its group. */
function completed(config: Config): Config {
  const instances = config.instances.map((instance) => ({
    ...instance,
    multicastGroup: instance.multicastGroup ?? VRRP_GROUP[instance.family],
  }));
  return { ...config, instances };
}
