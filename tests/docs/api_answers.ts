/** The answers that docs/api.md shows: which call each is of, those that the examples of the code write, and their schema. */

import * as z from "zod";
import { PROBLEM_STATUS } from "../../src/api/problem.ts";
import { type Operation, OPERATIONS } from "../../src/front/openapi/operations.ts";

/** One answer in the document. */
export interface ShownAnswer {
  /** Of the first line of the block, from 0 on. */
  readonly at: number;
  readonly command: string;
  /** What stands below the command. */
  readonly output: string;
  readonly operation: Operation;
  /** What jq makes of the answer; `null` if it is shown as it is. */
  readonly filter: string | null;
}

const CONSOLE = /^```console\n(\$ curl [^]*?)^```$/gm;
const COMMAND = /^(?:.*\\\n)*.*\n/;

/** The answers in JSON, or made of it; a stream is none. */
export function answersOf(document: string): ShownAnswer[] {
  return Array.from(document.matchAll(CONSOLE)).flatMap((block) => {
    const text = block[1]!;
    const command = COMMAND.exec(text)![0];
    const output = text.slice(command.length);
    if (output === "" || command.includes("event-stream")) return [];
    const [, path = ""] = /http:\/\/127\.0\.0\.1:9112([^\s'"?]*)/.exec(command) ?? [];
    const [, method = "GET"] = /-X (\w+)/.exec(command) ?? [];
    const [, filter = null] = /\| jq (?:-r )?'?([^'\n]+)/.exec(command) ?? [];
    const operation = OPERATIONS.find((known) =>
      known.method === method.toLowerCase() &&
      new RegExp(`^${known.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path)
    );
    if (!operation) throw new Error(`${method} ${path} is no call of the API`);
    return [{ at: block.index, command, output, operation, filter }];
  });
}

/** The document with the examples of the code in place of each whole answer to a call that only reads, or reloads. */
export function withExamples(document: string): string {
  return answersOf(document).toReversed().reduce((text, shown) => {
    const example = exampleOf(shown);
    if (example === undefined) return text;
    const begin = shown.at + "```console\n".length + shown.command.length;
    const json = `${JSON.stringify(example, null, 2)}\n`;
    return text.slice(0, begin) + json + text.slice(begin + shown.output.length);
  }, document);
}

/** What stands for a whole answer; nothing for one that a filter shortens, and for a problem. */
function exampleOf({ operation, filter, output }: ShownAnswer): unknown {
  if (filter !== null || isProblem(output)) return undefined;
  const answers = operation.answers[503] ?? operation.answers[200];
  return answers?.find(({ type }) => type === "application/json")?.example;
}

function isProblem(output: string): boolean {
  return output.includes('"type": "about:blank"');
}

/** What is wrong with a shown answer by the schema of its call; `null` if nothing is. */
export function faultOf({ operation, filter, output }: ShownAnswer): string | null {
  if (isProblem(output)) {
    const { code, status } = JSON.parse(output);
    const known = PROBLEM_STATUS[code as keyof typeof PROBLEM_STATUS];
    return known === status ? null : `${code} has the status ${known}`;
  }
  const answers = operation.answers[200]!.concat(operation.answers[503] ?? []);
  const whole = z.union(answers.flatMap(({ schema }) => schema ?? []));
  const parts = filter === null ? [whole] : partsOf(filter, answers[0]!.schema!);
  const values = filter?.includes(",") && !filter.startsWith("{") || parts.length === 0
    ? output.trim().split("\n").map(valueOf)
    : [valueOf(output)];
  for (const [index, part] of parts.entries()) {
    const read = part.safeParse(values[index]);
    if (!read.success) return z.prettifyError(read.error);
  }
  return parts.length === values.length ? null : "it has other parts than the filter";
}

/** A text that jq prints without its quotation marks is one, too. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

/** The schemas of what a filter of jq prints: `.a.b`, several of these, or one object of them. */
function partsOf(filter: string, schema: z.ZodType): z.ZodType[] {
  if (!filter.startsWith("{")) return filter.split(", ").map((path) => schemaAt(schema, path));
  const fields = filter.slice(1, -1).split(", ").map((field) => field.split(": "));
  return [z.strictObject(Object.fromEntries(
    fields.map(([key, path = `.${key}`]) => [key!, schemaAt(schema, path)]),
  ))];
}

function schemaAt(schema: z.ZodType, path: string): z.ZodType {
  return path.split(".").slice(1).reduce<z.ZodType>((at, key) => {
    const inner = at instanceof z.ZodOptional || at instanceof z.ZodNullable ? at.unwrap() : at;
    const next = inner instanceof z.ZodObject
      ? inner.shape[key]
      : inner instanceof z.ZodRecord
      ? inner.valueType
      : undefined;
    if (next === undefined) throw new Error(`the answer has no ${path}`);
    return next as z.ZodType;
  }, schema);
}
