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
  };
}

const UTC: Times = { ...timesIn("UTC"), full: (time) => time, exact: (time) => time };

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
