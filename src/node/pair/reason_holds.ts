/**
 * How long the reasons of an instance have lasted: one counts only after its hold time, so that a hand-over, a reload or
 * a restart of the other node is no news; one that counts stays for a second after its end, so that a verdict does not
 * flap.
 *
 * @module
 */

import type { ReasonNow } from "../../status/pair/standby_reasons.ts";
import { PAIR_REASONS } from "../../status/codes/verdicts.ts";

/** How long a reason that counts must be away until it is over, in milliseconds. */
const RELEASE_MS = 1000;
/** A machine that refused connections no longer ago does so still while it is silent, in milliseconds. */
const REFUSES_MS = 10_000;

interface HeldReason {
  reason: ReasonNow;
  /** Monotonic: since when it is there, and when it was last seen. */
  readonly sinceMs: number;
  seenMs: number;
  readonly sinceWallMs: number;
  counts: boolean;
}

/** A reason that has lasted. */
export interface CountedReason extends ReasonNow {
  /** Wall clock. */
  readonly sinceWallMs: number;
}

export class ReasonHolds {
  /** At most one reason of each code and node. */
  #held: readonly HeldReason[] = [];

  /**
   * Takes the reasons of this moment.
   *
   * @param slackMs added to each hold time: what a slow advert interval makes later.
   * @param servedBy the node that serves: it has not stopped, whatever its machine did before.
   * @param moved another node serves than before: a reason that is over was about the one before.
   */
  observe(
    reasons: readonly ReasonNow[],
    { nowMs, wallMs, slackMs, servedBy, moved }: {
      readonly nowMs: number;
      readonly wallMs: number;
      readonly slackMs: number;
      readonly servedBy: string | null;
      readonly moved: boolean;
    },
  ): void {
    const next: HeldReason[] = [];
    const add = (held: HeldReason) => next.includes(held) || next.push(held);
    for (const reason of reasons) {
      const refusal = reason.node === servedBy ? null : this.#refusalBefore(reason, nowMs);
      if (refusal !== null) {
        add(refusal);
        continue;
      }
      const times = { sinceMs: nowMs, seenMs: nowMs, sinceWallMs: wallMs };
      const held = sameIn(next, reason) ?? sameIn(this.#held, reason) ??
        { reason, ...times, counts: false };
      held.reason = reason;
      held.seenMs = nowMs;
      add(held);
    }
    for (const held of next) {
      // The same sum as in `dueMs`: with a difference, rounding could make the due time come again and again.
      held.counts ||= nowMs >= held.sinceMs + holdMs(held.reason, slackMs);
    }
    for (const held of this.#held) {
      const stays = held.counts && !moved && nowMs - held.seenMs < RELEASE_MS;
      if (stays && !sameIn(next, held.reason)) next.push(held);
    }
    this.#held = next;
  }

  /**
   * The earlier `standby_stopped` that a node's silence continues, or `null`. Without it the reason of a node that refuses
   * and is silent by turns would never last, or the verdict would change with each turn.
   */
  #refusalBefore({ code, node }: ReasonNow, nowMs: number): HeldReason | null {
    if (code !== "peer_silent") return null;
    const held = sameIn(this.#held, { code: "standby_stopped", node });
    return held !== undefined && nowMs - held.seenMs < REFUSES_MS ? held : null;
  }

  /** The reasons that have lasted, the gravest first. */
  get counted(): CountedReason[] {
    return this.#held.filter(({ counts }) => counts)
      .map(({ reason, sinceWallMs }) => ({ ...reason, sinceWallMs }))
      .sort((a, b) => CODES.indexOf(a.code) - CODES.indexOf(b.code));
  }

  /** When the next one will have lasted if it stays, monotonic; `Infinity` without one. */
  dueMs(slackMs: number): number {
    const waiting = this.#held.filter(({ counts }) => !counts);
    return Math.min(
      Infinity,
      ...waiting.map(({ reason, sinceMs }) => sinceMs + holdMs(reason, slackMs)),
    );
  }
}

const CODES = Object.keys(PAIR_REASONS);

function sameIn(
  held: readonly HeldReason[],
  { code, node }: Pick<ReasonNow, "code" | "node">,
): HeldReason | undefined {
  return held.find(({ reason }) => reason.code === code && reason.node === node);
}

function holdMs({ code, holdMs = PAIR_REASONS[code].holdMs }: ReasonNow, slackMs: number): number {
  return holdMs === 0 ? 0 : holdMs + slackMs;
}
