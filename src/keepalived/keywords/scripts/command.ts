/**
 * A script's text as program and arguments for vipd.
 *
 * @module
 */

import { quote } from "../../../config/values/result.ts";
import { NOTHING_TO_DO, type Report } from "../../finding.ts";
import { needsShell, shellFor } from "./shell.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { Script } from "../../syntax/words.ts";

const OF_HERE_DOCUMENT = [
  'its quotation marks are written \\", as in a here-document of a shell',
  'write " without the \\ and import again',
] as const;

const OPEN = [
  "a quotation mark in it has no partner, so keepalived runs nothing",
  "put quotation marks in pairs, such as script \"/path 'an argument'\", and import again",
] as const;

/** The only script that keepalived gives to the shell: whether a file can be opened. */
const BY_SHELL = /^<\s*\//;

/** Program and arguments; `null`, with a finding, if there are none. */
export function commandOf(
  { text, words, open }: Script,
  statement: Statement,
  report: Report,
): readonly string[] | null {
  const [program = ""] = words;
  if (program === "") {
    report.add("ignored", statement, "its program is missing", 'write "/path/to/program"');
    return null;
  }
  if (open) {
    const [message, remedy] = /^["']/.test(text) ? OF_HERE_DOCUMENT : OPEN;
    report.add("error", statement, message, remedy);
    return null;
  }
  if (BY_SHELL.test(text)) {
    const message = `keepalived gives ${quote(text)} to the shell; it becomes /bin/sh -c`;
    report.add("carried_differently", statement, message, NOTHING_TO_DO);
    return ["/bin/sh", "-c", text];
  }
  if (needsShell(text, words)) {
    const shell = shellFor(text);
    report.add(
      "carried_differently",
      statement,
      `${quote(text)} needs a shell, which neither keepalived nor vipd puts between`,
      `it becomes ${shell} -c; try it manually: its exit status must be 0 when all is well`,
    );
    return [shell, "-c", text];
  }
  // Both programs look for a name without a path among the system's programs.
  if (program.startsWith("/") || !program.includes("/")) return words;
  const why = /^[~$]/.test(program)
    ? "is for a shell to replace, and keepalived puts none between, so it does not find the program"
    : "is a relative path; keepalived runs it only if it was started in the right folder";
  const message = `${quote(program)} ${why}`;
  report.add("not_carried", statement, message, "write the whole path, from / on");
  return null;
}
