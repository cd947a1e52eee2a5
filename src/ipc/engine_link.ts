/**
 * The front's end: connects to the engine again and again, and stores what the engine sends.
 *
 * @module
 */

import { atMost, within } from "../runtime/waiting.ts";
import { STATUS_OF } from "../status/remedies/remedies.ts";
import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import type { MachineFacts } from "../status/node_config.ts";
import { type NodeStatus, type StatusHead, wholeStatus } from "../status/status.ts";
import { VERSION } from "../version.ts";
import { Channel, type ChannelLimits } from "./channel.ts";
import {
  type CommandOutcome,
  type CommandRequest,
  type EngineFigures,
  type EngineMessage,
  type FrontMessage,
  type FrontSettings,
  MAX_ENGINE_FRAME_OCTETS,
  PROTOCOL,
  type TokenVerdict,
} from "./messages.ts";
import { MirrorJournal } from "./mirror_journal.ts";
import { uptimeS } from "./command_age.ts";
import { peerMessages } from "./peer_parts.ts";
import { RetryPause } from "./retry_pause.ts";

/**
 * How long the engine may take for an answer that it only has to look up, in milliseconds; clients wait for a second.
 */
const ANSWER_MS = 800;
/** How long it may take for an answer that cannot be had again by asking again: a file, the token of a command. */
const PATIENT_ANSWER_MS = 4000;
/** How long a front that has lost its engine keeps its sockets for a restarted engine, in milliseconds. */
const ALONE_MS = 30_000;

/** How long a front that ends waits for the engine to read that, in milliseconds. */
const FAREWELL_MS = 500;

const LIMITS: ChannelLimits = {
  maxFrameOctets: MAX_ENGINE_FRAME_OCTETS,
  maxQueuedOctets: 16 * 1024 * 1024,
  stallMs: 15_000,
};

/** The engine does not answer. */
export class EngineGoneError extends Error {
  override readonly name = "EngineGoneError";
}

/** The front's actions for the engine. */
export interface FrontSide {
  /** Opens what the settings need: why that fails, or `null`. */
  prepare(settings: FrontSettings): Promise<string | null>;
  /** Puts the settings that were prepared last in force. */
  commit(settings: FrontSettings): void;
  /** The front should poll a peer again. */
  askAgain(name: string, afterMs: number): void;
  /** The front should ask the addresses of these instances as a client, and no others. */
  askClients(instances: readonly string[]): void;
  /** The engine ends: resolves when the front has delivered what waits. */
  finish(limitMs: number): Promise<void>;
  /** An engine is connected. Entries of its run up to `notifiedId` have been notified before. */
  welcomed(run: string, notifiedId: number): void;
  /** The front serves no engine: it was refused, or alone for long. It frees its sockets for the front that does. */
  standDown(): void;
}

export interface EngineLinkOptions {
  readonly path: string;
  /** The user that the front runs as. */
  readonly user: string;
  /** The folder for its sockets. */
  readonly folder: string;
  /** The key that the engine gave the front that it started. */
  readonly key?: string;
  /** Logs a line of the front itself while the engine cannot take it. */
  readonly log: (line: string) => void;
}

type Answer = Extract<EngineMessage, { readonly id: number }>;

export class EngineLink {
  readonly #options: EngineLinkOptions;
  readonly #front: FrontSide;
  readonly #startedAt = new Date().toISOString();
  readonly journal: MirrorJournal;
  #channel: Channel | null = null;
  #parts = new Map<string, unknown>();
  #figures: EngineFigures | null = null;
  /** As of the last status; `null` if the engine does not say. */
  #machine: MachineFacts | null = null;
  /** The next status is to come with a look at the machine. */
  #look = false;
  #refreshing: PromiseWithResolvers<NodeStatus> | null = null;
  readonly #asked = new Map<number, (answer: Answer | null) => void>();
  #nextId = 1;
  #prepared: FrontSettings | null = null;
  /** In sequence, so that new settings find in force what came before them. */
  #preparing: Promise<void> = Promise.resolve();
  #refusal: string | null = null;
  readonly #pause = new RetryPause();
  #alone: ReturnType<typeof setTimeout> | undefined;
  /** The last line of the log, to avoid repeating it. */
  #said = "";
  #ended = false;

  constructor(options: EngineLinkOptions, front: FrontSide) {
    this.#options = options;
    this.#front = front;
    this.journal = new MirrorJournal((severity, code, message) =>
      this.#send({ type: "record", severity, code, message })
    );
  }

  /** True while an engine is connected. */
  get connected(): boolean {
    return this.#channel?.open ?? false;
  }

  /** The engine's measurements of itself, as of its last status. */
  get figures(): EngineFigures | null {
    return this.#figures;
  }

  /** Connects again and again until `close`. */
  async run(): Promise<void> {
    while (!this.#ended) {
      const connection = await this.#connect();
      if (connection !== null) await this.#serve(new Channel(connection, LIMITS));
      if (!this.#ended) await this.#pause.wait(this.#refusal !== null);
    }
  }

  /** Says so to the engine, which else takes the end for a failure. */
  async close(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#alone);
    this.#pause.end();
    const channel = this.#channel;
    if (channel === null) return;
    channel.send({ type: "closed" } satisfies FrontMessage);
    await atMost(channel.drained(), FAREWELL_MS, undefined);
    channel.close("the front ends");
  }

  /** The present status. Rejects with {@link EngineGoneError}. */
  async status(): Promise<NodeStatus> {
    if (!this.connected) throw this.#gone();
    if (this.#refreshing === null) {
      this.#refreshing = Promise.withResolvers();
      // If it fails, there may be nobody left who waits for it.
      this.#refreshing.promise.catch(() => {});
      this.#send({ type: "refresh", ...(this.#look && { look: true }) });
      this.#look = false;
    }
    return await within(this.#refreshing.promise, ANSWER_MS, () => this.#gone());
  }

  /**
   * The facts of the machine that matter to a pair, as they are when it is called or later; `null` if the engine does not
   * say. Rejects with {@link EngineGoneError}.
   */
  async machine(): Promise<MachineFacts | null> {
    this.#look = true;
    // A status under way may be older than this question; the next one has the look, even if another caller asks for it.
    if (this.#refreshing !== null) await this.status();
    await this.status();
    return this.#machine;
  }

  /** The right that the token gives. Rejects with {@link EngineGoneError}. */
  async judge(token: string, purpose: "change" | "read"): Promise<TokenVerdict> {
    const limitMs = purpose === "change" ? PATIENT_ANSWER_MS : ANSWER_MS;
    const answer = await this.#ask("judged", (id) => ({ type: "judge", id, token }), limitMs);
    return answer.verdict;
  }

  /** Rejects with {@link EngineGoneError}; the caller then asks by the key whether the command was carried out. */
  async command(
    command: CommandRequest,
    key: string,
    token: string | null,
    client: CommandClient,
  ): Promise<CommandOutcome> {
    const forwardedAtS = uptimeS();
    const make = (id: number): FrontMessage => ({
      ...{ type: "command", id, key, token, client, command, forwardedAtS },
    });
    return (await this.#ask("outcome", make, Infinity)).outcome;
  }

  /** The text of a file that the settings name. */
  async readSecret(path: string): Promise<string> {
    const make = (id: number): FrontMessage => ({ type: "secret", id, path });
    const { text, error } = await this.#ask("secret", make, PATIENT_ANSWER_MS);
    if (text === null) throw new Error(error);
    return text;
  }

  /** `null`: the same as the last report of this peer. */
  reportPeer(name: string, report: PeerReport | null, clockOffsetMs: number | null): void {
    for (const message of peerMessages(name, report, clockOffsetMs)) {
      this.#channel?.sendJson(message);
    }
  }

  reportClient(report: ClientReport): void {
    this.#send({ type: "client_check", ...report });
  }

  reportServing(message: Omit<Extract<FrontMessage, { type: "serving" }>, "type">): void {
    this.#send({ type: "serving", ...message });
  }

  reportNotifications(message: Omit<Extract<FrontMessage, { type: "notifications" }>, "type">) {
    this.#send({ type: "notifications", ...message });
  }

  /** `null`, and a line in the log, if that is not possible. */
  async #connect(): Promise<Deno.Conn | null> {
    const { path } = this.#options;
    try {
      return await Deno.connect({ transport: "unix", path });
    } catch (error) {
      this.#say(`cannot reach the engine at ${path}: ${unreachedBecause(error)}`);
      return null;
    }
  }

  async #serve(channel: Channel): Promise<void> {
    this.#channel = channel;
    this.#parts.clear();
    const { user, folder, key } = this.#options;
    this.#send({
      ...{ type: "hello", protocol: PROTOCOL, version: VERSION, pid: Deno.pid, user, folder },
      ...{ startedAt: this.#startedAt, key },
    });
    await channel.read(({ value }) => this.#take(value as EngineMessage));
    const why = await channel.ended;
    if (this.#refusal === null) this.#say(`the engine is gone: ${why}`);
    if (!this.#ended) this.#alone ??= setTimeout(() => this.#front.standDown(), ALONE_MS);
    this.#refreshing?.reject(this.#gone());
    this.#refreshing = null;
    for (const resolve of this.#asked.values()) resolve(null);
    this.#asked.clear();
  }

  #take(message: EngineMessage): void {
    switch (message.type) {
      case "welcome":
        this.#refusal = null;
        this.#said = "";
        this.#pause.reset();
        clearTimeout(this.#alone);
        this.#alone = undefined;
        this.journal.begin(message.run, message.firstEntryId, message.lastEntryId);
        return this.#front.welcomed(message.run, message.notifiedId);
      case "refused":
        this.#say(`refused by the engine: ${message.reason}`);
        this.#refusal = message.reason;
        return this.#front.standDown();
      case "prepare":
        this.#preparing = this.#preparing.then(() => this.#prepare(message.id, message.settings));
        return;
      case "commit":
        this.#preparing = this.#preparing.then(() => {
          if (this.#prepared) this.#front.commit(this.#prepared);
        });
        return;
      case "entries":
        return this.journal.take(message.entries);
      case "part":
        return void this.#parts.set(message.key, message.value);
      case "refreshed":
        return this.#refreshed(message);
      case "judged":
      case "outcome":
      case "secret":
        this.#asked.get(message.id)?.(message);
        return void this.#asked.delete(message.id);
      case "ask_again":
        return this.#front.askAgain(message.name, message.afterMs);
      case "ask_clients":
        return this.#front.askClients(message.instances);
      case "ping":
        return this.#send({ type: "pong" });
      case "closing":
        return void this.#front.finish(message.limitMs).then(() => this.#send({ type: "closed" }));
    }
  }

  async #prepare(id: number, settings: FrontSettings): Promise<void> {
    const problem = await this.#front.prepare(settings);
    this.#prepared = settings;
    this.#send({ type: "prepared", id, problem });
  }

  #refreshed(
    { instances, peers, figures, machine }: Extract<EngineMessage, { type: "refreshed" }>,
  ): void {
    const parts = <T>(kind: string, names: readonly string[]) =>
      names.map((name) => this.#parts.get(`${kind} ${name}`) as T);
    this.#figures = figures;
    this.#machine = machine ?? null;
    const [head] = parts<StatusHead>("head", [""]);
    this.#refreshing?.resolve(
      wholeStatus(head!, parts("instance", instances), parts("peer", peers)),
    );
    this.#refreshing = null;
  }

  /** Asks, and waits for the answer of this type. */
  async #ask<T extends Answer["type"]>(
    type: T,
    make: (id: number) => FrontMessage,
    limitMs: number,
  ): Promise<Extract<Answer, { type: T }>> {
    if (!this.connected) throw this.#gone();
    const id = this.#nextId++;
    const answered = new Promise<Answer | null>((resolve) => this.#asked.set(id, resolve));
    this.#send(make(id));
    const answer = limitMs === Infinity
      ? await answered
      : await within(answered, limitMs, () => this.#gone());
    if (answer?.type === type) return answer as Extract<Answer, { type: T }>;
    throw this.#gone();
  }

  #gone(): EngineGoneError {
    return new EngineGoneError(
      this.#refusal === null
        ? `the engine, vipd run, does not answer: see ${STATUS_OF.engine}`
        : `the engine refuses this front: ${this.#refusal}`,
    );
  }

  #send(message: FrontMessage): void {
    this.#channel?.send(message);
  }

  #say(line: string): void {
    if (line !== this.#said) this.#options.log(line);
    this.#said = line;
  }
}

/** Why there is no connection, with the remedy. */
function unreachedBecause(error: unknown): string {
  const isItThere = `is the engine, vipd run, there (${STATUS_OF.engine}), with this run_dir?`;
  if (error instanceof Deno.errors.NotFound) return `there is no such socket; ${isItThere}`;
  if (error instanceof Deno.errors.ConnectionRefused) return `nobody listens there; ${isItThere}`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; run it as the user vipd-front, or as one of the socket's group";
  }
  return error instanceof Error ? error.message : String(error);
}
