/**
 * Entries of the journal for a person.
 *
 * @module
 */

import { logLine } from "../../daemon/log.ts";
import type { JournalEntry } from "../../status/journal.ts";
import { printable } from "../../wire/printable.ts";
import type { Paint, Style } from "./terminal/style.ts";

/** An entry on one line, with its newline; `timeOf` writes its time. */
export function entryLine(
  entry: JournalEntry,
  style: Style,
  timeOf: (time: string) => string,
): string {
  const line = logLine({ ...entry, time: timeOf(entry.time) }, "text");
  return `${paintOf(entry, style)(line.trimEnd())}\n`;
}

/** Its message and code, on one line. */
export function messageLine({ message, code }: JournalEntry): string {
  return printable(`${message.replaceAll("\n", " | ")} [${code}]`);
}

export function paintOf({ severity }: JournalEntry, style: Style): Paint {
  switch (severity) {
    case "error":
      return style.bad;
    case "warning":
      return style.warning;
    case "notice":
      return (text) => text;
    default:
      return style.dim;
  }
}
