/**
 * What the page knows of its node: the status and the journal, kept fresh by the event stream.
 *
 * @module
 */

import type { JournalEntry } from "../../node/journal.ts";
import type { NodeStatus } from "../../node/status.ts";

export interface Live {
  readonly connection: "connecting" | "live" | "lost";
  /** `null` before the first answer. */
  readonly status: NodeStatus | null;
  /** When the status arrived, on this browser's clock; in milliseconds since the epoch. */
  readonly statusAtMs: number;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
}

/** How many entries are kept. */
const MAX_ENTRIES = 300;
/** How often the status is asked for when nothing changes: it shows that the node still answers. */
const IDLE_POLL_MS = 5000;
const ANSWER_LIMIT_MS = 4000;
/** After so long a stream that was refused is asked for again. */
const RECONNECT_MS = 2000;

export class LiveNode {
  readonly #changed: (live: Live) => void;
  #live: Live = { connection: "connecting", status: null, statusAtMs: 0, entries: [] };
  #stream: EventSource | null = null;
  #asking = false;
  #askAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(changed: (live: Live) => void) {
    this.#changed = changed;
  }

  start(): void {
    this.#connect();
    void this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.close();
    clearTimeout(this.#timer);
  }

  #set(changes: Partial<Live>): void {
    if (this.#stopped) return;
    this.#live = { ...this.#live, ...changes };
    this.#changed(this.#live);
  }

  #connect(): void {
    if (this.#stopped) return;
    const stream = new EventSource("/v1/events");
    this.#stream = stream;
    // Every entry is replayed to a new stream.
    this.#set({ entries: [] });
    stream.addEventListener("open", () => void this.#ask());
    stream.addEventListener("changed", () => void this.#ask());
    stream.addEventListener("entry", (event) => this.#add(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      this.#set({ connection: "lost" });
      // A browser reconnects by itself, but not after a refusal.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #add(entry: JournalEntry): void {
    const newest = this.#live.entries.at(-1);
    // Ids begin anew when vipd has restarted without its old journal.
    const before = newest && entry.id <= newest.id ? [] : this.#live.entries;
    this.#set({ entries: [...before, entry].slice(-MAX_ENTRIES) });
  }

  /** Asks once more afterwards when something changes meanwhile. */
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      const response = await fetch("/v1/status", { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      if (!response.ok) throw new Error(`the status call answered ${response.status}`);
      const status: NodeStatus = await response.json();
      const streaming = this.#stream?.readyState === EventSource.OPEN;
      const connection = streaming ? "live" : this.#live.connection;
      this.#set({ status, statusAtMs: Date.now(), connection });
    } catch {
      this.#set({ connection: "lost" });
    }
    this.#asking = false;
    if (this.#askAgain) {
      this.#askAgain = false;
      void this.#ask();
    } else {
      this.#timer = setTimeout(() => void this.#ask(), IDLE_POLL_MS);
    }
  }
}
