/**
 * The reference of the configuration file, made of the schema's own descriptions: for the man page and the documents.
 *
 * @module
 */

import { alternatives, configJsonSchema, type JsonSchema } from "./json_schema.ts";

/** One key of a mapping, in words. */
export interface KeyReference {
  readonly key: string;
  readonly value: string;
  /** `required`, `none`, `empty` or the default. */
  readonly byDefault: string;
  readonly meaning: string;
}

/** One mapping of the file. */
export interface MappingReference {
  /** Its place in the file, in Markdown. */
  readonly title: string;
  /** The names above its keys, such as `api.tls.`; empty for the file itself. */
  readonly prefix: string;
  readonly keys: readonly KeyReference[];
}

/** All mappings of the file, each before those in it. */
export function configReference(): MappingReference[] {
  return mappings("The file", configJsonSchema(), "");
}

/** One mapping, and behind it those of the mappings in it. */
function mappings(title: string, schema: JsonSchema, prefix: string): MappingReference[] {
  const keys: KeyReference[] = [];
  const below: MappingReference[] = [];
  const required = new Set(schema.required);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    // A default that depends on other keys is written in words at the end of the description.
    const [meaning, words] = (value.description ?? "").split(" Default: ");
    const byDefault = required.has(key)
      ? "required"
      : words?.replace(/\.$/, "") ?? defaultText(value);
    keys.push({ key, value: kind(value), byDefault, meaning: meaning ?? "" });
    below.push(...nested(`${prefix}${key}`, value));
  }
  return [{ title, prefix, keys }, ...below];
}

/** The sections of what a key holds: a mapping, a list of mappings, mappings by name. */
function nested(path: string, schema: JsonSchema): MappingReference[] {
  const sections: MappingReference[] = [];
  const add = (part: JsonSchema, where: string) => {
    for (const choice of alternatives(part)) {
      if (!choice.properties) continue;
      const type = choice.properties.type?.const;
      const title = type === undefined ? `\`${where}\`` : `\`${where}\`, \`type: ${type}\``;
      sections.push(...mappings(title, choice, `${where}.`));
    }
  };
  add(schema, path);
  for (const choice of alternatives(schema)) {
    if (choice.items) add(choice.items, `${path}[]`);
    if (typeof choice.additionalProperties === "object") {
      add(choice.additionalProperties, `${path}.NAME`);
    }
  }
  return sections;
}

function kind(schema: JsonSchema): string {
  if (schema.title) return schema.title;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(" or ");
  const choices = alternatives(schema);
  if (choices.length > 1) return [...new Set(choices.map(kind))].join(" or ");
  if (schema.type === "integer") return `whole number, ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.items) return `list of: ${kind(schema.items)}`;
  if (typeof schema.additionalProperties === "object") return "mapping by name";
  return schema.properties ? "mapping" : "text";
}

function defaultText(schema: JsonSchema): string {
  const value = schema.default;
  if (value === undefined) return "none";
  if (typeof value !== "object") return `\`${value}\``;
  if (value === null || Object.keys(value).length === 0) return "empty";
  return `\`${JSON.stringify(value).replace(/["{}]/g, "").replace(":", ": ")}\``;
}
