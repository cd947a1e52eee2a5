/**
 * The outcome of a reload, for a person at a terminal.
 *
 * @module
 */

import type { ReloadAnswer } from "../../api/answer_shapes.ts";
import { changeText, type ConfigChange } from "../../config/changes.ts";
import { isReplacing } from "../../node/reload_plan.ts";
import type { ReloadVerdicts } from "../../status/commands/reloading.ts";
import type { ProbationStatus } from "../../status/status.ts";
import { printableValue } from "../../wire/printable.ts";
import { type Times, timesIn } from "./times.ts";

/** Of more instances only those that cannot serve have a line of their own. */
const MANY_INSTANCES = 3;

/** The changes, the first verdicts and what is on probation, a line each. `zone`: as for {@link timesIn}. */
export function reloadText(answer: ReloadAnswer, zone: string | undefined): string {
  const { took_ms, changes, verdicts, probation } = printableValue(answer);
  const count = changes.length === 0
    ? "nothing changed"
    : `${changes.length} ${changes.length === 1 ? "change" : "changes"}`;
  const lines = [
    ...changes.map(changeText),
    `reloaded: ${count}, ${took_ms} ms`,
    ...(verdicts !== undefined && changes.length > 0 ? verdictLines(verdicts, changes) : []),
    ...(probation === undefined ? [] : [probationText(probation, timesIn(zone))]),
  ];
  return `${lines.join("\n")}\n`;
}

/** `on probation until 2026-03-01 11:01:00: ...`, with what is to be done. */
export function probationText({ until }: ProbationStatus, times: Times): string {
  return `on probation until ${
    times.full(until)
  }: vipd reload --keep keeps the configuration, else ` +
    "vipd goes back to the one before; what the file names is not rolled back";
}

function verdictLines(
  { checks, instances }: ReloadVerdicts,
  changes: readonly ConfigChange[],
): string[] {
  const ends = changedWhole(changes, "removed");
  const begins = changedWhole(changes, "added");
  const isReplaced = (name: string) => changes.some((change) => isReplacing(change, name));
  const fateOf = (name: string) => {
    if (ends.includes(name)) return ["ends"];
    if (begins.includes(name)) return ["begins"];
    return isReplaced(name) ? ["begins as another virtual router"] : [];
  };
  const named = (name: string) => instances.some((instance) => instance.name === name);
  const shown = instances.length > MANY_INSTANCES
    ? instances.filter(({ name, faults }) => faults.length > 0 || fateOf(name).length > 0)
    : instances;
  const leaving = instances.filter(({ name, handing_over = false }) =>
    handing_over && (ends.includes(name) || isReplaced(name))
  ).map(({ name }) => name);
  const coming = [...begins, ...leaving.filter(isReplaced)];
  const others = instances.length - shown.length;
  return [
    ...checks.map(({ name, state, detail }) =>
      state === "unknown" ? `check ${name}: no result yet` : `check ${name}: ${state}: ${detail}`
    ),
    ...shown.map(({ name, state, handing_over = false, faults }) =>
      [
        `${name}: ${state.toUpperCase()}`,
        ...handing_over ? ["handing over"] : [],
        ...fateOf(name),
        ...faults,
      ].join(", ")
    ),
    ...ends.filter((name) => !named(name)).map((name) => `${name}: ended`),
    ...begins.filter((name) => !named(name)).map((name) => `${name}: begins`),
    ...(leaving.length === 0 ? [] : [awayText(leaving, coming)]),
    ...(others === 0
      ? []
      : [`${others} ${others === 1 ? "instance" : "instances"} without a fault`]),
  ];
}

/** The instances that were added or removed as a whole. */
function changedWhole(changes: readonly ConfigChange[], what: "added" | "removed"): string[] {
  return changes.flatMap(({ subject, key, change }) =>
    subject.startsWith("instance ") && key === "" && change === what
      ? [subject.slice("instance ".length)]
      : []
  );
}

function awayText(leaving: readonly string[], coming: readonly string[]): string {
  const nodes = coming.length === 0 ? "another node" : `another node or ${coming.join(", ")} here`;
  return `the addresses of ${leaving.join(", ")} are away until ${nodes} is master`;
}
