/**
 * How long the reasons of an instance have lasted: one counts only after its hold time, so that a hand-over, a reload or
 * a restart of the other node is no news; one that counts stays for a second after its end, so that a verdict does not
 * flap.
 *
 * @module
 */

import type { ReasonNow } from "../../status/pair/standby_reasons.ts";
import { PAIR_REASONS } from "../../status/pair/verdicts.ts";

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
  #held = new Map<string, HeldReason>();

  /**
   * Takes the reasons of this moment.
   *
   * @param slackMs added to each hold time: what a slow advert interval makes later.
   * @param moved another node serves than before: a reason that is over was about the one before.
   */
  observe(
    reasons: readonly ReasonNow[],
    { nowMs, wallMs, slackMs, moved }: {
      readonly nowMs: number;
      readonly wallMs: number;
      readonly slackMs: number;
      readonly moved: boolean;
    },
  ): void {
    const next = new Map<string, HeldReason>();
    for (const reason of reasons) {
      const refusal = this.#refusalBefore(reason, nowMs);
      if (refusal !== null) {
        next.set(keyOf(refusal.reason), refusal);
        continue;
      }
      const key = keyOf(reason);
      const times = { sinceMs: nowMs, seenMs: nowMs, sinceWallMs: wallMs };
      const held = this.#held.get(key) ?? { reason, ...times, counts: false };
      held.reason = reason;
      held.seenMs = nowMs;
      next.set(key, held);
    }
    for (const held of next.values()) {
      // The same sum as in `dueMs`: with a difference, rounding could make the due time come again and again.
      held.counts ||= nowMs >= held.sinceMs + holdMs(held.reason, slackMs);
    }
    for (const [key, held] of this.#held) {
      const stays = held.counts && !moved && nowMs - held.seenMs < RELEASE_MS;
      if (stays && !next.has(key)) next.set(key, held);
    }
    this.#held = next;
  }

  /**
   * The earlier `standby_stopped` that a node's silence continues, or `null`. Without it the reason of a node that refuses
   * and is silent by turns would never last, or the verdict would change with each turn.
   */
  #refusalBefore({ code, node }: ReasonNow, nowMs: number): HeldReason | null {
    if (code !== "peer_silent") return null;
    const held = this.#held.get(keyOf({ code: "standby_stopped", node }));
    return held !== undefined && nowMs - held.seenMs < REFUSES_MS ? held : null;
  }

  /** Those that have lasted, the gravest first. */
  get counted(): CountedReason[] {
    const codes = Object.keys(PAIR_REASONS);
    return Array.from(this.#held.values()).filter(({ counts }) => counts)
      .map(({ reason, sinceWallMs }) => ({ ...reason, sinceWallMs }))
      .sort((a, b) => codes.indexOf(a.code) - codes.indexOf(b.code));
  }

  /** When the next one will have lasted if it stays, monotonic; `Infinity` without one. */
  dueMs(slackMs: number): number {
    const waiting = Array.from(this.#held.values()).filter(({ counts }) => !counts);
    return Math.min(
      Infinity,
      ...waiting.map(({ reason, sinceMs }) => sinceMs + holdMs(reason, slackMs)),
    );
  }
}

function keyOf({ code, node }: Pick<ReasonNow, "code" | "node">): string {
  return `${code} ${node ?? ""}`;
}

function holdMs({ code, holdMs = PAIR_REASONS[code].holdMs }: ReasonNow, slackMs: number): number {
  return holdMs === 0 ? 0 : holdMs + slackMs;
}
