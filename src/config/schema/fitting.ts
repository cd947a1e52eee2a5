/**
 * Values that fit a place of the configuration where something of another shape stands: the same in the shape that the
 * schema wants, or an example.
 *
 * @module
 */

import { valueAt } from "../findings.ts";
import type { Path } from "../path.ts";
import { PlainSource } from "../plain_source.ts";
import { isSecretPath } from "../secrets/secret_places.ts";
import { COMMAND_LINE_TITLE, COMMAND_TITLE } from "./fields.ts";
import { alternatives, type JsonSchema } from "./json_schema.ts";
import { leafIssues } from "./leaf_issues.ts";
import { FileSchema } from "./schema.ts";
import { schemasAt } from "./schema_at.ts";

/** In place of a secret, which no message shows and nobody is to copy. */
const HIDDEN = "...";
/** A remedy is for one line: of what is longer an example says more. */
const MAX_LENGTH = 200;

/** The value at a place in a shape that the schema takes there; `undefined` if it has none. */
export function fittingAt(data: unknown, path: Path): unknown {
  const value = shownAt(data, path);
  if (value === undefined) return undefined;
  let second: unknown;
  for (const candidate of shapes({ anyOf: schemasAt(data, path) }, value, path)) {
    const taken = takes(data, path, candidate);
    if (taken === "whole") return candidate;
    // Of a number or a word that is wrong in the other shape, too, an example says more.
    if (taken === "shape" && typeof value === "object") {
      second ??= candidate;
    }
  }
  return second;
}

/** An example for a place; `undefined` where the schema knows none. */
export function exampleAt(data: unknown, path: Path): unknown {
  const [schema] = schemasAt(data, path);
  return schema && example(schema, path);
}

/** The value at a place, for a message; `undefined` for one that is too long, or that holds secrets. */
function shownAt(data: unknown, path: Path): unknown {
  const value = valueAt(data, path);
  if (typeof value === "object" && (JSON.stringify(value) ?? "").length > MAX_LENGTH) return;
  if (isSecretPath(path) && !(path.at(-1) === "authentication" && isType(data, path, value))) {
    return HIDDEN;
  }
  if (typeof value === "object") {
    return new PlainSource(around(data, path, value)).secrets.size > 0 ? undefined : value;
  }
  return typeof value === "string" ? value.slice(0, MAX_LENGTH).trim() : value;
}

/** True for the name of a type alone, as in `authentication: hmac`. */
function isType(data: unknown, path: Path, value: unknown): boolean {
  return schemasAt(data, path).some((schema) => isNamed(schema, value));
}

function isNamed({ properties }: JsonSchema, value: unknown): boolean {
  return properties?.type?.const !== undefined && properties.type.const === value;
}

/** YAML 1.1 read these words as true and false; YAML 1.2 reads them as text. */
export const FORMER_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["on", true],
  ["y", true],
  ["true", true],
  ["no", false],
  ["off", false],
  ["n", false],
  ["false", false],
]);

/** The ways to read a value as one of the schema's, the likeliest first. */
function* shapes(schema: JsonSchema, value: unknown, path: Path): Generator<unknown> {
  const choices = alternatives(schema);
  const named = choices.filter((choice) => isNamed(choice, value));
  for (const choice of named.length > 0 ? named : choices) {
    if (choice.items) yield* lists(choice, choice.items, value, path);
    else if (choice.properties) yield* mappings(choice, value, path);
    else if (typeof choice.additionalProperties === "object") {
      yield* mappingsByName(choice.additionalProperties, value, path);
    } else yield* scalars(choice, value);
  }
  // The one entry of a list may be what is meant.
  if (Array.isArray(value) && value.length === 1) yield* shapes(schema, value[0], path);
  const merged = mergedEntries(value);
  if (merged !== null) yield* shapes(schema, merged, path);
}

/** The entries of a list as one mapping, without the dashes; `null` if two of them have the same key. */
function mergedEntries(value: unknown): Record<string, unknown> | null {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isMapping)) return null;
  const keys = value.flatMap((entry) => Object.keys(entry));
  return new Set(keys).size === keys.length ? Object.assign({}, ...value) : null;
}

function* scalars({ type, title }: JsonSchema, value: unknown): Generator<unknown> {
  if (typeof value === "object" || title === COMMAND_LINE_TITLE) return;
  const text = String(value);
  const types = [type].flat();
  if (types.includes("boolean")) yield FORMER_BOOLEANS.get(text.toLowerCase());
  if (types.includes("integer") || types.includes("number")) {
    yield typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  if (!types.includes("string")) return;
  if (value === false) yield "off";
  yield text;
}

function* lists(
  { title }: JsonSchema,
  items: JsonSchema,
  value: unknown,
  path: Path,
): Generator<unknown> {
  if (Array.isArray(value)) return yield value;
  const isText = alternatives(items).some(({ type }) => type === "string");
  if (title === COMMAND_TITLE) {
    if (typeof value === "string") yield words(value);
    return;
  }
  if (isText && typeof value !== "object") yield String(value).split(/[\s,]+/);
  for (const entry of shapes(items, value, [...path, 0])) yield [entry];
}

/** Characters that mean something to a shell, and nothing in a list of words. */
const SHELL = /[|&;<>$`*?"'\\(){}~]/;

/** A shell gets its line whole. */
function words(text: string): string[] {
  return SHELL.test(text) ? ["/bin/sh", "-c", text] : text.split(/\s+/);
}

function* mappings(schema: JsonSchema, value: unknown, path: Path): Generator<unknown> {
  const { properties = {}, required = [] } = schema;
  if (typeof value === "object" && !Array.isArray(value)) return yield value;
  const base = exampleOfMapping(schema, path);
  if (isNamed(schema, value)) return yield base;
  const needed = required.filter((key) => properties[key]?.const === undefined);
  const [first] = Object.keys(properties).filter((key) => properties[key]?.const === undefined);
  const keys = needed.length > 0 ? needed : first === undefined ? [] : [first];
  for (const key of new Set([...keys, ...Object.keys(base)])) {
    const property = properties[key];
    if (property === undefined || property.const !== undefined) continue;
    // Every text could be the name of a program.
    if (property.title === COMMAND_TITLE && !String(value).startsWith("/")) continue;
    for (const inner of shapes(property, value, [...path, key])) {
      yield { ...base, [key]: inner };
    }
  }
}

/** A word that can be the name of something: of another one an example says more. */
const KEY = /^\w[\w.-]*$/;

function* mappingsByName(entry: JsonSchema, value: unknown, path: Path): Generator<unknown> {
  if (isMapping(value)) yield value;
  const entries = [value].flat();
  const byName = entries.filter(isMapping).map(({ name, ...rest }) => [name, rest] as const);
  if (byName.length === entries.length && byName.every(([name]) => typeof name === "string")) {
    yield Object.fromEntries(byName);
  }
  const names = entries.filter((name) => typeof name === "string");
  if (names.length === 0 || !names.every((name) => KEY.test(name))) return;
  yield Object.fromEntries(names.map((name) => [name, example(entry, [...path, name])]));
}

function example(schema: JsonSchema, path: Path): unknown {
  const [choice = schema] = alternatives(schema);
  const given = [schema.examples?.[0], schema.const, schema.enum?.[0], schema.default]
    .find((one) => one !== undefined && !isEmpty(one));
  if (given !== undefined) {
    return typeof given === "string" && isSecretPath(path, given) ? HIDDEN : given;
  }
  if (choice !== schema) return example(choice, path);
  if (schema.properties) return exampleOfMapping(schema, path);
  if (schema.items) return [example(schema.items, [...path, 0])];
  if (schema.type === "boolean") return true;
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 1;
  return isSecretPath(path) ? HIDDEN : undefined;
}

/** All that must be there, and if nothing must, the first key. */
function exampleOfMapping(schema: JsonSchema, path: Path): Record<string, unknown> {
  const { properties = {}, required } = schema;
  const [given] = schema.examples ?? [];
  if (isMapping(given) && properties.type === undefined) return given;
  const keys = required ?? Object.keys(properties).slice(0, 1);
  return Object.fromEntries(
    keys.map((key) => [key, example(properties[key] ?? {}, [...path, key])]),
  );
}

/** True for a key without which its mapping is not whole, whatever its type. */
export function isRequired(data: unknown, path: Path): boolean {
  const mappings = schemasAt(data, path.slice(0, -1)).filter(({ properties }) => properties);
  return mappings.length > 0 &&
    mappings.every(({ required }) => required?.includes(String(path.at(-1))));
}

/** True for a value that the schema takes at a place as it is. */
export function isTaken(data: unknown, path: Path, value: unknown): boolean {
  return takes(data, path, value) === "whole";
}

/** How the schema takes a value at a place; its shape alone if the value is one that it refuses. */
function takes(data: unknown, path: Path, value: unknown): "whole" | "shape" | null {
  if (value === undefined) return null;
  const { error } = FileSchema.safeParse(around(data, path, value));
  const own = [...leafIssues(error?.issues ?? [])].filter(({ path: at }) =>
    path.every((step, index) => at[index] === (typeof step === "number" ? 0 : step))
  );
  if (own.length === 0) return "whole";
  return own.every(({ issue }) => issue.code === "custom" || issue.code === "invalid_value")
    ? "shape"
    : null;
}

/** A file with nothing but this place, and the types of the mappings around it. */
function around(data: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = around(valueAt(data, [step]), rest, value);
  if (typeof step === "number") return [inner];
  const type = valueAt(data, ["type"]);
  return { ...(typeof type === "string" && { type }), [step]: inner };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
