/**
 * `vrrp_script NAME { ... }`, `vrrp_track_process NAME { ... }` and `track_file NAME { ... }`.
 *
 * @module
 */

import { quote } from "../../../config/values/result.ts";
import { readNumberFile, readProcessName } from "../../../config/values/values.ts";
import type { Report } from "../../finding.ts";
import type { PartialCheck } from "../../partial.ts";
import { recogniseProbe } from "./probe_recogniser.ts";
import type { Statement } from "../../syntax/statement.ts";
import { splitScript } from "../../syntax/words.ts";
import { commandOf } from "./command.ts";
import { builtIn, carried, notCarried, type Rules } from "../rules.ts";
import { reportScript, type ScriptText } from "./script_offer.ts";
import { readScriptUser } from "./script_user.ts";
import { type NumberRange, readNumber } from "../values.ts";
import { readWeight } from "../weight.ts";

/** keepalived's highest number, and vipd's limits: 100 ms to an hour, 10 ms to an hour, 100 in a row. */
const MAX = 2 ** 31 - 1;
const INTERVAL: NumberRange = {
  min: 0.001,
  max: MAX,
  vipdMin: 0.1,
  vipdMax: 3600,
  fractions: true,
};
const TIMEOUT: NumberRange = { ...INTERVAL, vipdMin: 0.01 };
const DELAY: NumberRange = { ...INTERVAL, min: 0, vipdMin: 0 };
const COUNT: NumberRange = { min: 1, max: MAX, vipdMax: 100 };

type CheckNumber = "intervalS" | "timeoutS" | "rise" | "fall" | "graceS";

function numberRule(key: string, field: CheckNumber, range: NumberRange, note = "") {
  return carried<PartialCheck>(`checks.NAME.${key}`, (partial, statement, report) => {
    const value = readNumber(statement, range, report);
    if (value !== null) partial[field] = { value, statement };
  }, { note });
}

/** The weight of a definition, up to keepalived's `highest`. */
function weightRule(highest: number) {
  return carried<PartialCheck>("instances[].track[].weight", (partial, statement, report) => {
    partial.weightStatement = statement;
    partial.weight = readWeight(statement.words, statement, report, highest);
  }, { note: "0 becomes no weight; `reverse` becomes `reverse: true`", maxWords: 2 });
}

export const SCRIPT_RULES: Rules<PartialCheck> = {
  script: carried(
    "checks.NAME",
    (partial, statement, report, { scriptText }) =>
      readScript(partial, statement, report, scriptText),
    {
      note: "the usual probes become `http`, `tcp` or `process`, all others `exec`",
      maxWords: Infinity,
    },
  ),
  interval: numberRule("interval", "intervalS", INTERVAL),
  timeout: numberRule("timeout", "timeoutS", TIMEOUT),
  rise: numberRule("rise", "rise", COUNT),
  fall: numberRule("fall", "fall", COUNT),
  weight: weightRule(253),
  user: carried("checks.NAME.user", (partial, statement, report) => {
    partial.user = readScriptUser(statement, report) ?? "root";
    partial.userStatement = statement;
  }, { note: "of `exec`; the other types start no program", maxWords: 2 }),
  init_fail: builtIn("until a check has answered, vipd does not become master"),
};

const WITH_PARAMETERS = "write an `exec` check with pgrep -f";

export const PROCESS_RULES: Rules<PartialCheck> = {
  process: carried("checks.NAME.process", (partial, statement, report) => {
    const [path = "", ...parameters] = statement.words.flatMap((word) => word.split(/\s+/));
    const name = path.slice(path.lastIndexOf("/") + 1);
    const read = readProcessName(name);
    partial.unusable = !read.ok;
    if (read.ok) partial.probe = { type: "process", process: name };
    else report.add("error", statement, read.problem.message, read.problem.hint);
    if (parameters.length > 0) {
      const message = `the check looks at a process's name, not at ${quote(parameters.join(" "))}`;
      report.add("not_carried", statement, message, WITH_PARAMETERS);
    }
  }, { note: "the name only; parameters are not looked at", maxWords: Infinity }),
  weight: weightRule(254),
  quorum: notCarried(
    "one process of the name is enough for the check",
    "write an `exec` check with a script that counts them",
    ["1"],
  ),
  quorum_max: notCarried(
    "the check has no highest number of processes",
    "write an `exec` check with a script that counts them",
  ),
  param_match: notCarried(
    "the check looks at a process's name, not at its parameters",
    "write an `exec` check with pgrep -f",
  ),
  full_command: notCarried(
    "the check looks at a process's name, not at its parameters",
    "write an `exec` check with pgrep -f",
  ),
  delay: numberRule("grace", "graceS", DELAY, "as `terminate_delay` and `fork_delay`"),
  fork_delay: builtIn("`rise` and `interval` delay the return of a process"),
  terminate_delay: numberRule("grace", "graceS", DELAY),
};

export const FILE_RULES: Rules<PartialCheck> = {
  file: carried("checks.NAME.path", (partial, statement, report) => {
    const read = readNumberFile(statement.words[0] ?? "");
    partial.unusable = !read.ok;
    if (read.ok) partial.probe = { type: "file", path: read.value };
    else report.add("error", statement, read.problem.message, read.problem.hint);
  }, { note: "read once a second; an empty file is a failure, not 0" }),
  weight: carried("instances[].track[].weight", (partial, statement, report) => {
    partial.weightStatement = statement;
    partial.weight = readWeight(statement.words, statement, report, MAX);
  }, { note: "1 where it is not said; 0 becomes no weight; 253 at most", maxWords: 2 }),
  init_file: notCarried(
    "vipd writes no such file",
    "write it before vipd starts; a file that is not there holds 0",
    ["", "0"],
  ),
};

/** A check with keepalived's defaults: the number of a file has weight 1, everything else 0. */
export function newCheck(
  kind: PartialCheck["kind"],
  name: string,
  statement: Statement,
): PartialCheck {
  return { kind, name, statement, weight: { weight: kind === "file" ? 1 : 0, reverse: false } };
}

function readScript(
  partial: PartialCheck,
  statement: Statement,
  report: Report,
  scriptText: ScriptText,
): void {
  const script = splitScript(statement.rest);
  const { text, words, ignored, open } = script;
  partial.probeStatement = statement;
  const quoted = /^["']/.test(statement.rest);
  if (ignored.length > 0 && quoted) {
    report.add(
      "ignored",
      statement,
      `what follows the script is not looked at: ${quote(ignored.join(" "))}`,
      "put each keyword on a line of its own",
    );
  }
  // The intention is clear even if the quotation marks are missing.
  const more = quoted ? [] : ignored;
  const recognised = open ? null : recogniseProbe(words) ?? recogniseProbe([...words, ...more]);
  if (recognised) {
    partial.probe = recognised.probe;
    if (recognised.timeoutS !== undefined) partial.probeTimeoutS = recognised.timeoutS;
    const { difference } = recognised;
    report.add(
      "carried_differently",
      statement,
      `${
        quote([text, ...more].join(" "))
      } becomes a check of type ${recognised.probe.type}, which starts no program` +
        (more.length === 0 ? "" : `; keepalived runs ${quote(text)} alone`) +
        (difference === undefined ? "" : `; ${difference}`),
      "there is nothing to do; for the program itself write a check of type exec",
    );
    return;
  }
  if (more.length > 0 && !open) {
    report.add(
      "ignored",
      statement,
      `without quotation marks only ${quote(text)} is run, without ${quote(more.join(" "))}`,
      'put program and arguments into one pair of quotation marks: script "/path argument"',
    );
  }
  const command = commandOf(script, statement, report);
  partial.unusable = command === null;
  if (command === null) return;
  partial.probe = { type: "exec", command };
  reportScript(text, words, statement, scriptText, report);
}
