/**
 * Conditions that a person must act on: raised when they begin, cleared when they are over, each once.
 *
 * An alarm that comes and goes is one alarm: it is cleared when its cause has been away for a while, so that the
 * journal, and anyone who is notified, hears of each trouble once. Until then it says that it is over, or how long its cause
 * has not been seen.
 *
 * Several alarms may have one cause. The most certain one leads: it alone is journaled and shown, and what the others
 * say is its evidence. Among equals the first one stays. If the leading one ends, another one that lasts until it is
 * cleared leads at once; others do when they are raised again, because the trouble may be over for them, too.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../host/clock.ts";
import {
  type AlarmCode,
  ALARMS,
  type AlarmThatEndsAtOnce,
  causeOf,
} from "../../status/codes/alarms.ts";
import type { Journal } from "../../status/journal.ts";
import { span } from "../../status/text/span.ts";
import type { AlarmStatus } from "../../status/status.ts";

/** The text of an alarm. */
export interface AlarmText {
  /** The cause, one sentence without the instance's name. */
  readonly message: string;
  /** The remedy, with a command where there is one. */
  readonly hint: string;
  /** Its causes, a few words each: if none of the former ones is left, it is another alarm. */
  readonly causes?: readonly string[];
  /** The standing alarm that reports the cause itself: this one is evidence of it. */
  readonly evidenceFor?: AlarmPlace | null;
  /** Its hint is the remedy, even if it is only evidence. */
  readonly hasRemedy?: boolean;
}

/** An alarm that stands or may stand. */
export interface AlarmPlace {
  readonly code: AlarmCode;
  readonly subject: string | null;
}

/** When the cause of an alarm was last seen, monotonic. */
interface SeenAt {
  readonly seenMs: number;
}

/** How long the cause must be away until the alarm is cleared, in milliseconds. */
export const HOLD_DOWN_MS = 10_000;

/** An alarm that stands. */
export interface StandingAlarm extends AlarmPlace {
  readonly causes: readonly string[];
}

/** When a cause began. */
interface Begin {
  /** Wall clock. */
  readonly sinceMs: number;
  /** Monotonic. */
  readonly raisedMs: number;
}

interface Alarm extends AlarmPlace {
  /** By cause. */
  begun: ReadonlyMap<string, Begin>;
  /** The same for all alarms of one cause, and which of them leads: the one with the lowest rank. */
  key: string;
  rank: number;
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
  readonly #standing = new Set<Alarm>();
  /** The same by subject and code: hundreds of instances are asked about every second. */
  readonly #places = new Map<string | null, Map<AlarmCode, Alarm>>();
  /** The alarm that is shown, by key. */
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
    const nowMs = this.#clock.nowMs();
    const endsAtMs = nowMs + lastsMs;
    const begin: Begin = { sinceMs: this.#clock.wallClockMs(), raisedMs: nowMs };
    const standing = this.#at(code, subject);
    if (standing) {
      const begun = begunOf(text, begin, standing.begun);
      // A cause that is over may come back as another one.
      const isAnother = begun.values().every((it) => it === begin);
      if (isAnother) this.#recordIfLeading(standing, () => this.#recordOver(standing));
      Object.assign(standing, { text, begun, seenMs: nowMs, lastsMs, overMs: null });
      if (isAnother) this.#recordIfLeading(standing, () => this.#recordBegin(standing));
      this.#endAt(standing, endsAtMs);
      return this.#place(standing);
    }
    const times = { seenMs: nowMs, lastsMs, overMs: null, endsAtMs };
    const begun = begunOf(text, begin, new Map());
    const place = this.#placeOf({ code, subject }, text);
    const alarm: Alarm = { code, subject, text, begun, ...place, ...times, cancelEnd: null };
    this.#standing.add(alarm);
    const ofSubject = this.#places.get(subject) ?? new Map<AlarmCode, Alarm>();
    this.#places.set(subject, ofSubject.set(code, alarm));
    this.#endAt(alarm, endsAtMs);
    this.#join(alarm);
  }

  /** The cause is gone, and the alarm says so; it ends when the cause does not come back within the hold-down. */
  clear(code: AlarmCode, subject: string | null): void {
    const alarm = this.#at(code, subject);
    if (!alarm || alarm.overMs !== null) return;
    // The cause is shown by others still.
    const shown = ({ overMs, rank }: Alarm) => overMs === null && rank < Infinity;
    if (this.#others(alarm).some(shown)) return this.#end(alarm);
    const nowMs = this.#clock.nowMs();
    alarm.overMs = nowMs;
    this.#endAt(alarm, Math.min(alarm.endsAtMs, nowMs + HOLD_DOWN_MS));
  }

  /** It was something else, or its cause is gone and cannot come back by itself; the alarm ends at once. */
  withdraw(code: AlarmThatEndsAtOnce, subject: string | null): void {
    const alarm = this.#at(code, subject);
    if (alarm) this.#end(alarm);
  }

  /** The instance is no more: its alarms end at once. */
  forget(subject: string): void {
    for (const alarm of [...this.#standing]) {
      if (alarm.subject === subject) this.#end(alarm);
    }
  }

  /** No timer runs any more. */
  close(): void {
    for (const { cancelEnd } of this.#standing) cancelEnd?.();
    this.#standing.clear();
    this.#places.clear();
    this.#leading.clear();
  }

  /** The text of an alarm whose cause lasts, and when that was last seen, monotonic; `null` without one. */
  standing(code: AlarmCode, subject: string | null): (AlarmText & SeenAt) | null {
    const alarm = this.#at(code, subject);
    if (!alarm || alarm.overMs !== null) return null;
    return { ...alarm.text, seenMs: alarm.seenMs };
  }

  /** The first alarm with one of these codes whose cause lasts and that `is` takes; `null` without one. */
  find(
    codes: readonly AlarmCode[],
    is: (alarm: StandingAlarm) => boolean,
  ): AlarmPlace | null {
    const found = this.#standing.values().find(({ code, subject, overMs, begun }) =>
      overMs === null && codes.includes(code) && is({ code, subject, causes: [...begun.keys()] })
    );
    return found ? { code: found.code, subject: found.subject } : null;
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

  #at(code: AlarmCode, subject: string | null): Alarm | undefined {
    return this.#places.get(subject)?.get(code);
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
    this.#standing.delete(alarm);
    const ofSubject = this.#places.get(alarm.subject);
    ofSubject?.delete(alarm.code);
    if (ofSubject?.size === 0) this.#places.delete(alarm.subject);
    this.#leave(alarm);
  }

  /** It is one of the alarms of its cause, and leads if it is the most certain one. */
  #join(alarm: Alarm): void {
    const leading = this.#leading.get(alarm.key);
    if (leading && leading.rank <= alarm.rank) return;
    this.#leading.set(alarm.key, alarm);
    this.#recordBegin(alarm);
    if (leading) this.#recordEnd(leading, `goes on as ${alarm.code}`);
  }

  /** It is none of the alarms of its cause any more. */
  #leave(alarm: Alarm): void {
    if (this.#leading.get(alarm.key) !== alarm) return;
    const [next] = this.#others(alarm)
      .filter(({ lastsMs, overMs, rank }) =>
        lastsMs === Infinity && overMs === null && rank < Infinity
      )
      .toSorted((a, b) => a.rank - b.rank);
    if (!next) {
      this.#leading.delete(alarm.key);
      return this.#recordOver(alarm);
    }
    this.#leading.set(next.key, next);
    this.#recordBegin(next);
    this.#recordEnd(alarm, `goes on as ${next.code}`);
  }

  /** It is raised again: it may be evidence of another alarm than before, or lead because no other one does any more. */
  #place(alarm: Alarm): void {
    const { key, rank } = this.#placeOf(alarm, alarm.text);
    const leads = this.#leading.get(alarm.key) === alarm;
    if (leads && key === alarm.key) return;
    if (leads) this.#leading.delete(alarm.key);
    Object.assign(alarm, { key, rank });
    if (!leads) return this.#join(alarm);
    const leading = this.#leading.get(key);
    if (leading) this.#recordEnd(alarm, `goes on as ${leading.code}`);
    else this.#leading.set(key, alarm);
  }

  #placeOf(
    { code, subject }: AlarmPlace,
    { evidenceFor }: AlarmText,
  ): Pick<Alarm, "key" | "rank"> {
    const reports = evidenceFor &&
      this.#at(evidenceFor.code, evidenceFor.subject);
    if (reports) return { key: reports.key, rank: Infinity };
    const { cause, rank } = causeOf(code);
    return { key: `${cause} ${subject ?? ""}`, rank };
  }

  #recordIfLeading(alarm: Alarm, record: () => void): void {
    if (this.#leading.get(alarm.key) === alarm) record();
  }

  #recordOver(alarm: Alarm): void {
    const raisedMs = Math.min(...alarm.begun.values().map((begin) => begin.raisedMs));
    const seconds = Math.round(((alarm.overMs ?? this.#clock.nowMs()) - raisedMs) / 1000);
    this.#recordEnd(alarm, `is over after ${seconds} s`);
  }

  #recordBegin(alarm: Alarm): void {
    const { code, subject, text } = alarm;
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
    return [...this.#standing].filter((other) => other !== alarm && other.key === alarm.key);
  }
}

function statusOf(alarm: Alarm, others: readonly Alarm[], nowMs: number): AlarmStatus {
  const { code, subject, text } = alarm;
  const last = others.filter(({ rank, overMs }) => rank < Infinity && overMs === null);
  const sinceMs = Math.min(
    ...[alarm, ...last].flatMap(({ begun }) =>
      Array.from(begun.values(), (begin) => begin.sinceMs)
    ),
  );
  const evidence = [...new Set(others.map((other) => sentence(other, nowMs)))];
  const remedy = others.find((other) => other.text.hasRemedy && other.overMs === null)?.text ??
    text;
  return {
    ...{ code, severity: ALARMS[code], subject },
    message: sentence(alarm, nowMs),
    hint: remedy.hint,
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

/** The begin of each cause: as it was for those that there were before. */
function begunOf(
  { causes = [""] }: AlarmText,
  begin: Begin,
  before: Alarm["begun"],
): Alarm["begun"] {
  return new Map(causes.map((cause) => [cause, before.get(cause) ?? begin]));
}

function named({ code, subject }: AlarmPlace): string {
  return subject === null ? code : `${subject}: ${code}`;
}
