/**
 * Which instances `vipd status` and `vipd watch` show: those that the command line names, by name, state and verdict.
 *
 * @module
 */

import { nearest } from "../../config/nearest.ts";
import type { CliError } from "../../exit.ts";
import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import { VERDICTS } from "../../status/codes/verdicts.ts";
import { printable } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import { usageError } from "../errors.ts";

/** Gravest first. */
export const STATES = [
  "fault",
  "init",
  "master",
  "backup",
] as const satisfies readonly InstanceStatus[
  "state"
][];

export const SELECTION_OPTIONS = { state: "text", verdict: "text" } as const;
export const SELECTION_HELP =
  `  --state STATE      only instances in this state, or in one of several:
                     fault,backup
  --verdict VERDICT  only instances with this verdict on the pair, or with one
                     of several: unserved, contested, unprotected, unverified,
                     protected`;

export interface Selection {
  /** Empty for all. In a name `*` stands for any text, `?` for any character. */
  readonly names: readonly string[];
  /** `null` for all. */
  readonly states: readonly string[] | null;
  readonly verdicts: readonly string[] | null;
}

/** Throws a usage error for a state or verdict that does not exist. */
export function selectionOf(args: Arguments): Selection {
  return {
    names: args.operands,
    states: wordsOf(args, "state", STATES),
    verdicts: wordsOf(args, "verdict", VERDICTS),
  };
}

/** The status with the selected instances only. Throws a usage error for a name that fits none of them. */
export function selectInstances(status: NodeStatus, selection: Selection): NodeStatus {
  const { names, states, verdicts } = selection;
  const patterns = names.map((name) => ({ name, pattern: patternOf(name) }));
  for (const { name, pattern } of patterns) {
    if (!status.instances.some((instance) => pattern.test(instance.name))) {
      throw unknownName(name, status);
    }
  }
  const instances = status.instances.filter(({ name, state, pair }) =>
    (patterns.length === 0 || patterns.some(({ pattern }) => pattern.test(name))) &&
    (states === null || states.includes(state)) &&
    (verdicts === null || (pair !== undefined && verdicts.includes(pair.verdict)))
  );
  return { ...status, instances };
}

/** Of the rest of the status only what is about the selected instances; all of it if everything is selected. */
export function aboutSelected(
  selected: NodeStatus,
  whole: NodeStatus,
  { names, states, verdicts }: Selection,
): NodeStatus {
  if (names.length === 0 && states === null && verdicts === null) return selected;
  const shown = new Set(selected.instances.map(({ name }) => name));
  const others = new Set(whole.instances.map(({ name }) => name).filter((it) => !shown.has(it)));
  const alarms = selected.alarms.filter(({ subject }) => subject === null || !others.has(subject));
  return { ...selected, alarms, checks: [], notifications: [] };
}

/** A line for a selection that nothing fits, so that it is not taken for a failure; else empty. */
export function nothingShownText(
  whole: NodeStatus,
  { instances }: NodeStatus,
  { states, verdicts }: Selection,
): string {
  if (instances.length > 0 || whole.instances.length === 0) return "";
  const wanted = [
    ...(states === null ? [] : [`in ${states.join(" or ")}`]),
    ...(verdicts === null ? [] : [verdicts.join(" or ")]),
  ];
  return `vipd: none of the instances asked for is ${wanted.join(" and ")}\n`;
}

function wordsOf(
  args: Arguments,
  option: "state" | "verdict",
  known: readonly string[],
): string[] | null {
  const given = args.texts(option);
  if (given.length === 0) return null;
  const words = given.flatMap((text) => text.split(","));
  const wrong = words.find((word) => !known.includes(word));
  if (wrong === undefined) return words;
  throw usageError(`--${option} takes ${known.join(", ")}, not ${JSON.stringify(wrong)}`);
}

function patternOf(name: string): RegExp {
  const parts = name.split(/([*?])/).map((part) =>
    part === "*" ? "[^]*" : part === "?" ? "[^]" : RegExp.escape(part)
  );
  return new RegExp(`^${parts.join("")}$`, "u");
}

/** The error for a name that fits no instance. */
export function unknownName(name: string, { node, instances }: NodeStatus): CliError {
  const names = instances.map((instance) => instance.name);
  const similar = nearest(name, names);
  const hint = similar === null ? `there are ${names.join(", ")}` : `did you mean ${similar}?`;
  return usageError(printable(`${node} has no instance ${JSON.stringify(name)}; ${hint}`));
}
