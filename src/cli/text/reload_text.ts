/**
 * The outcome of a reload, for a person at a terminal.
 *
 * @module
 */

import type { ReloadAnswer } from "../../api/answer_shapes.ts";
import { changeText } from "../../config/changes.ts";
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
    ...(verdicts !== undefined && changes.length > 0 ? verdictLines(verdicts) : []),
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

function verdictLines({ checks, instances }: ReloadVerdicts): string[] {
  const shown = instances.length > MANY_INSTANCES
    ? instances.filter(({ faults }) => faults.length > 0)
    : instances;
  const others = instances.length - shown.length;
  return [
    ...checks.map(({ name, state, detail }) =>
      state === "unknown" ? `check ${name}: no result yet` : `check ${name}: ${state}: ${detail}`
    ),
    ...shown.map(({ name, state, handing_over = false, faults }) =>
      [`${name}: ${state.toUpperCase()}`, ...handing_over ? ["handing over"] : [], ...faults]
        .join(", ")
    ),
    ...(others === 0
      ? []
      : [`${others} ${others === 1 ? "instance" : "instances"} without a fault`]),
  ];
}
