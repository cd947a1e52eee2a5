/**
 * The schemas of a place in the data. Pure.
 *
 * @module
 */

import { valueAt } from "../findings.ts";
import type { Path } from "../path.ts";
import { alternatives, configJsonSchema, type JsonSchema } from "./json_schema.ts";

/** The schemas that may govern a place; where a mapping says its `type`, only those of that type. */
export function schemasAt(
  data: unknown,
  path: Path,
  options: { allTypes?: boolean } = {},
): JsonSchema[] {
  let schemas = [...alternatives(configJsonSchema())];
  for (const [index, step] of path.entries()) {
    const narrowed = ofType(schemas, valueAt(data, path.slice(0, index)));
    schemas = narrowed.flatMap((schema) => child(schema, step)).flatMap(alternatives);
  }
  return options.allTypes ? schemas : ofType(schemas, valueAt(data, path));
}

function child(schema: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === "number") return schema.items ? [entryOf(schema, schema.items)] : [];
  if (schema.properties && Object.hasOwn(schema.properties, step)) {
    return [schema.properties[step]!];
  }
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** An entry of a list, with the first one of the list's example. */
function entryOf({ examples, default: usual }: JsonSchema, items: JsonSchema): JsonSchema {
  const [first] = [examples?.[0] ?? usual ?? []].flat();
  return first === undefined ? items : { examples: [first], ...items };
}

function ofType(schemas: JsonSchema[], value: unknown): JsonSchema[] {
  const type = valueAt(value, ["type"]);
  const matching = schemas.filter((schema) => schema.properties?.type?.const === type);
  return type !== undefined && matching.length > 0 ? matching : schemas;
}
