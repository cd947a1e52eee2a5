/**
 * The alarm about certificates that end soon, one for all https checks of a node: it names each of them.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { Alarms } from "../journal/alarms.ts";

const DAY_MS = 86_400_000;

/** The certificate of a server, as its check has seen it. */
export interface SeenCertificate {
  /** When it ends: milliseconds since the epoch. */
  readonly endsMs: number;
  /** How long before that it is worth an alarm. */
  readonly withinMs: number;
}

export class CertificateAlarm {
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  /** By check. */
  readonly #ending = new Map<string, number>();

  constructor(clock: Clock, alarms: Alarms) {
    this.#clock = clock;
    this.#alarms = alarms;
  }

  /** The check has seen this certificate. */
  seen(check: string, { endsMs, withinMs }: SeenCertificate): void {
    if (endsMs - this.#clock.wallClockMs() > withinMs) return this.forget(check);
    this.#ending.set(check, endsMs);
    this.#report();
  }

  /** The check sees a certificate that does not end soon, or does not look any more. */
  forget(check: string): void {
    if (this.#ending.delete(check)) this.#report();
  }

  #report(): void {
    if (this.#ending.size === 0) return this.#alarms.clear("certificate_ends", null);
    const nowMs = this.#clock.wallClockMs();
    const each = Array.from(this.#ending, ([check, endsMs]) => {
      const days = Math.floor((endsMs - nowMs) / DAY_MS);
      const when = days < 0 ? "it has ended" : days === 1 ? "in 1 day" : `in ${days} days`;
      return `the one that check ${check} sees on ${
        new Date(endsMs).toISOString().slice(0, 10)
      } (${when})`;
    });
    const ended = this.#ending.values().every((endsMs) => endsMs <= nowMs);
    const checks = Array.from(this.#ending.keys(), (check) => `check ${check}`);
    this.#alarms.raise("certificate_ends", null, {
      message: `a certificate ${ended ? "has ended" : "ends soon"}: ${each.join("; ")}`,
      causes: checks,
      // The check fails by then, and what tracks it.
      evidenceFor: ended
        ? this.#alarms.find(["fault"], ({ causes }) => causes.every((it) => checks.includes(it)))
        : null,
      hasRemedy: ended,
      hint: "renew it on this node, then reload its server: nginx -s reload",
    });
  }
}
