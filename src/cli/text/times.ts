/**
 * Times as people read them: on the clock of their machine, or in UTC.
 *
 * @module
 */

import type { Arguments } from "../arguments.ts";
import type { CliContext } from "../context.ts";

export interface Times {
  /** `2026-03-01 11:00:00`; in UTC `2026-03-01T10:00:00.000Z`, as in JSON. */
  full(time: string): string;
  /** The same to the millisecond: `2026-03-01 11:00:00.000`. */
  exact(time: string): string;
  /** `11:00` on the day of `now`, else `2026-03-02 11:00`. */
  short(time: string, nowMs: number): string;
  /** `03-01 11:00:00`, for a narrow list. */
  brief(time: string): string;
  /**
   * The time that a person writes as this prints it, in milliseconds since the epoch, or `null`: a day and a time of day
   * with a blank or a T between them, either alone, or with a zone of its own. A time of day is the last one before `now`.
   */
  read(text: string, nowMs: number): number | null;
}

export const TIMES_OPTIONS = { utc: "flag" } as const;
export const TIMES_HELP = "  --utc              times in UTC, not in this machine's zone";

/** As `--utc` wants them. */
export function timesFor(args: Arguments, { timeZone }: Pick<CliContext, "timeZone">): Times {
  return args.flag("utc") ? UTC : timesIn(timeZone);
}

/** `zone`: such as `Europe/Berlin`; `undefined` for the machine's. */
export function timesIn(zone: string | undefined): Times {
  const stamp = stampsIn(zone);
  return {
    full: stamp,
    exact: (time) => `${stamp(time)}${milliseconds(time)}`,
    short: (time, nowMs) => shortOf(stamp(time), stamp(new Date(nowMs).toISOString())),
    brief: (time) => stamp(time).slice("2026-".length),
    read: (text, nowMs) => readIn(stamp, text, nowMs),
  };
}

const UTC: Times = { ...timesIn("UTC"), full: (time) => time, exact: (time) => time };

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day with or without its year, a time of day, and a zone: each can be absent. */
const WRITTEN_TIME = new RegExp(
  "^(?:(?:(?<year>\\d{4})-)?(?<day>\\d\\d-\\d\\d)(?:[T ]|$))?" +
    "(?<clock>\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,3})?)?)?(?<zone>Z|[+-]\\d\\d:\\d\\d)?$",
);

function readIn(stamp: (time: string) => string, text: string, nowMs: number): number | null {
  const { year, day, clock, zone } = WRITTEN_TIME.exec(text.trim())?.groups ?? {};
  if (day === undefined && clock === undefined) return null;
  const [thisYear, ...today] = stamp(new Date(nowMs).toISOString()).slice(0, 10).split("-");
  const date = `${year ?? thisYear}-${day ?? today.join("-")}`;
  const asUtcMs = Date.parse(`${date}T${clock ?? "00:00"}${zone ?? "Z"}`);
  if (Number.isNaN(asUtcMs) || !isDay(date)) return null;
  const ms = zone === undefined ? localMs(stamp, asUtcMs) : asUtcMs;
  return day === undefined && ms > nowMs ? ms - DAY_MS : ms;
}

/** The runtime takes the 31st of February for a day of March. */
function isDay(date: string): boolean {
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date);
}

/** The moment at which the clock of a zone shows what that of UTC shows at `asUtcMs`. */
function localMs(stamp: (time: string) => string, asUtcMs: number): number {
  const offsetAt = (ms: number) => {
    const second = Math.floor(ms / 1000) * 1000;
    return Date.parse(`${stamp(new Date(second).toISOString()).replace(" ", "T")}Z`) - second;
  };
  // The offset of the guess is that of the moment, but for the hours around a change of the clock.
  const guess = asUtcMs - offsetAt(asUtcMs);
  return asUtcMs - offsetAt(guess);
}

/** `sv-SE` writes ISO 8601. A text that is no time stays as it is. */
function stampsIn(timeZone: string | undefined): (time: string) => string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return (time) => {
    const ms = Date.parse(time);
    return Number.isNaN(ms) ? time : format.format(ms);
  };
}

/** They are the same in every zone. */
function milliseconds(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? "" : `.${String(ms % 1000).padStart(3, "0")}`;
}

function shortOf(stamp: string, now: string): string {
  const minute = stamp.slice(0, "2026-03-01 11:00".length);
  const [day, clock] = minute.split(" ");
  return now.startsWith(`${day} `) ? clock ?? stamp : minute;
}
