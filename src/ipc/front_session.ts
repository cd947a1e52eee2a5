/**
 * One connected front, as the engine serves it: status on request, journal entries as they come, commands.
 *
 * @module
 */

import { atMost } from "../runtime/waiting.ts";
import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { Journal, Severity } from "../status/journal.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import { answerLimitOctets, type PeerReport } from "../status/reports/peer_answer.ts";
import type { NotificationStatus } from "../status/status.ts";
import { VERSION } from "../version.ts";
import type { Channel } from "./channel.ts";
import {
  type CommandOutcome,
  type CommandRequest,
  type EngineMessage,
  type FrontJournalCode,
  type FrontMessage,
  type FrontSettings,
  PROTOCOL,
  type ServedAddress,
  type TokenVerdict,
} from "./messages.ts";
import { PeerParts } from "./peer_parts.ts";
import type { RecordBudget } from "./record_budget.ts";
import { StatusFeed, type StatusSource } from "./status_feed.ts";

/** The engine's actions for the front. */
export interface EngineSide extends StatusSource {
  readonly journal: Journal;
  /** Differs from run to run. */
  readonly run: string;
  /** The id of the first entry of this run. */
  readonly firstEntryId: number;
  judge(token: string | null): Promise<TokenVerdict>;
  /** Compares the token itself. Carries out each key once, and no command that is late (command_age.ts). */
  command(
    command: CommandRequest,
    key: string,
    token: string | null,
    from: { readonly client: CommandClient; readonly forwardedAtS: number },
  ): Promise<CommandOutcome>;
  /** The text of a file that the settings name; rejects for any other. */
  readSecret(path: string): Promise<string>;
  /**
   * Returns after how many milliseconds the front should poll the peer again; `clockOffsetMs`: how far its clock is ahead,
   * if that is known.
   */
  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null): number;
  /** The instances whose address the front should ask as a client. */
  clientsWanted(): readonly string[];
  clientAnswered(report: ClientReport): void;
  record(severity: Severity, code: FrontJournalCode, message: string): void;
  notifications(status: readonly NotificationStatus[], problem: string | null): void;
}

/** How many entries go into one message. */
const ENTRIES_A_MESSAGE = 100;
/** How many questions and commands may wait for their answers. */
const MAX_PENDING = 128;
/** How much longer than its limit the front may take to report that it is done, in milliseconds. */
const GRACE_MS = 500;

export class FrontSession {
  readonly #channel: Channel;
  readonly #engine: EngineSide;
  readonly #serving: (addresses: readonly ServedAddress[], problem: string | null) => void;
  readonly #feed: StatusFeed;
  readonly #reports = new Map<string, PeerReport>();
  readonly #parts = new PeerParts();
  #maxReportOctets = 0;
  /** The instances whose addresses the front asks. */
  #clients = "[]";
  #sentEntryId = 0;
  #notifiedId: number;
  #sendingEntries: Promise<void> | null = null;
  #pending = 0;
  readonly #budget: RecordBudget;
  /** The peers of the settings; the front may report on no other. */
  #peers: ReadonlySet<string> = new Set();
  #prepareId = 0;
  /** Resolves when the settings of its welcome, or others, are in force. */
  #configured: Promise<void> = Promise.resolve();
  #prepared: ((problem: string | null) => void) | null = null;
  #heardMs = performance.now();
  readonly #closed = Promise.withResolvers<void>();
  #stopped = false;

  constructor(
    channel: Channel,
    engine: EngineSide,
    notifiedId: number,
    budget: RecordBudget,
    serving: (addresses: readonly ServedAddress[], problem: string | null) => void,
  ) {
    this.#channel = channel;
    this.#engine = engine;
    this.#serving = serving;
    this.#feed = new StatusFeed(channel, engine);
    this.#notifiedId = notifiedId;
    this.#budget = budget;
    void channel.ended.then(() => {
      this.#prepared?.(null);
      this.#closed.resolve();
    });
  }

  /** Entries up to this one are delivered, or in the queues of the targets of `notify`. */
  get notifiedId(): number {
    return this.#notifiedId;
  }

  /** Sends the engine's identity and the journal. */
  welcome(): void {
    const { run, firstEntryId, journal } = this.#engine;
    this.#send({
      ...{ type: "welcome", protocol: PROTOCOL, version: VERSION, run, firstEntryId },
      ...{ lastEntryId: journal.lastId, notifiedId: this.#notifiedId },
    });
    this.recorded();
  }

  /** Opens what the settings need and puts them in force; the front reports what it cannot open. */
  configure(settings: FrontSettings): void {
    const id = this.#prepareId + 1;
    this.#configured = this.#ask(settings, Infinity).then(() => {
      // The caller who brought other settings meanwhile puts those in force.
      if (this.#prepareId === id) this.commit();
    });
  }

  /**
   * Why the front cannot open what the settings need. `null` if it can, and also if it does not answer in time: the
   * engine waits for nobody, and a late front opens what it can. A front that has just connected first gets the time to
   * open the settings in force, whose problems do not count here.
   */
  async prepare(settings: FrontSettings, limitMs: number): Promise<string | null> {
    const untilMs = performance.now() + limitMs;
    await atMost(this.#configured, limitMs, undefined);
    return await this.#ask(settings, Math.max(0, untilMs - performance.now()));
  }

  async #ask(settings: FrontSettings, limitMs: number): Promise<string | null> {
    if (!this.#channel.open) return null;
    this.#prepared?.(null);
    const id = ++this.#prepareId;
    this.#peers = new Set(settings.peers.map((peer) => peer.name));
    this.#maxReportOctets = answerLimitOctets(settings.instances);
    for (const name of this.#reports.keys()) if (!this.#peers.has(name)) this.#reports.delete(name);
    this.#parts.retain(this.#peers);
    this.#send({ type: "prepare", id, settings });
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#prepared = resolve;
    const timer = limitMs === Infinity ? undefined : setTimeout(() => resolve(null), limitMs);
    const problem = await promise;
    clearTimeout(timer);
    if (this.#prepared === resolve) this.#prepared = null;
    return problem;
  }

  commit(): void {
    this.#send({ type: "commit", id: this.#prepareId });
  }

  /** The journal has new entries. They leave in order, only as fast as the front reads. */
  recorded(): void {
    this.#sendingEntries ??= this.#sendEntries();
  }

  /** Whether the front has said that it ends: it was stopped, and did not fail. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** How long the front has been silent, in milliseconds. */
  get silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  ping(): void {
    this.#askClients();
    if (this.#channel.idle) this.#send({ type: "ping" });
  }

  /** `octets`: the length of the message. */
  take(message: FrontMessage, octets: number): void {
    this.#heardMs = performance.now();
    switch (message.type) {
      case "hello":
        return this.close("a second hello");
      case "pong":
        return;
      case "prepared":
        if (message.id === this.#prepareId) this.#prepared?.(message.problem);
        return;
      case "serving":
        return this.#serving(message.addresses, message.problem);
      case "refresh":
        return this.#feed.refresh(message.look);
      case "judge":
        return this.#answer(message.id, async ({ id }) => ({
          ...{ type: "judged", id },
          verdict: await this.#engine.judge(message.token),
        }));
      case "command":
        return this.#answer(message.id, async ({ id }) => {
          const { command, key, token, client, forwardedAtS } = message;
          const outcome = await this.#engine.command(command, key, token, { client, forwardedAtS });
          return { type: "outcome", id, outcome };
        });
      case "secret":
        return this.#answer(message.id, async ({ id }) => await this.#secret(id, message.path));
      case "record":
        return this.#record(message.severity, message.code, message.message);
      case "peer_instances":
        return this.#peerInstances(message, octets);
      case "peer":
        return this.#peer(message);
      case "client_check": {
        const { type: _, ...report } = message;
        return this.#engine.clientAnswered(report);
      }
      case "notifications":
        this.#notifiedId = Math.max(this.#notifiedId, message.notifiedId);
        return this.#engine.notifications(message.notifications, message.problem);
      case "closed":
        this.#stopped = true;
        return this.#closed.resolve();
    }
  }

  /** Resolves when the front has delivered what waits, or after `limitMs`. */
  async finish(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#closed.resolve(), limitMs + GRACE_MS);
    void this.#sendingEntries?.then(() => this.#send({ type: "closing", limitMs }));
    if (this.#sendingEntries === null) this.#send({ type: "closing", limitMs });
    await this.#closed.promise;
    clearTimeout(timer);
  }

  close(why: string): void {
    this.#channel.close(why);
  }

  async #sendEntries(): Promise<void> {
    const { journal } = this.#engine;
    // Entries that are recorded together leave together.
    await Promise.resolve();
    while (this.#channel.open && this.#sentEntryId < journal.lastId) {
      await this.#channel.drained();
      const entries = journal.since(this.#sentEntryId).slice(0, ENTRIES_A_MESSAGE);
      if (entries.length === 0) break;
      this.#sentEntryId = entries.at(-1)!.id;
      this.#send({ type: "entries", entries });
    }
    this.#sendingEntries = null;
  }

  #answer(id: number, make: (to: { readonly id: number }) => Promise<EngineMessage>): void {
    if (this.#pending >= MAX_PENDING) return this.close("it asks more than it waits for");
    this.#pending++;
    void make({ id }).then((message) => this.#send(message)).finally(() => this.#pending--);
  }

  async #secret(id: number, path: string): Promise<EngineMessage> {
    try {
      return { type: "secret", id, text: await this.#engine.readSecret(path), error: "" };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { type: "secret", id, text: null, error: why };
    }
  }

  /** The budget keeps a compromised front from flushing the journal. */
  #record(severity: Severity, code: FrontJournalCode, message: string): void {
    if (this.#budget.take(performance.now())) this.#engine.record(severity, code, message);
  }

  #peerInstances(
    { name, instances }: Extract<FrontMessage, { type: "peer_instances" }>,
    octets: number,
  ): void {
    if (!this.#peers.has(name)) return;
    if (!this.#parts.add(name, instances, octets, this.#maxReportOctets)) {
      this.close(`its report on ${name} is longer than any peer's`);
    }
  }

  #peer({ name, report: given, clockOffsetMs }: Extract<FrontMessage, { type: "peer" }>): void {
    // A report about a peer that a reload has removed may still arrive.
    if (!this.#peers.has(name)) return;
    const report = given === null ? this.#reports.get(name) : this.#parts.complete(name, given);
    if (report === undefined) return this.close("it refers to a report that it did not make");
    this.#reports.set(name, report);
    const afterMs = this.#engine.peerReported(name, report, clockOffsetMs);
    this.#send({ type: "ask_again", name, afterMs });
  }

  #askClients(): void {
    const instances = this.#engine.clientsWanted();
    const text = JSON.stringify(instances);
    if (text === this.#clients) return;
    this.#clients = text;
    this.#send({ type: "ask_clients", instances });
  }

  #send(message: EngineMessage): void {
    this.#channel.send(message);
  }
}
