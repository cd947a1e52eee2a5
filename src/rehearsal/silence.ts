/**
 * Whether nginx answered a question at all. One that it did not answer may have met a moment in which nginx was busy or
 * started again; an alert of TLS, or a connection that `return 444` closes, is nginx's answer.
 *
 * @module
 */

import type { RehearsedName } from "../status/rehearsal.ts";

type Outcome = Pick<RehearsedName, "error">;

const REFUSED = "connection refused";
const RESET = "connection reset";
const UNREACHABLE = "host unreachable";
const LATE = "no answer within ";
const NOTHING_LISTENS = "nothing listens on ";
const NO_SERVER = "no server of nginx here listens on port ";

const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: REFUSED,
  ECONNRESET: RESET,
  EPIPE: RESET,
  EHOSTUNREACH: UNREACHABLE,
};
const SILENT: ReadonlySet<string | null> = new Set(Object.values(TEXTS));

/** The words for the code of a failed connection; `null` if it is another fault. */
export function silenceText(code: string | undefined): string | null {
  return code === undefined ? null : TEXTS[code] ?? null;
}

export function lateText(limitMs: number): string {
  return `${LATE}${limitMs / 1000} s`;
}

export function nothingListensText(address: string): string {
  return `${NOTHING_LISTENS}${address}`;
}

export function noServerText(port: number): string {
  return `${NO_SERVER}${port}`;
}

/** Whether nginx was asked and gave no answer. */
export function isSilent({ error }: Outcome): boolean {
  return SILENT.has(error) || error !== null && error.startsWith(LATE);
}

/** Whether nothing was there that nginx could answer with. */
export function isDeaf({ error }: Outcome): boolean {
  return error !== null && [NOTHING_LISTENS, NO_SERVER].some((text) => error.startsWith(text));
}
