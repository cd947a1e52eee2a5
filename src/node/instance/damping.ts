/**
 * A virtual router that moves again and again costs its clients more than one that serves from the weaker node. A node
 * to which it came and from which it left too often is held back: it takes part with the lowest priority, so that it
 * serves only if nobody else does. An engine that dies whenever it is master is such a node, too: its moves are counted
 * across restarts.
 *
 * Deviation from RFC 9568 section 6.1, which has one priority: `damping: { moves: 0 }` turns it off.
 *
 * @module
 */

import type { DampingConfig, InstanceConfig } from "../../config/model.ts";
import { USUAL_DAMPING } from "../../config/values/defaults.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import { type AlarmCode, HOLD_ALARMS } from "../../status/codes/alarms.ts";
import { HELD_BACK } from "../../status/peer/failover_readiness.ts";
import { span } from "../../status/text/span.ts";
import { PRIORITY_MIN, type PriorityLimit } from "../../vrrp/priority.ts";
import type { RouterState } from "../../vrrp/router_events.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Alarms, AlarmText } from "../journal/alarms.ts";
import { type Move, type MoveEntry, moveKind, movesOf, unplanned } from "./moves.ts";

/** More are not kept. */
const KEPT_MOVES = 250;

/** One death among other moves is no loop. */
const LOOP_DEATHS = 2;

/** Why a node is held back. */
interface Hold {
  /** How often the virtual router moved within the window, and how often that was a death of the engine. */
  readonly moves: number;
  readonly deaths: number;
  /** The engine dies again and again: the last move was a death as well. */
  readonly loops: boolean;
  /** In milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * The hold that these moves bring about, if it is not over at `nowMs` since the epoch. Fewer moves that follow it end it
 * no sooner: `hold_after` may be longer than `within`.
 */
function holdOf(moves: readonly Move[], rule: DampingConfig, nowMs: number): Hold | null {
  // A move that is later than now is of before the clock was set back, nobody knows how long ago.
  const counted = unplanned(moves).filter(({ atMs }) => atMs <= nowMs);
  const recentAt = (last: Move, at: number) =>
    counted.slice(0, at + 1).filter(({ atMs }) => last.atMs - atMs < rule.withinMs);
  const last = counted.findLast((move, at) =>
    move.kind !== "came" && recentAt(move, at).length >= rule.moves
  );
  if (last === undefined) return null;
  const recent = recentAt(last, counted.indexOf(last));
  const untilMs = last.atMs + rule.holdAfterMs;
  if (nowMs >= untilMs) return null;
  const deaths = recent.filter(({ kind }) => kind === "died").length;
  const loops = last.kind === "died" && deaths >= LOOP_DEATHS;
  return { moves: recent.length, deaths, loops, untilMs };
}

/** The parts that damp an instance. */
export interface DampingContext {
  readonly host: Clock;
  readonly alarms: Alarms;
  /** The hold is over, and why; the conditions of the instance are to be looked at afterwards. */
  readonly ended: (why: string) => void;
}

export class Damping {
  readonly #config: () => InstanceConfig;
  readonly #context: DampingContext;
  #moves: Move[] = [];
  #hold: Hold | null = null;
  #cancelEnd: CancelTimer = () => {};
  /** When the alarm ends by itself, by the wall clock: with a hold, or without one if damping is off. */
  #alarmUntilMs = -Infinity;

  constructor(config: () => InstanceConfig, context: DampingContext) {
    this.#config = config;
    this.#context = context;
  }

  /** Takes what earlier runs have left in the journal; before the first election. */
  restore(entries: readonly MoveEntry[]): void {
    this.#moves = movesOf(entries, this.#config().name);
    this.#judge();
  }

  /** The state changed, from one to the other; `move` says more of it. Returns whether a hold begins with it. */
  stateChanged(from: RouterState, to: RouterState, move: Omit<Move, "atMs" | "kind">): boolean {
    const kind = moveKind({ from, to });
    if (kind === null) return false;
    const atMs = this.#context.host.wallClockMs();
    this.#moves = [...this.#moves, { ...move, atMs, kind }].slice(-KEPT_MOVES);
    return kind === "left" && this.#judge();
  }

  /** The reasons that keep the priority low now. */
  get limits(): PriorityLimit[] {
    if (this.#hold === null || this.#off) return [];
    return [{ what: `${HELD_BACK}${causeText(this.#hold, this.#rule)}`, most: PRIORITY_MIN }];
  }

  /**
   * The configuration is another one: it decides whether the moves are too many, and what the alarm says. It holds back
   * no node that serves and was not held back: that would be one more move. The caller looks at the conditions of the
   * instance afterwards.
   */
  reconfigured(): void {
    const stood = this.#context.host.wallClockMs() < this.#alarmUntilMs;
    if (!stood && this.#moves.at(-1)?.kind !== "left") return;
    this.#cancelEnd();
    this.#hold = null;
    if (this.#found() === null) this.#withdrawAllBut(null);
    else this.#judge();
  }

  /** Somebody wants it to take part again. */
  end(why: string): void {
    if (this.#hold === null) return;
    this.#cancelEnd();
    this.#hold = null;
    this.#moves = [];
    this.#withdrawAllBut(null);
    this.#context.ended(why);
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelEnd();
  }

  /** No limit moves the owner's priority (RFC 9568 section 5.2.4). */
  get #off(): boolean {
    const { damping, priority } = this.#config();
    return damping.moves === 0 || priority === PRIORITY_OWNER;
  }

  /** A damping that is off still says that the node moves too often. */
  get #rule(): DampingConfig {
    const { damping } = this.#config();
    return damping.moves === 0 ? USUAL_DAMPING : damping;
  }

  #judge(): boolean {
    const { host, alarms } = this.#context;
    const hold = this.#found();
    if (hold === null) return false;
    const lastsMs = hold.untilMs - host.wallClockMs();
    const code = hold.loops ? "crash_loop" : "flapping";
    alarms.raise(code, this.#config().name, this.#text(hold, lastsMs), lastsMs);
    this.#alarmUntilMs = hold.untilMs;
    this.#withdrawAllBut(code);
    if (this.#off) return false;
    this.#hold = hold;
    this.#cancelEnd();
    this.#cancelEnd = host.setTimer(host.nowMs() + lastsMs, () => this.end("its time is over"));
    return true;
  }

  #found(): Hold | null {
    return holdOf(this.#moves, this.#rule, this.#context.host.wallClockMs());
  }

  /** One hold has one alarm: a move may make another one of it. */
  #withdrawAllBut(kept: AlarmCode | null): void {
    if (kept === null) this.#alarmUntilMs = -Infinity;
    for (const code of HOLD_ALARMS) {
      if (code !== kept) this.#context.alarms.withdraw(code, this.#config().name);
    }
  }

  #text(hold: Hold, lastsMs: number): AlarmText {
    const held = this.#off
      ? "it is not held back, as `damping` is off or it owns the addresses"
      : `it is held back for ${span(lastsMs)} and serves only if no other node does`;
    const release = this.#off ? "" : "; vipd promote ends the hold";
    return {
      message: `${causeText(hold, this.#rule)}: ${held}`,
      hint: hold.loops
        ? `journalctl -u vipd says how it ended; report it, or go back to the version before${release}`
        : "vipd events says why they moved: a check that fails here alone or only while it serves, or " +
          `adverts that are lost or late${release}`,
    };
  }
}

function causeText({ moves, deaths, loops }: Hold, { withinMs }: DampingConfig): string {
  const within = `within ${span(withinMs)}`;
  if (loops) {
    return `vipd died ${times(deaths)} as master ${within}, in ${moves} moves of the addresses`;
  }
  const died = deaths === 0 ? "" : `, ${times(deaths)} because vipd died`;
  return `the addresses came or went ${times(moves)} ${within}${died}`;
}

function times(count: number): string {
  return ["never", "once", "twice"][count] ?? `${count} times`;
}
