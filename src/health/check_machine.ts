/**
 * A check as a state machine: its verdict from its results, and the recovery that is tried before the verdict turns
 * down. It does nothing by itself: an event and the time go in, effects come out, in order.
 *
 * ```text
 *              enough failures, tries left                command ended well
 *   up ───────────────────────────────────> running ─────────────────────────> verifying
 *    ^                                        │  ^                               │ │
 *    │                    command failed,     │  └── fails still, tries left ────┘ │
 *    │                    no tries left       v                                    │
 *    │                                       down <───── fails still, no tries left │
 *    └───────────────────────── a success ────────────────────────────────────────┘
 * ```
 *
 * While the command runs nothing else counts, so that a restart may take the service down. The verdict stays `up`
 * all the while, for at most `attempts * (on_fail timeout + fall * interval)`.
 *
 * @module
 */

import { CheckTally, type CheckThresholds, type CheckVerdict, type ProbeResult } from "./check.ts";

export type CheckEvent =
  | { readonly kind: "result"; readonly result: ProbeResult }
  /** The command has ended, or was ended because it took too long. */
  | { readonly kind: "recoveryEnded"; readonly ok: boolean; readonly detail: string };

export type CheckEffect =
  | { readonly kind: "turned"; readonly verdict: "up" | "down" }
  /** Runs the command; no probe until it has ended. */
  | { readonly kind: "recover"; readonly attempt: number }
  | { readonly kind: "recoverySucceeded" }
  | { readonly kind: "recoveryFailed"; readonly attempt: number; readonly why: string }
  /** Tries are used up: the verdict turns down without one. */
  | { readonly kind: "recoveryExhausted" }
  /** Probes now instead of at the next time. */
  | { readonly kind: "probe" };

/** How often recovery is tried. */
export interface RecoveryLimits {
  /** Runs within any `everyMs`, at least 1. */
  readonly attempts: number;
  readonly everyMs: number;
}

/** A recovery on its way: its command runs, or has ended and the check's results must confirm it. */
export interface RecoveryState {
  readonly phase: "running" | "verifying";
  /** Which of the tries within the period this is, from 1. */
  readonly attempt: number;
}

export class CheckMachine {
  readonly #tally: CheckTally;
  /** `null` where nothing is tried. */
  readonly #limits: RecoveryLimits | null;
  #recovery: RecoveryState | null = null;
  /** When commands were started, within the last period. */
  #triedMs: number[] = [];

  /** `verdict` is what was known before, until the first result decides. */
  constructor(
    thresholds: CheckThresholds,
    limits: RecoveryLimits | null = null,
    verdict: CheckVerdict = "unknown",
  ) {
    this.#tally = new CheckTally(thresholds, verdict);
    this.#limits = limits;
  }

  get verdict(): CheckVerdict {
    return this.#tally.verdict;
  }

  get recovery(): RecoveryState | null {
    return this.#recovery;
  }

  handle(event: CheckEvent, nowMs: number): CheckEffect[] {
    return event.kind === "result"
      ? this.#result(event.result, nowMs)
      : this.#ended(event.ok, event.detail, nowMs);
  }

  #result(result: ProbeResult, nowMs: number): CheckEffect[] {
    const recovery = this.#recovery;
    if (recovery?.phase === "running") return [];
    const enough = this.#tally.count(result);
    if (recovery && result.ok) {
      this.#recovery = null;
      return [{ kind: "recoverySucceeded" }];
    }
    if (!enough) return [];
    if (result.ok) return this.#turn("up");
    if (!recovery) return this.verdict === "up" ? this.#recoverOrTurn(nowMs) : this.#turn("down");
    const why = `the check fails still: ${result.detail}`;
    return [this.#failed(recovery, why), ...this.#recoverOrTurn(nowMs)];
  }

  #ended(ok: boolean, detail: string, nowMs: number): CheckEffect[] {
    const recovery = this.#recovery;
    if (recovery?.phase !== "running") return [];
    if (!ok) return [this.#failed(recovery, detail), ...this.#recoverOrTurn(nowMs)];
    this.#recovery = { ...recovery, phase: "verifying" };
    this.#tally.restart();
    return [{ kind: "probe" }];
  }

  #failed({ attempt }: RecoveryState, why: string): CheckEffect {
    return { kind: "recoveryFailed", attempt, why };
  }

  #recoverOrTurn(nowMs: number): CheckEffect[] {
    this.#recovery = null;
    if (!this.#limits) return this.#turn("down");
    const { attempts, everyMs } = this.#limits;
    this.#triedMs = this.#triedMs.filter((triedMs) => nowMs - triedMs < everyMs);
    if (this.#triedMs.length >= attempts) {
      return [{ kind: "recoveryExhausted" }, ...this.#turn("down")];
    }
    this.#triedMs.push(nowMs);
    const attempt = this.#triedMs.length;
    this.#recovery = { phase: "running", attempt };
    this.#tally.restart();
    return [{ kind: "recover", attempt }];
  }

  #turn(verdict: "up" | "down"): CheckEffect[] {
    this.#tally.turn(verdict);
    return [{ kind: "turned", verdict }];
  }
}
