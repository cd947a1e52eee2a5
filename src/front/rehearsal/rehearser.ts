/**
 * Rehearses this node: after each reload of nginx, when the node becomes master, when another node serves what this one
 * was not asked for, once in `rehearse.every`, and when a person wants it. Compares the result with that of each peer.
 *
 * @module
 */

import type { RehearseConfig } from "../../config/model.ts";
import { compareRehearsals } from "../../rehearsal/compare.ts";
import { isAskable, keyOf, type Question } from "../../rehearsal/plan.ts";
import { isSilent } from "../../rehearsal/silence.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { RehearsalReason } from "../../status/reports/peer_answer.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import { type NginxLoad, NginxLoads } from "./nginx_load.ts";
import { NginxWatch } from "./nginx_watch.ts";
import { QuestionPace } from "./question_pace.ts";
import type { ProcFiles } from "./proc_files.ts";
import { rehearse } from "./rehearse.ts";

/** After its start the node gets so much time before the first rehearsal, in milliseconds. */
const FIRST_MS = 2000;
/** Events that happen together, such as a reload on both nodes or several instances that move, are one rehearsal. */
const GATHER_MS = 200;
/**
 * After each rehearsal in which names got no answer the next one comes so soon, in milliseconds: nginx may have been busy
 * for a moment only. After the last of them the usual turn is soon enough.
 */
const AGAIN_MS = [10_000, 30_000, 60_000, 120_000, 300_000] as const;
/** A certificate may expire without a new rehearsal: the results are compared again, in milliseconds. */
const COMPARE_MS = 60_000;
/** Files that are written for a while are read again and again, at most for such a part of the time. */
const READING_PART = 0.1;
const READ_MS = 2000;

export interface RehearserOptions {
  /** The name of the user who runs this process. */
  readonly user: string;
  readonly proc: ProcFiles;
  readonly shutDown: ShutDown;
  /** The virtual addresses of this node's instances, wherever they are; rejects if they are not known. */
  readonly virtual: () => Promise<readonly string[]>;
  /** How soon a rehearsal follows the first one in which names got no answer, the second one and so on. */
  readonly againMs?: readonly number[];
}

/** The comparison of two rehearsals, which is asked for once a second. */
interface Compared {
  readonly own: Rehearsal;
  readonly theirs: Rehearsal;
  /** Monotonic. */
  readonly atMs: number;
  readonly reasons: RehearsalReason[];
}

/** A rehearsal that is under way. */
interface Run {
  readonly done: Promise<Rehearsal>;
  /** Of the wall clock. */
  readonly beganMs: number;
  /** Whether the node began it by itself. */
  readonly bySelf: boolean;
  readonly abandoned: AbortController;
}

export class Rehearser {
  readonly #options: RehearserOptions;
  readonly #watch: NginxWatch;
  readonly #loads: NginxLoads;
  readonly #peers = new Map<string, Rehearsal>();
  readonly #compared = new Map<string, Compared>();
  readonly #pace = new QuestionPace();
  #node = "";
  #config: RehearseConfig | null = null;
  #last: Rehearsal | null = null;
  /** The newest word on it. */
  #files: Pick<NginxLoad, "stale" | "unloadable"> = { stale: null, unloadable: null };
  /** The files that were not read at the last look, and why. */
  #unread = "";
  #running: Run | null = null;
  /** The one after it. */
  #next: Promise<Rehearsal> | null = null;
  /** Nobody waits for that one. */
  #nextBySelf = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  /** Rehearsals in which names got no answer, since nginx has changed or a person wanted one. */
  #silences = 0;
  #closed = false;

  constructor(options: RehearserOptions) {
    this.#options = options;
    this.#loads = new NginxLoads(options.proc, options.user);
    this.#watch = new NginxWatch(options.proc, (what) => {
      if (what === "nginx") {
        this.#silences = 0;
        this.#soon(GATHER_MS);
      } else void this.#readFiles();
    });
  }

  /** The last one; `null` before the first. */
  get last(): Rehearsal | null {
    return this.#last;
  }

  /** Takes other settings; forgets what is known of peers that are no more, and its own if it is to rehearse no more. */
  follow(node: string, config: RehearseConfig | null, peers: readonly string[]): void {
    const first = this.#config === null;
    const wasBySelf = this.#bySelf;
    this.#node = node;
    this.#config = config;
    this.#compared.clear();
    for (const name of this.#peers.keys()) if (!peers.includes(name)) this.#peers.delete(name);
    const bySelf = config !== null && config.everyMs > 0;
    if (bySelf) this.#watch.start();
    else this.#watch.stop();
    if (bySelf) this.#soon(first ? FIRST_MS : GATHER_MS);
    else {
      clearTimeout(this.#timer);
      clearTimeout(this.#againTimer);
    }
    // Nothing would ever replace it by itself.
    if (wasBySelf && !bySelf) this.#last = null;
  }

  /**
   * The node became master at this time of the wall clock: nginx is asked again, because what it answered as a standby's
   * may be long ago. One that began later counts already.
   */
  becameMaster(atMs: number): void {
    const last = Date.parse(this.#last?.began_at ?? "");
    if ((this.#running?.beganMs ?? last) > atMs) return;
    this.#soon(this.#last === null ? FIRST_MS : GATHER_MS);
  }

  /** A peer's rehearsal, or `null` if it has none any more. */
  peerRehearsed(name: string, rehearsal: Rehearsal | null): void {
    if (rehearsal === null) this.#peers.delete(name);
    else this.#peers.set(name, rehearsal);
    const known = new Set(this.#last?.results.map(keyOf));
    if (this.#bySelf && this.#questionsOfPeers().some((question) => !known.has(keyOf(question)))) {
      this.#soon(GATHER_MS);
    }
  }

  /** The findings of a comparison with a peer, about either node; `undefined` until both have rehearsed. */
  reasons(peer: string): RehearsalReason[] | undefined {
    const own = this.#last;
    const theirs = this.#peers.get(peer);
    if (own === null || theirs === undefined || this.#config === null) return undefined;
    const known = this.#compared.get(peer);
    const isFresh = known?.own === own && known.theirs === theirs &&
      performance.now() - known.atMs < COMPARE_MS;
    if (isFresh) return known.reasons;
    const reasons = this.#compare(peer, own, theirs, this.#config);
    this.#compared.set(peer, { own, theirs, atMs: performance.now(), reasons });
    return reasons;
  }

  /**
   * When the rehearsal of a peer that is compared began, by the peer's clock; `undefined` if its version does not say so,
   * or if it would not begin another one after it became master.
   */
  peerBegan(peer: string): string | undefined {
    const theirs = this.#peers.get(peer);
    return theirs?.by_itself ? theirs.began_at : undefined;
  }

  #compare(
    peer: string,
    own: Rehearsal,
    theirs: Rehearsal,
    { warnBeforeMs }: RehearseConfig,
  ): RehearsalReason[] {
    const here = { name: this.#node, rehearsal: own };
    const there = { name: peer, rehearsal: theirs };
    const nowMs = Date.now();
    return [
      ...compareRehearsals({ node: there, other: here, warnBeforeMs, nowMs }),
      ...compareRehearsals({ node: here, other: there, warnBeforeMs, nowMs }),
    ];
  }

  /**
   * Rehearses now, for somebody who waits for it. A rehearsal that is under way may have asked before what the caller has
   * changed: if the node began it by itself, it is abandoned; else one more comes after it, for all who want one
   * meanwhile. Rejects if the engine is gone.
   */
  rehearse(): Promise<Rehearsal> {
    if (this.#running?.bySelf) this.#running.abandoned.abort();
    this.#silences = 0;
    return this.#inTurn(false);
  }

  close(): void {
    this.#closed = true;
    this.#running?.abandoned.abort();
    this.#watch.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#againTimer);
  }

  get #bySelf(): boolean {
    return this.#config !== null && this.#config.everyMs > 0;
  }

  /** One at a time, and one after it. */
  #inTurn(bySelf: boolean): Promise<Rehearsal> {
    if (this.#running === null) {
      const abandoned = new AbortController();
      if (this.#closed) abandoned.abort();
      const beganMs = Date.now();
      const done = this.#rehearse(beganMs, abandoned.signal).finally(() => this.#running = null);
      this.#running = { done, beganMs, bySelf, abandoned };
      return done;
    }
    this.#nextBySelf = bySelf && (this.#next === null || this.#nextBySelf);
    this.#next ??= this.#running.done.catch(() => {}).then(() => {
      this.#next = null;
      return this.#inTurn(this.#nextBySelf);
    });
    return this.#next;
  }

  async #rehearse(beganMs: number, abandoned: AbortSignal): Promise<Rehearsal> {
    const virtual = await this.#options.virtual();
    // An engine of an older version sends no `except`.
    const { names = [], except = [], paths = ["/"] } = this.#config ?? {};
    const { nginx, config } = this.#watch.look();
    clearTimeout(this.#againTimer);
    const { proc, shutDown } = this.#options;
    const load = await this.#loads.look(nginx, config);
    this.#files = load;
    this.#unread = unreadKey(load);
    this.#watch.follow(load.times);
    const asked = await rehearse({
      ...{ node: this.#node, nginx, config, load, virtual, names, except, paths },
      ...{ others: this.#questionsOfPeers(), proc, shutDown, pace: this.#pace },
    }, abandoned);
    const began_at = new Date(beganMs).toISOString();
    const rehearsal = { ...asked, began_at, by_itself: this.#bySelf };
    if (abandoned.aborted) return rehearsal;
    // With thousands of names the files may have changed meanwhile.
    this.#last = { ...rehearsal, nginx: { ...rehearsal.nginx, ...wordOf(this.#files) } };
    // If there is no nginx, its start is seen.
    if (nginx !== null && rehearsal.results.some(isSilent)) this.#again();
    else this.#silences = 0;
    return this.#last;
  }

  /** nginx answers as before until it is reloaded: only whether it serves by its files is new, and known without asking it. */
  async #readFiles(): Promise<void> {
    const beganMs = performance.now();
    const { nginx, config } = this.#watch.seen;
    const load = await this.#loads.look(nginx, config);
    const { stale, unloadable } = load;
    this.#files = load;
    this.#watch.follow(load.times, Math.max(READ_MS, (performance.now() - beganMs) / READING_PART));
    // A person has let vipd read a file, for example: other names are known.
    const unread = unreadKey(load);
    if (unread !== this.#unread) this.#soon(GATHER_MS);
    this.#unread = unread;
    const last = this.#last;
    if (last === null) return;
    if (last.nginx.stale === stale && last.nginx.unloadable === unloadable) return;
    // Without what it had loaded, the last rehearsal did not know all of its names.
    if (stale === null) this.#soon(GATHER_MS);
    const at = new Date().toISOString();
    this.#last = { ...last, at, nginx: { ...last.nginx, ...wordOf(load) } };
  }

  /** The names in the peers' own files, without those that they asked for because this node has them. */
  #questionsOfPeers(): Question[] {
    const { paths = [] } = this.#config ?? {};
    return Array.from(this.#peers.values()).flatMap(({ results }) =>
      results.filter((result) => result.served === true && isAskable(result, paths))
    );
  }

  /** A turn that comes sooner takes its place. */
  #again(): void {
    const { againMs = AGAIN_MS } = this.#options;
    const afterMs = againMs[this.#silences++];
    if (afterMs === undefined || this.#closed || !this.#bySelf) return;
    this.#againTimer = setTimeout(() => void this.#inTurn(true).catch(() => {}), afterMs);
  }

  #soon(afterMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed || !this.#bySelf) return;
    this.#timer = setTimeout(() => {
      // A change during the rehearsal replaces this by a sooner one.
      this.#soon(this.#config?.everyMs ?? 0);
      // Without an engine nobody compares; the next turn comes.
      this.#inTurn(true).catch(() => {});
    }, afterMs);
  }
}

function unreadKey({ read }: NginxLoad): string {
  return read.unread.map(({ path, reason }) => `${path}: ${reason}`).join("\n");
}

/** The part of a rehearsal that is about the files. */
function wordOf(
  { stale, unloadable }: Pick<NginxLoad, "stale" | "unloadable">,
): Pick<Rehearsal["nginx"], "stale" | "unloadable"> {
  return { stale, unloadable };
}
