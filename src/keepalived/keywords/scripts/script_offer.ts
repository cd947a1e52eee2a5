/**
 * The findings about a script that stays a program: vipd's own check that asks much the same, and an effect that the
 * script has on keepalived only.
 *
 * @module
 */

import { quote } from "../../../config/values/result.ts";
import type { Report } from "../../finding.ts";
import { alwaysSucceeds, offerProbe, restartedProgram, stopsKeepalived } from "./probe_offers.ts";
import type { Statement } from "../../syntax/statement.ts";
import { splitScript } from "../../syntax/words.ts";

/** The texts of script files, by path; `null` if a file is not there or is no text. */
export type ScriptText = (path: string) => string | null;

/** So much of a script is looked at; the time that takes grows with the square. */
const JUDGED_CHARS = 4096;

const INTERPRETERS = /^(?:\S*\/)?(?:sh|bash|dash|ash)$/;

/** Programs of the system, which are no scripts of the user. */
const SYSTEM_PROGRAM = /^\/(?:usr\/)?s?bin\//;

/** The path of the file that a `script` runs, by itself or by a shell; `null` if it runs none. */
export function scriptFile(words: readonly string[]): string | null {
  const [program = "", argument = ""] = words;
  const path = INTERPRETERS.test(program) ? argument : program;
  return path.startsWith("/") && !SYSTEM_PROGRAM.test(path) ? path : null;
}

/** The paths of the script files that these lines name, `most` of them. */
export function scriptFiles(lines: readonly { readonly text: string }[], most: number): string[] {
  const paths = new Set<string>();
  for (const { text } of lines) {
    if (paths.size >= most) break;
    const value = /^\s*script\s+(\S.*)$/.exec(text)?.[1];
    const path = value === undefined ? null : scriptFile(splitScript(value).words);
    if (path !== null) paths.add(path);
  }
  return [...paths];
}

/** `text` is the script's value, `words` are its program and arguments. */
export function reportScript(
  text: string,
  words: readonly string[],
  statement: Statement,
  scriptText: ScriptText,
  report: Report,
): void {
  const path = scriptFile(words);
  const file = path === null ? null : scriptText(path);
  const whole = (file === null ? text : withoutComments(file)).slice(0, JUDGED_CHARS);
  const who = file === null ? quote(text) : quote(path!);
  if (stopsKeepalived(whole)) {
    const program = restartedProgram(whole);
    const command = program === null
      ? ""
      : `, on_fail: { command: [systemctl, restart, ${program}] }`;
    report.add(
      "not_carried",
      statement,
      `${who} stops keepalived to hand over, which does not stop vipd`,
      `let a check say that it fails, which hands over, and back when it is well: { type: process, process: ${
        program ?? "nginx"
      }${command} }`,
    );
    return;
  }
  if (file === null && alwaysSucceeds(whole)) {
    report.add(
      "advice",
      statement,
      "its last program, wc, succeeds whatever it counts, so the check never fails",
      "end it with grep -q, or take a check of vipd",
    );
  }
  // A check cannot ask for the opposite.
  const offer = /^\s*!/.test(whole) ? null : offerProbe(whole);
  if (offer === null) return;
  report.add(
    "advice",
    statement,
    `instead of ${who}, a check ${offer.check} starts no program; it ${offer.difference}`,
    "there is nothing to do; write that check if it is enough",
  );
}

function withoutComments(text: string): string {
  return text.split("\n").filter((line) => !/^\s*#/.test(line)).join("\n");
}
