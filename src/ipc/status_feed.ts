/**
 * The status for the front, in parts: only changed ones, at most ten times a second, and never for longer than a
 * fraction of a turn at once.
 *
 * @module
 */

import type { MachineFacts } from "../status/node_config.ts";
import type { StatusParts } from "../status/status.ts";
import type { Channel } from "./channel.ts";
import type { EngineFigures, EngineMessage } from "./messages.ts";
import { type PaceClock, REAL_CLOCK } from "./pace.ts";

export interface StatusSource {
  statusParts(): StatusParts;
  figures(): EngineFigures;
  /** The facts of the machine that matter to a pair; `look`: as they are now, not as of some seconds ago. */
  machine(look: boolean): MachineFacts;
}

/** One part as JSON; the head has no name. */
interface PartText {
  readonly kind: "head" | "instance" | "peer";
  readonly name: string;
  readonly text: string;
}

/** The least time between two updates, in milliseconds. */
const EVERY_MS = 100;
/** After this time the event loop gets its turn, in milliseconds. */
const TURN_MS = 2;

/** The front's end of it. */
type FeedChannel = Pick<Channel, "open" | "drained" | "send" | "sendJson">;

export class StatusFeed {
  readonly #channel: FeedChannel;
  readonly #source: StatusSource;
  readonly #clock: PaceClock;
  /** The parts that the front has, by key. */
  #sent = new Map<string, string>();
  #lastMs = -Infinity;
  #running = false;
  #again = false;
  #look = false;

  constructor(channel: FeedChannel, source: StatusSource, clock = REAL_CLOCK) {
    this.#channel = channel;
    this.#source = source;
    this.#clock = clock;
  }

  /** The front wants the status as it is from now on; `look`: the facts of the machine, too. */
  refresh(look = false): void {
    this.#again = true;
    this.#look ||= look;
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#again && this.#channel.open) {
      const waitMs = this.#lastMs + EVERY_MS - this.#clock.nowMs();
      if (waitMs > 0) await this.#clock.sleep(waitMs);
      await this.#channel.drained();
      this.#again = false;
      this.#lastMs = this.#clock.nowMs();
      const look = this.#look;
      this.#look = false;
      await this.#send(look);
    }
    this.#running = false;
  }

  async #send(look: boolean): Promise<void> {
    const names = { head: [], instance: [], peer: [] } as Record<PartText["kind"], string[]>;
    const sent = new Map<string, string>();
    for await (const { kind, name, text } of partTexts(this.#source.statusParts(), this.#clock)) {
      await this.#channel.drained();
      if (!this.#channel.open) return;
      const key = `${kind} ${name}`;
      names[kind].push(name);
      sent.set(key, text);
      if (this.#sent.get(key) !== text) {
        this.#channel.sendJson(`{"type":"part","key":${JSON.stringify(key)},"value":${text}}`);
      }
    }
    this.#sent = sent;
    this.#channel.send(
      {
        type: "refreshed",
        instances: names.instance,
        peers: names.peer,
        figures: this.#source.figures(),
        machine: this.#source.machine(look),
      } satisfies EngineMessage,
    );
  }
}

/** The whole status as JSON, made without ever blocking the event loop for long. */
export async function statusText(parts: StatusParts): Promise<string> {
  let head = "";
  const instances: string[] = [];
  const peers: string[] = [];
  for await (const { kind, text } of partTexts(parts)) {
    if (kind === "head") head = text;
    else (kind === "instance" ? instances : peers).push(text);
  }
  return `${head.slice(0, -1)},"instances":[${instances}],"peers":[${peers}]}`;
}

/** The parts as JSON. The event loop gets its turn in between. */
async function* partTexts(
  { head, instances, peers }: StatusParts,
  clock = REAL_CLOCK,
): AsyncGenerator<PartText> {
  const parts = [
    { kind: "head", name: "", make: head } as const,
    ...instances.map((part) => ({ kind: "instance", ...part }) as const),
    ...peers.map((part) => ({ kind: "peer", ...part }) as const),
  ];
  let turnMs = clock.nowMs();
  for (const { kind, name, make } of parts) {
    yield { kind, name, text: JSON.stringify(make()) };
    if (clock.nowMs() - turnMs < TURN_MS) continue;
    await clock.sleep(0);
    turnMs = clock.nowMs();
  }
}
