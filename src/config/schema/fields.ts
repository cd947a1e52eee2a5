/**
 * The kinds of value that the schema is made of. Each says by itself what is wrong with a value, in the
 * words of this program, and brings its name and bounds to the JSON Schema.
 *
 * @module
 */

import * as z from "zod";
import { readCommand, readCommandLine } from "../values/command.ts";
import { formatDuration, parseDuration } from "../values/durations.ts";
import { failed, ok, type Problem, quote, type Result } from "../values/result.ts";
import { readAbsolutePath, readInterfaceName } from "../values/values.ts";

/** The bounds of durations. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const YEAR_MS = 365 * DAY_MS;

/** The parameters of a custom issue; read by `issues.ts`. */
export interface ProblemParams {
  readonly code: Problem["code"];
  readonly hint: string;
}

function reading<In, Out>(read: (value: In) => Result<Out>) {
  return (value: In, context: z.RefinementCtx): Out => {
    const outcome = read(value);
    if (outcome.ok) return outcome.value;
    const { code, message, hint } = outcome.problem;
    context.addIssue({ code: "custom", message, params: { code, hint } satisfies ProblemParams });
    return z.NEVER;
  };
}

/** A text with a meaning of its own; `title` names the kind of value. */
export function text<Out>(title: string, read: (value: string) => Result<Out>) {
  return z.string().transform(reading(read)).meta({ title });
}

/** A text of `min` to `max` characters. */
export function plainText(title: string, min: number, max: number) {
  return text(title, (value) =>
    value.length >= min && value.length <= max ? ok(value) : failed(
      "out_of_range",
      `${quote(value)} has ${value.length} characters, not ${min} to ${max}`,
      `write ${min} to ${max} characters`,
    ));
}

export function interfaceName() {
  return text("interface name", readInterfaceName).meta({ examples: ["eth1"] });
}

export function absolutePath() {
  return text("absolute path", readAbsolutePath);
}

/** A text or a number with a meaning of its own. */
export function textOrNumber<Out>(title: string, read: (value: string | number) => Result<Out>) {
  return z.union([z.string(), z.number()], { error: () => `a ${title}` })
    .transform(reading(read))
    .meta({ title });
}

/** A whole number from `min` to `max`; `advice` completes "choose ...". */
export function integer(min: number, max: number, advice: string) {
  const read = (value: number): Result<number> =>
    Number.isInteger(value) && value >= min && value <= max ? ok(value) : failed(
      "out_of_range",
      Number.isInteger(value)
        ? `${value} is not between ${min} and ${max}`
        : `${value} is not a whole number`,
      `choose ${advice}`,
    );
  return z.number().transform(reading(read))
    .meta({ type: "integer", minimum: min, maximum: max });
}

/** A duration in milliseconds, from `minMs` to `maxMs`; `zero` allows 0 as well, for "off". */
export function duration(minMs: number, maxMs: number, options: { zero?: boolean } = {}) {
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  const allowed = options.zero ? `0 (off) or ${range}` : range;
  return textOrNumber("duration", (value): Result<number> => {
    const readMs = parseDuration(value);
    if (readMs === null) {
      return failed(
        "invalid_duration",
        `${typeof value === "number" ? value : quote(value)} is not a duration`,
        "write a number and a unit, such as 500ms, 1s or 1m30s; a bare number is seconds",
      );
    }
    if ((readMs >= minMs && readMs <= maxMs) || (options.zero && readMs === 0)) {
      return ok(readMs);
    }
    const message = `${formatDuration(readMs)} is not within ${allowed}`;
    return failed("out_of_range", message, `choose ${allowed}`);
  });
}

/** One of several texts. */
export function choice<const T extends readonly [string, ...string[]]>(...choices: T) {
  return z.enum(choices);
}

/** Beyond this a weight spans all priorities. */
const WEIGHT_LIMIT = 253;

/** A weight: what a tracked thing adds to the priority. */
export function weight() {
  const read = (value: number): Result<number> => {
    if (value === 0) {
      return failed(
        "invalid_weight",
        "a weight of 0 changes nothing",
        "omit the weight if a failure should mean fault, or choose one from -253 to 253",
      );
    }
    if (Number.isInteger(value) && Math.abs(value) <= WEIGHT_LIMIT) return ok(value);
    return failed(
      "out_of_range",
      `${value} is not a whole number between -${WEIGHT_LIMIT} and ${WEIGHT_LIMIT}`,
      "choose a negative one larger than the distance of the two nodes' priorities",
    );
  };
  return z.number().transform(reading(read))
    .meta({ type: "integer", minimum: -WEIGHT_LIMIT, maximum: WEIGHT_LIMIT, not: { const: 0 } });
}

/** The schema's words for a command, as a list and in one line. */
export const COMMAND_TITLE = "list of text";
export const COMMAND_LINE_TITLE = "command";

/** A program and its arguments, as a list. */
export function command() {
  return z.array(z.string()).transform(reading(readCommand))
    .meta({ title: COMMAND_TITLE, minItems: 1 });
}

/** A program and its arguments in one line, parted by blanks. */
export function commandLine() {
  return text(COMMAND_LINE_TITLE, readCommandLine);
}
