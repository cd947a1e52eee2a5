/**
 * The page's copy of its node's status and journal, kept fresh by the event stream.
 *
 * @module
 */

import type { JournalEntry } from "../../../status/journal.ts";
import type { NodeStatus } from "../../../status/status.ts";
import { type PeerChange, peerChanges } from "./peer_changes.ts";
import { follow } from "./event_stream.ts";
import { type Answer, type Problem, request, requestJson } from "./request.ts";
import { forgetToken, keepToken, knownToken } from "./token.ts";

/**
 * `polling`: vipd answers but has no stream to give. `locked`: it wants a token that the page does not have. The page
 * then sends no request until {@link LiveNode.unlock}, because each wrong token counts.
 */
export type Connection = "connecting" | "live" | "polling" | "locked" | "lost";

export interface Live {
  readonly connection: Connection;
  /** Why it is not live, if vipd says so. */
  readonly reason: string | null;
  /** `null` before the first answer. */
  readonly status: NodeStatus | null;
  /** When the status arrived, by this browser's clock; in milliseconds since the epoch. */
  readonly statusAtMs: number;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Changes of its peers that this node saw since the page was opened; oldest first. */
  readonly peerChanges: readonly PeerChange[];
  /** The journals of the peers that gave them last, by each one's own clock; oldest first. */
  readonly peerEntries: Readonly<Record<string, readonly JournalEntry[]>>;
}

export const NOTHING_YET: Live = {
  connection: "connecting",
  reason: null,
  status: null,
  statusAtMs: 0,
  entries: [],
  peerChanges: [],
  peerEntries: {},
};

/** How many entries the page keeps. */
const MAX_ENTRIES = 300;
/** How often the page asks for the status if nothing changes: it shows that the node still answers. */
export const IDLE_POLL_MS = 5000;
/** How often it asks for a peer's journal if this node sees no change of the peer. */
const PEER_JOURNAL_MS = 15_000;
const ANSWER_LIMIT_MS = 4000;

export class LiveNode {
  readonly #changed: (live: Live) => void;
  #live = NOTHING_YET;
  #following = new AbortController();
  #streaming = false;
  /** Why there is no stream although vipd answers. */
  #noStream: string | null = null;
  #asking = false;
  #askAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** By peer: this node's word of it when the page asked for its journal, and when. */
  readonly #askedPeers = new Map<string, { readonly seen: string; readonly atMs: number }>();
  #stopped = false;

  constructor(changed: (live: Live) => void) {
    this.#changed = changed;
  }

  start(): void {
    this.#following = new AbortController();
    // A new stream replays every entry.
    this.#set({ connection: "connecting", reason: null, entries: [] });
    void follow({
      open: (signal) => this.#openStream(signal),
      opened: () => {
        this.#streaming = true;
        this.#noStream = null;
        void this.#ask();
      },
      event: (name, data) => {
        if (name === "entry") this.#add([JSON.parse(data)]);
        else if (name === "changed") void this.#ask();
      },
      lost: (problem) => this.#lost(problem),
      wait,
    }, this.#following.signal);
    void this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    this.#pause();
  }

  /** Continues with the token if vipd accepts it; otherwise returns vipd's message. */
  async unlock(token: string): Promise<string | null> {
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const answer = await requestJson<NodeStatus>("v1/status", token, { signal: limit });
    if (!answer.ok) return answer.problem.message;
    keepToken(token, false);
    this.resume();
    return null;
  }

  /** Tries once more, because the token may be known now. */
  resume(): void {
    if (this.#live.connection === "locked") this.start();
  }

  #pause(): void {
    this.#following.abort();
    this.#streaming = false;
    this.#noStream = null;
    clearTimeout(this.#timer);
  }

  #set(changes: Partial<Live>): void {
    if (this.#stopped) return;
    this.#live = { ...this.#live, ...changes };
    this.#changed(this.#live);
  }

  async #openStream(signal: AbortSignal): Promise<Answer<Response>> {
    const token = knownToken();
    const reached = this.#live.entries.at(-1)?.id;
    const headers = {
      "accept": "text/event-stream",
      ...(reached === undefined ? {} : { "last-event-id": String(reached) }),
    };
    const answer = await request("v1/events", token, { headers, signal });
    if (!answer.ok) this.#lockOn(answer.problem, token);
    return answer;
  }

  async #read<T>(path: string): Promise<Answer<T>> {
    const token = knownToken();
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const answer = await requestJson<T>(path, token, { signal: limit });
    if (!answer.ok) this.#lockOn(answer.problem, token);
    return answer;
  }

  /** A 401 for a token that was replaced meanwhile says nothing about the new one. */
  #lockOn({ status }: Problem, token: string | null): void {
    if (status !== 401 || token !== knownToken()) return;
    if (token !== null) forgetToken(token);
    this.#pause();
    const reason = token === null ? null : "The token that was typed here is not accepted any more";
    this.#set({ connection: "locked", reason });
  }

  #lost(problem: Problem | null): void {
    this.#streaming = false;
    this.#noStream = problem?.code === "too_many_streams" ? problem.message : null;
    if (this.#noStream === null) this.#set({ connection: "lost", reason: spoken(problem) });
    else void this.#ask();
  }

  #add(entries: readonly JournalEntry[]): void {
    const [oldest] = entries;
    if (!oldest) return;
    const newest = this.#live.entries.at(-1);
    // Ids begin again if vipd has restarted without its old journal.
    const before = newest && oldest.id <= newest.id ? [] : this.#live.entries;
    this.#set({ entries: [...before, ...entries].slice(-MAX_ENTRIES) });
  }

  /** Asks once more afterwards if something changes meanwhile. */
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    clearTimeout(this.#timer);
    const pauseMs = await this.#poll();
    this.#asking = false;
    const again = this.#askAgain;
    this.#askAgain = false;
    if (this.#stopped || this.#live.connection === "locked") return;
    if (again) void this.#ask();
    else this.#timer = setTimeout(() => void this.#ask(), pauseMs);
  }

  /** Returns how long to wait before the next poll, in milliseconds. */
  async #poll(): Promise<number> {
    const answer = await this.#read<NodeStatus>("v1/status");
    if (this.#live.connection === "locked") return IDLE_POLL_MS;
    if (!answer.ok) {
      this.#set({ connection: "lost", reason: spoken(answer.problem) });
      return answer.problem.waitMs ?? IDLE_POLL_MS;
    }
    const status = answer.value;
    const restarted = status.started_at !== this.#live.status?.started_at;
    const news = peerChanges(this.#live.status, status);
    const seen = [...this.#live.peerChanges, ...news].slice(-MAX_ENTRIES);
    this.#set({ status, statusAtMs: Date.now(), peerChanges: seen });
    void this.#askPeers(status);
    if (this.#streaming) this.#set({ connection: "live", reason: null });
    else if (this.#noStream !== null) {
      this.#set({ connection: "polling", reason: this.#noStream });
      await this.#pollEntries(restarted);
    }
    return IDLE_POLL_MS;
  }

  /** Asks for the journals of the peers that have changed or were not asked for a while. */
  async #askPeers({ peers }: NodeStatus): Promise<void> {
    for (const { name, reachable, instances } of peers) {
      const seen = JSON.stringify([reachable, instances.map(({ state, since }) => [state, since])]);
      const last = this.#askedPeers.get(name);
      const nowMs = performance.now();
      if (!reachable || (last?.seen === seen && nowMs - last.atMs < PEER_JOURNAL_MS)) continue;
      this.#askedPeers.set(name, { seen, atMs: nowMs });
      const answer = await this.#read<JournalEntry[]>(
        `v1/peers/${encodeURIComponent(name)}/events`,
      );
      // The earlier entries of a peer that does not answer stay.
      if (!answer.ok) continue;
      this.#set({ peerEntries: { ...this.#live.peerEntries, [name]: answer.value } });
    }
  }

  async #pollEntries(all: boolean): Promise<void> {
    const since = all ? 0 : this.#live.entries.at(-1)?.id ?? 0;
    const answer = await this.#read<JournalEntry[]>(`v1/events?since=${since}`);
    // A stream that was opened meanwhile brings them itself.
    if (answer.ok && this.#noStream !== null) this.#add(answer.value);
  }
}

/** vipd's message; without one, the connection is the problem. */
function spoken(problem: Problem | null): string | null {
  return problem === null || problem.status === null ? null : problem.message;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
  return promise;
}
