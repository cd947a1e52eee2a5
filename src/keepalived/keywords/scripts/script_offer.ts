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
import { needsShell } from "./shell.ts";

/** The texts of script files, by path; `null` if a file is not there or is no text. */
export type ScriptText = (path: string) => string | null;

/** So much of a script is looked at; the time that takes grows with the square. */
const JUDGED_CHARS = 4096;

const INTERPRETERS = /^(?:\S*\/)?(?:sh|bash|dash|ash)$/;

/** Programs of the system, which are no scripts of the user. */
const SYSTEM_PROGRAM = /^\/(?:usr\/)?s?bin\//;

/** The path of the file that a `script` runs, by itself or by a shell; `null` if it runs none. */
function scriptFile(words: readonly string[]): string | null {
  const [program = "", argument = ""] = words;
  const path = INTERPRETERS.test(program) ? argument : program;
  return path.startsWith("/") && !SYSTEM_PROGRAM.test(path) ? path : null;
}

/** The paths of the script files that these lines name, `most` of them. */
export function scriptFiles(lines: readonly { readonly text: string }[], most: number): string[] {
  const paths = new Set<string>();
  for (const { text } of lines) {
    if (paths.size >= most) break;
    const value = /^\s*(?:script|notify(?:_\w+)?)\s+(\S.*)$/.exec(text)?.[1];
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
  reportEnvironment(text, words, statement, scriptText, report);
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

/** Variables that each program has, or that a shell sets itself. */
const ALWAYS_SET =
  /^(?:PATH|LANG|PWD|OLDPWD|IFS|SHLVL|U?ID|EUID|PPID|RANDOM|SECONDS|LINENO|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|REPLY|OPT\w+|BASH\w*|FUNCNAME|PIPESTATUS|PS\d|GROUPS)$/;

/** Reports a variable that the script has from keepalived's service only: a shell's text, or the file of a script. */
export function reportEnvironment(
  text: string,
  words: readonly string[],
  statement: Statement,
  scriptText: ScriptText,
  report: Report,
): void {
  const path = scriptFile(words);
  const file = path === null ? null : scriptText(path);
  if (!(file ?? text).includes("$")) return;
  const program = words[0]?.replace(/^.*\//, "") ?? "";
  const shells = file === null ? INTERPRETERS.test(program) : /^#!.*\b(?:ba|da|a)?sh\b/.test(file);
  if (!shells && !needsShell(text, words)) return;
  const read = withoutComments(file ?? text).slice(0, JUDGED_CHARS);
  const used = Array.from(
    read.matchAll(/(?<!\\)\$\{?([A-Z][A-Z0-9_]*)\b(?!:?[-=?])/g),
    ([, name]) => name!,
  );
  const missing = used.find((name) =>
    !ALWAYS_SET.test(name) &&
    !new RegExp(`\\b${name}=|\\b(?:read|for|local|mapfile)\\b[^\n;]*\\b${name}\\b`).test(read)
  );
  if (missing === undefined) return;
  report.add(
    "carried_differently",
    statement,
    `${
      quote(file === null ? text : path!)
    } uses $${missing}: vipd gives a program PATH and LANG, keepalived all that its ` +
      "service has",
    `set it in the script`,
  );
}

function withoutComments(text: string): string {
  return text.split("\n").filter((line) => !/^\s*#/.test(line)).join("\n");
}
