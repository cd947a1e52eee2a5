/** The parts of docs/alarms.md that are written from the code. */

import { ALARMS_THAT_END_AT_ONCE, COMMON_CAUSES } from "../../src/status/codes/alarms.ts";

/** Their codes, as a sentence. */
export function alarmsThatClearAtOnce(): string {
  return `${ALARMS_THAT_END_AT_ONCE.map(quoted).join(", ")}.\n`;
}

/** A list: each cause, with its alarms in the order of certainty. */
export function commonCauses(): string {
  return COMMON_CAUSES.map(({ what, alarms }) =>
    `- ${what}: ${alarms.map((codes) => codes.map(quoted).join(", ")).join("; then ")}.\n`
  ).join("");
}

function quoted(code: string): string {
  return `\`${code}\``;
}
