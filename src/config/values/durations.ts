/**
 * Durations as people write them: `1s`, `500ms`, `1m30s`; a bare number is seconds.
 *
 * @module
 */

/** Milliseconds of each unit, largest first: the order in which parts may follow each other. */
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

type Unit = keyof typeof UNIT_MS;
const UNITS = Object.keys(UNIT_MS) as Unit[];

const PART = /(\d+(?:\.\d+)?)(ms|d|h|m|s)/y;

/**
 * Milliseconds of a duration, or `null` when it is none.
 *
 * Takes `14d`, `1h`, `1m30s`, `1.5s`, `250ms` (each unit at most once, larger ones first) and bare numbers of
 * seconds (`2`, `0.5`, also as text). Fractions of a millisecond are no duration.
 */
export function parseDuration(value: string | number): number | null {
  if (typeof value === "number") return wholeMs(value, UNIT_MS.s);
  if (/^\d+(\.\d+)?$/.test(value)) return wholeMs(Number(value), UNIT_MS.s);
  let totalMs = 0;
  let smallest = -1;
  PART.lastIndex = 0;
  while (PART.lastIndex < value.length || smallest < 0) {
    const part = PART.exec(value);
    if (!part) return null;
    const unit = part[2] as Unit;
    if (UNITS.indexOf(unit) <= smallest) return null;
    smallest = UNITS.indexOf(unit);
    const partMs = wholeMs(Number(part[1]), UNIT_MS[unit]);
    if (partMs === null) return null;
    totalMs += partMs;
  }
  return totalMs;
}

/** Rounds away what binary fractions add (`4.1 * 1000`), but not a real fraction of a millisecond. */
function wholeMs(amount: number, unitMs: number): number | null {
  const exactMs = amount * unitMs;
  const roundedMs = Math.round(exactMs);
  const whole = amount >= 0 && Number.isSafeInteger(roundedMs) &&
    Math.abs(exactMs - roundedMs) < 1e-6;
  return whole ? roundedMs : null;
}

/** A whole number of milliseconds as people write it: `14d`, `1m30s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  const days = durationMs / UNIT_MS.d;
  if (Number.isInteger(days) && days > 1) return `${days}d`;
  if (durationMs > 0 && durationMs < UNIT_MS.s) return `${durationMs}ms`;
  const hours = Math.floor(durationMs / UNIT_MS.h);
  const minutes = Math.floor((durationMs % UNIT_MS.h) / UNIT_MS.m);
  const seconds = (durationMs % UNIT_MS.m) / UNIT_MS.s;
  const parts = [hours && `${hours}h`, minutes && `${minutes}m`, seconds && `${seconds}s`];
  return parts.filter((part) => part !== 0).join("") || "0s";
}
