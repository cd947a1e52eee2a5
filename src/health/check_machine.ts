/**
 * A check as a state machine: its verdict from its results, and the recovery that vipd tries before the verdict turns
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
 * While the command runs nothing else counts, so that a restart may take the service down. The verdict stays `up` all
 * the while, for at most `attempts * (on_fail timeout + fall * interval)`.
 *
 * @module
 */

import { CheckTally, type CheckThresholds, type CheckVerdict, type ProbeResult } from "./check.ts";

export type CheckEvent =
  | { readonly kind: "result"; readonly result: ProbeResult }
  /** The command has ended, or vipd ended it because it took too long. */
  | { readonly kind: "recoveryEnded"; readonly ok: boolean; readonly detail: string };

export type CheckEffect =
  | { readonly kind: "turned"; readonly verdict: "up" | "down" }
  /** Runs the command; no probe runs until it has ended. */
  | { readonly kind: "recover"; readonly attempt: number }
  | { readonly kind: "recoverySucceeded" }
  | { readonly kind: "recoveryFailed"; readonly attempt: number; readonly why: string }
  /** No tries are left: the verdict turns down without one. */
  | { readonly kind: "recoveryExhausted" }
  /** Probes now instead of at the next regular time. */
  | { readonly kind: "probe" };

/** How often vipd tries recovery. */
export interface RecoveryLimits {
  /** Runs within any `everyMs`, at least 1. */
  readonly attempts: number;
  readonly everyMs: number;
}

/**
 * The progress of a recovery: its command runs, or has ended and the check's results must confirm it. Or its outcome:
 * the check succeeded again, or no tries were left.
 */
export type RecoveryPhase = "running" | "verifying" | "recovered" | "given_up";

export interface RecoveryState {
  readonly phase: RecoveryPhase;
  /** The number of this try within the period, from 1; once given up, the number of all tries. */
  readonly attempt: number;
}

export class CheckMachine {
  readonly #tally: CheckTally;
  /** `null` if the check has no recovery. */
  readonly #limits: RecoveryLimits | null;
  /** The recovery in progress. */
  #recovery: RecoveryState | null = null;
  /** The outcome of the last recovery. */
  #outcome: RecoveryState | null = null;
  /** When commands were started, within the last period. */
  #triedMs: number[] = [];

  /** `verdict` is the verdict until the first result decides. */
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

  /** True while the command runs. */
  get recovering(): boolean {
    return this.#recovery?.phase === "running";
  }

  /**
   * The recovery in progress, or the outcome of the last one: a success as long as it counts, a failure while the check
   * is down.
   */
  recovery(nowMs: number): RecoveryState | null {
    const over = this.#outcome?.phase === "recovered" && this.#tries(nowMs) === 0;
    return this.#recovery ?? (over ? null : this.#outcome);
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
      this.#outcome = { ...recovery, phase: "recovered" };
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
    const tries = this.#tries(nowMs);
    if (tries >= this.#limits.attempts) {
      const effects: CheckEffect[] = [{ kind: "recoveryExhausted" }, ...this.#turn("down")];
      this.#outcome = { phase: "given_up", attempt: tries };
      return effects;
    }
    this.#triedMs.push(nowMs);
    const attempt = tries + 1;
    this.#recovery = { phase: "running", attempt };
    this.#outcome = null;
    this.#tally.restart();
    return [{ kind: "recover", attempt }];
  }

  /** The number of tries within the last period. */
  #tries(nowMs: number): number {
    const everyMs = this.#limits?.everyMs ?? 0;
    this.#triedMs = this.#triedMs.filter((triedMs) => nowMs - triedMs < everyMs);
    return this.#triedMs.length;
  }

  #turn(verdict: "up" | "down"): CheckEffect[] {
    this.#tally.turn(verdict);
    this.#outcome = null;
    return [{ kind: "turned", verdict }];
  }
}
