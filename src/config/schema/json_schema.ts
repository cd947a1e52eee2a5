/**
 * The JSON Schema of the configuration file, for editors: completion, descriptions, checks while typing.
 *
 * @module
 */

import * as z from "zod";
import { FileSchema } from "./schema.ts";

/** The parts of a JSON Schema that this program's own schema uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

let generated: JsonSchema | null = null;

/** The schema in draft 7, which the YAML language server understands. */
export function configJsonSchema(): JsonSchema {
  generated ??= {
    ...z.toJSONSchema(FileSchema, {
      target: "draft-7",
      io: "input",
      // Zod drops examples of what it transforms, as they might be of the output; ours are of the file.
      override: ({ zodSchema, jsonSchema }) => {
        const examples = z.globalRegistry.get(zodSchema as z.core.$ZodType)?.examples;
        if (Array.isArray(examples)) jsonSchema.examples = examples;
      },
    }) as JsonSchema,
    title: "vipd configuration",
  };
  return generated;
}

/** The text of `config/vipd.schema.json`. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** The alternatives that one schema stands for, with its examples if they have none; itself when it has none. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (!choices) return [schema];
  const { examples } = schema;
  return choices.flatMap(alternatives).map((choice) => examples ? { examples, ...choice } : choice);
}
