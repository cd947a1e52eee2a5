/**
 * The sections of docs/alarms.md: what each alarm means and what to do about it.
 *
 * @module
 */

import ALARMS_DOCUMENT from "../../docs/alarms.md" with { type: "text" };
import type { AlarmCode } from "../status/codes/alarms.ts";

export interface AlarmSection {
  /** One sentence, from the table of contents. */
  readonly summary: string;
  /** The section as Markdown, without its heading and severity. */
  readonly text: string;
}

/** By code; `document` is the Markdown of docs/alarms.md. */
export function alarmSections(
  document: string = ALARMS_DOCUMENT,
): ReadonlyMap<AlarmCode, AlarmSection> {
  const rows = document.matchAll(/^\| \[`(\w+)`\]\(#\w+\)\s*\| (.*?) *\|$/gm);
  const summaries = new Map(Array.from(rows, ([, code, summary]) => [code!, summary!]));
  const sections = document.split(/^## /m).slice(1).map((section) =>
    /^`(\w+)`\n\n(?:error|warning)\. ([\s\S]*)$/.exec(section)
  );
  return new Map(
    sections.filter((section) => section !== null).map(([, code = "", text = ""]) => [
      code as AlarmCode,
      { summary: summaries.get(code) ?? "", text: text.trim() },
    ]),
  );
}
