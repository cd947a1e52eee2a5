/**
 * The journal as Server-Sent Events (WHATWG HTML, section 9.2).
 *
 * A stream has no queue: it knows the last entry that it has sent and takes the next ones from the journal when its
 * client has room. A client that does not read costs one chunk, delays nobody and is dropped after a while.
 *
 * @module
 */

import { Problem } from "../../api/problem.ts";
import type { Journal, JournalEntry } from "../../status/journal.ts";
import type { Right } from "../../tokens/token_judge.ts";

export interface EventStreamLimits {
  /**
   * How many streams of all clients may be open when one with this right gets another: the rest is reserved for greater
   * rights.
   */
  readonly maxStreams: Readonly<Record<Right, number>>;
  /** How many streams the clients without a token may have open in one share. */
  readonly maxInShare: number;
  /** Entries in one chunk. */
  readonly maxEntries: number;
  /** How often an idle stream gets a comment, in milliseconds: it shows each side that the other is there. */
  readonly heartbeatMs: number;
  /** How long a client may leave a chunk unread, in milliseconds. */
  readonly stallMs: number;
  /** How long a stream collects changes before a `changed` event, in milliseconds. */
  readonly settleMs: number;
  /** How often the streams check whether the status changed without an entry, in milliseconds. */
  readonly lookMs: number;
}

const EVENT_STREAM_LIMITS: EventStreamLimits = {
  maxStreams: { none: 24, read: 28, change: 32 },
  maxInShare: 16,
  maxEntries: 100,
  heartbeatMs: 15_000,
  stallMs: 30_000,
  settleMs: 50,
  lookMs: 1000,
};

/** How long a client waits before it connects again, in milliseconds. */
const RETRY_MS = 2000;

export interface EventSource {
  readonly journal: Journal;
  /** Changes when a reader of the status would see something new. */
  fingerprint(): Promise<string>;
}

/** The client that asks for a stream. */
export interface StreamClient {
  /** The right whose places it may have; the owner of a unix socket has the greatest one. */
  readonly right: Right;
  /** Clients in one share count together while they have shown no token. */
  readonly share: string;
}

export class EventStreams {
  readonly #source: EventSource;
  readonly #limits: EventStreamLimits;
  readonly #streams = new Map<EventStream, StreamClient>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #settling: ReturnType<typeof setTimeout> | null = null;
  #stopListening: () => void = () => {};
  #fingerprint = "";

  constructor(source: EventSource, limits: Partial<EventStreamLimits> = {}) {
    this.#source = source;
    this.#limits = { ...EVENT_STREAM_LIMITS, ...limits };
  }

  /** How many streams are open. */
  get open(): number {
    return this.#streams.size;
  }

  /** A stream of all entries after the one with this id. Throws the problem `too_many_streams`. */
  response(sinceId: number, client: StreamClient): Response {
    if (!this.#hasPlaceFor(client)) {
      const detail = `${this.#streams.size} event streams are open already; ` +
        "some places are kept for those who show a token";
      throw new Problem("too_many_streams", detail, { headers: { "retry-after": "5" } });
    }
    const stream = new EventStream(this.#source.journal, sinceId, this.#limits, () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#rest();
    });
    this.#streams.set(stream, client);
    if (this.#streams.size === 1) this.#watch();
    return new Response(stream.body, { headers: { "content-type": "text/event-stream" } });
  }

  /** Ends all streams, so that the server need not wait for them. */
  close(): void {
    for (const stream of [...this.#streams.keys()]) stream.end();
  }

  #hasPlaceFor({ right, share }: StreamClient): boolean {
    const { maxStreams, maxInShare } = this.#limits;
    if (this.#streams.size >= maxStreams[right]) return false;
    if (right !== "none") return true;
    const clients = Array.from(this.#streams.values());
    const others = clients.filter((other) => other.right === "none" && other.share === share);
    return others.length < maxInShare;
  }

  /** The streams watch nothing while nobody listens. */
  #watch(): void {
    void this.#isNew();
    this.#stopListening = this.#source.journal.listen(() => this.#happened());
    this.#timer = setInterval(() => void this.#look(), this.#limits.lookMs);
  }

  #rest(): void {
    this.#stopListening();
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#timer = null;
    this.#settling = null;
  }

  /** An entry comes in the middle of the change that it reports; the streams look when the change is done. */
  #happened(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = null;
      for (const stream of this.#streams.keys()) stream.changed();
      void this.#isNew();
    }, this.#limits.settleMs);
  }

  async #look(): Promise<void> {
    for (const stream of [...this.#streams.keys()]) stream.beat();
    if (this.#settling !== null || this.#streams.size === 0) return;
    const isNew = await this.#isNew();
    for (const stream of this.#streams.keys()) {
      if (isNew) stream.changed();
      // An entry that came meanwhile waits for its change.
      else if (this.#settling === null) stream.catchUp();
    }
  }

  /** Whether the status has changed since the last call; if it is not available, it counts as unchanged. */
  async #isNew(): Promise<boolean> {
    const fingerprint = await this.#source.fingerprint().catch(() => this.#fingerprint);
    if (fingerprint === this.#fingerprint) return false;
    this.#fingerprint = fingerprint;
    return true;
  }
}

class EventStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #journal: Journal;
  readonly #limits: EventStreamLimits;
  readonly #ended: () => void;
  #epoch: number;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
  /** The id up to which the client has everything. */
  #lastId: number;
  /** The client's id is of another journal, and the client does not know that yet. */
  #isReset = false;
  #changed = true;
  #greeted = false;
  /** Resolves the client's request for more; `null` while the client has not read what it got. */
  #wanting: (() => void) | null = null;
  #lastWriteMs = performance.now();

  constructor(
    journal: Journal,
    sinceId: number,
    limits: EventStreamLimits,
    ended: () => void,
  ) {
    this.#journal = journal;
    this.#limits = limits;
    this.#ended = ended;
    this.#epoch = journal.epoch;
    this.#lastId = sinceId;
    if (sinceId > journal.newestId) this.#beginAgain();
    this.body = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#stop(),
    }, { highWaterMark: 0 });
  }

  /** The status has changed, or there are new entries. */
  changed(): void {
    this.#changed = true;
    this.#flush();
  }

  /** Sends what the journal has got without a listener: entries of before the engine's run. */
  catchUp(): void {
    if (this.#journal.lastId !== this.#lastId) this.#flush();
  }

  /** Lets time pass: an idle client gets a comment, a client that does not read is dropped. */
  beat(): void {
    const silentMs = performance.now() - this.#lastWriteMs;
    if (this.#wanting === null) {
      if (silentMs >= this.#limits.stallMs) this.end();
    } else if (silentMs >= this.#limits.heartbeatMs) {
      this.#write(": vipd is here\n\n");
    }
  }

  end(): void {
    const controller = this.#controller;
    this.#stop();
    controller?.close();
  }

  #stop(): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.#wanting?.();
    this.#wanting = null;
    this.#ended();
  }

  #pull(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanting = resolve;
    this.#flush();
    return promise;
  }

  #flush(): void {
    if (this.#wanting === null) return;
    const text = this.#next();
    if (text !== "") this.#write(text);
  }

  /** Every entry of the journal is news to the client. One that has no id yet has none of another journal. */
  #beginAgain(): void {
    if (this.#lastId > 0) this.#isReset = true;
    this.#lastId = 0;
  }

  #next(): string {
    const greeting = this.#greeted ? "" : `retry: ${RETRY_MS}\n\n`;
    this.#greeted = true;
    if (this.#epoch !== this.#journal.epoch) {
      this.#epoch = this.#journal.epoch;
      this.#beginAgain();
    }
    const reset = this.#isReset ? event("reset", { newest: this.#journal.newestId }) : "";
    const entries = this.#journal.since(this.#lastId);
    const lost = (entries[0]?.id ?? 0) - this.#lastId - 1;
    // A client that has no id yet has seen no entry, so it cannot miss one.
    const gap = (this.#lastId > 0 || this.#isReset) && lost > 0 ? event("gap", { lost }) : "";
    this.#isReset = false;
    const some = entries.slice(0, this.#limits.maxEntries);
    this.#lastId = some.at(-1)?.id ?? this.#lastId;
    // After the last entry, so that a client that then asks for the status finds what the entries report.
    const changed = this.#changed && some.length === entries.length;
    if (changed) this.#changed = false;
    return greeting + reset + gap + some.map(entryEvent).join("") +
      (changed ? event("changed", {}) : "");
  }

  #write(text: string): void {
    const wanted = this.#wanting;
    this.#wanting = null;
    this.#lastWriteMs = performance.now();
    this.#controller?.enqueue(new TextEncoder().encode(text));
    wanted?.();
  }
}

/** JSON text has no line breaks, so one `data` line carries it. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function entryEvent(entry: JournalEntry): string {
  return `id: ${entry.id}\n${event("entry", entry)}`;
}
