/**
 * Conditions that a person must act on: raised when they begin, cleared when they are over, each once.
 *
 * An alarm that comes and goes is one alarm: it is cleared when its cause has been away for a while, so that the
 * journal, and anyone who is notified, hears of each trouble once. Until then it says that it is over, or how long its cause
 * has not been seen.
 *
 * Several alarms of an instance may have one cause. The most certain one leads: it alone is journaled and shown, and
 * what the others say is its evidence. Among equals the first one stays.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../host/clock.ts";
import { type AlarmCode, ALARMS, causeOf } from "../../status/alarms.ts";
import type { Journal } from "../../status/journal.ts";
import { span } from "../../status/span.ts";
import type { AlarmStatus } from "../../status/status.ts";

/** The text of an alarm. */
export interface AlarmText {
  /** The cause, one sentence without the instance's name. */
  readonly message: string;
  /** The remedy, with a command where there is one. */
  readonly hint: string;
}

/** When the cause of an alarm was last seen, monotonic. */
interface SeenAt {
  readonly seenMs: number;
}

/** How long the cause must be away until the alarm is cleared, in milliseconds. */
export const HOLD_DOWN_MS = 10_000;

interface Alarm {
  readonly code: AlarmCode;
  readonly subject: string | null;
  /** Wall clock. */
  readonly sinceMs: number;
  /** Monotonic. */
  readonly raisedMs: number;
  /** Monotonic: when its cause was last seen, and how long it counts from then on. */
  seenMs: number;
  lastsMs: number;
  /** Monotonic: when its cause was known to be gone; `null` while it is not. */
  overMs: number | null;
  text: AlarmText;
  /** Monotonic: when it ends unless it is raised again; `Infinity` while its cause lasts. */
  endsAtMs: number;
  cancelEnd: CancelTimer | null;
}

export class Alarms {
  readonly #clock: Clock;
  readonly #journal: Journal;
  /** In the order in which they were raised. */
  readonly #standing = new Map<string, Alarm>();
  /** The alarm that is shown, by cause and subject. */
  readonly #leading = new Map<string, Alarm>();

  constructor(clock: Clock, journal: Journal) {
    this.#clock = clock;
    this.#journal = journal;
  }

  /**
   * The cause is there, and stays until `clear` is called; where `lastsMs` is given, until it has not been raised for
   * so long. A standing alarm takes over the new text and is not reported again.
   *
   * @param subject the instance it is about; `null` for the node.
   */
  raise(code: AlarmCode, subject: string | null, text: AlarmText, lastsMs = Infinity): void {
    const key = alarmKey(code, subject);
    const nowMs = this.#clock.nowMs();
    const endsAtMs = nowMs + lastsMs;
    const standing = this.#standing.get(key);
    if (standing) {
      standing.text = text;
      standing.seenMs = nowMs;
      standing.lastsMs = lastsMs;
      standing.overMs = null;
      this.#endAt(standing, endsAtMs);
      return;
    }
    const sinceMs = this.#clock.wallClockMs();
    const times = { sinceMs, raisedMs: nowMs, seenMs: nowMs, lastsMs, overMs: null, endsAtMs };
    const alarm: Alarm = { code, subject, text, ...times, cancelEnd: null };
    this.#standing.set(key, alarm);
    this.#endAt(alarm, endsAtMs);
    const leading = this.#leading.get(causeKey(alarm));
    if (leading && causeOf(leading.code).rank <= causeOf(code).rank) return;
    this.#lead(alarm);
    if (leading) this.#recordEnd(leading, `goes on as ${code}`);
  }

  /** The cause is gone, and the alarm says so; it ends when the cause does not come back within the hold-down. */
  clear(code: AlarmCode, subject: string | null): void {
    const alarm = this.#standing.get(alarmKey(code, subject));
    if (!alarm || alarm.overMs !== null) return;
    // The cause is shown by others still.
    if (this.#others(alarm).some(({ overMs }) => overMs === null)) return this.#end(alarm);
    const nowMs = this.#clock.nowMs();
    alarm.overMs = nowMs;
    this.#endAt(alarm, Math.min(alarm.endsAtMs, nowMs + HOLD_DOWN_MS));
  }

  /** It was something else, or its cause is gone and cannot come back by itself; the alarm ends at once. */
  withdraw(code: AlarmCode, subject: string | null): void {
    const alarm = this.#standing.get(alarmKey(code, subject));
    if (alarm) this.#end(alarm);
  }

  /** The instance is no more: its alarms end at once. */
  forget(subject: string): void {
    for (const alarm of this.#standing.values()) {
      if (alarm.subject === subject) this.#end(alarm);
    }
  }

  /** No timer runs any more. */
  close(): void {
    for (const { cancelEnd } of this.#standing.values()) cancelEnd?.();
    this.#standing.clear();
    this.#leading.clear();
  }

  /** The text of an alarm whose cause lasts, and when that was last seen, monotonic; `null` without one. */
  standing(code: AlarmCode, subject: string | null): (AlarmText & SeenAt) | null {
    const alarm = this.#standing.get(alarmKey(code, subject));
    if (!alarm || alarm.overMs !== null) return null;
    return { ...alarm.text, seenMs: alarm.seenMs };
  }

  /** True while another alarm than `unprotected` says why these instances, or the whole node, cannot serve. */
  explains(subjects: readonly string[]): boolean {
    return this.#standing.values().some(({ code, subject, overMs }) =>
      code !== "unprotected" && overMs === null &&
      (subject === null ? ALARMS[code] === "error" : subjects.includes(subject))
    );
  }

  /** The gravest first, then the oldest. */
  status(): AlarmStatus[] {
    const nowMs = this.#clock.nowMs();
    const all = Array.from(
      this.#leading.values(),
      (alarm) => statusOf(alarm, this.#others(alarm), nowMs),
    );
    const grave = all.filter(({ severity }) => severity === "error");
    return [...grave, ...all.filter((alarm) => !grave.includes(alarm))];
  }

  /** Moves the end. A timer that runs is left alone where it may: an alarm can be raised with every packet. */
  #endAt(alarm: Alarm, endsAtMs: number): void {
    const earlier = endsAtMs < alarm.endsAtMs;
    alarm.endsAtMs = endsAtMs;
    if (alarm.cancelEnd && !earlier) return;
    alarm.cancelEnd?.();
    alarm.cancelEnd = endsAtMs === Infinity
      ? null
      : this.#clock.setTimer(endsAtMs, () => this.#endIfDue(alarm));
  }

  #endIfDue(alarm: Alarm): void {
    alarm.cancelEnd = null;
    if (this.#clock.nowMs() >= alarm.endsAtMs) this.#end(alarm);
    else this.#endAt(alarm, alarm.endsAtMs);
  }

  #end(alarm: Alarm): void {
    alarm.cancelEnd?.();
    this.#standing.delete(alarmKey(alarm.code, alarm.subject));
    if (this.#leading.get(causeKey(alarm)) !== alarm) return;
    const [next] = this.#others(alarm)
      .toSorted((a, b) => causeOf(a.code).rank - causeOf(b.code).rank);
    if (next) {
      this.#lead(next);
      return this.#recordEnd(alarm, `goes on as ${next.code}`);
    }
    this.#leading.delete(causeKey(alarm));
    const seconds = Math.round(((alarm.overMs ?? this.#clock.nowMs()) - alarm.raisedMs) / 1000);
    this.#recordEnd(alarm, `is over after ${seconds} s`);
  }

  /** The alarm stands for its cause from now on. */
  #lead(alarm: Alarm): void {
    const { code, subject, text } = alarm;
    this.#leading.set(causeKey(alarm), alarm);
    const message = `${named(alarm)}: ${text.message}; ${text.hint}`;
    this.#journal.record(ALARMS[code], "alarm_raised", message, subject ?? undefined, {
      alarm: code,
    });
  }

  #recordEnd(alarm: Alarm, what: string): void {
    const { code, subject, text } = alarm;
    const message = `${named(alarm)} ${what}: ${text.message}`;
    this.#journal.record("notice", "alarm_cleared", message, subject ?? undefined, {
      alarm: code,
    });
  }

  /** The other standing alarms of the same cause. */
  #others(alarm: Alarm): Alarm[] {
    const key = causeKey(alarm);
    return [...this.#standing.values()].filter((other) =>
      other !== alarm && causeKey(other) === key
    );
  }
}

function statusOf(alarm: Alarm, others: readonly Alarm[], nowMs: number): AlarmStatus {
  const { code, subject, text } = alarm;
  const sinceMs = Math.min(alarm.sinceMs, ...others.map((other) => other.sinceMs));
  const evidence = others.map((other) => sentence(other, nowMs));
  return {
    ...{ code, severity: ALARMS[code], subject },
    message: sentence(alarm, nowMs),
    hint: text.hint,
    ...(evidence.length === 0 ? {} : { evidence }),
    since: new Date(sinceMs).toISOString(),
  };
}

function sentence(alarm: Alarm, nowMs: number): string {
  return `${goneFor(alarm, nowMs)}${alarm.text.message}`;
}

/** The words before the text when the cause is gone, or has not been seen for as long as makes one wonder. */
function goneFor({ seenMs, lastsMs, overMs }: Alarm, nowMs: number): string {
  if (overMs !== null) return `over for ${span(nowMs - overMs)}: `;
  return nowMs - seenMs > lastsMs / 2 ? `not seen for ${span(nowMs - seenMs)}: ` : "";
}

function alarmKey(code: AlarmCode, subject: string | null): string {
  return `${code} ${subject ?? ""}`;
}

function causeKey({ code, subject }: Alarm): string {
  return `${causeOf(code).cause} ${subject ?? ""}`;
}

function named({ code, subject }: Alarm): string {
  return subject === null ? code : `${subject}: ${code}`;
}
