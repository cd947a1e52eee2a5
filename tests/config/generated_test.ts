/** What is made of the schema must be as fresh as the schema. `UPDATE_GOLDEN=1` writes it anew. */

import assert from "node:assert/strict";
import { configJsonSchemaText } from "../../src/config/schema/json_schema.ts";
import { REFERENCE_BEGIN, REFERENCE_END, withReference } from "../docs/reference.ts";

const SCHEMA_FILE = new URL("../../config/vipd.schema.json", import.meta.url);
const REFERENCE_FILE = new URL("../../docs/configuration.md", import.meta.url);

async function assertFresh(file: URL, make: (present: string) => string): Promise<void> {
  const updating = Deno.env.get("UPDATE_GOLDEN") === "1";
  const present = updating
    ? await Deno.readTextFile(file).catch(() => "")
    : await Deno.readTextFile(file);
  const wanted = make(present);
  if (updating) await Deno.writeTextFile(file, wanted);
  else {assert.equal(
      present,
      wanted,
      `${file.pathname} is not fresh: run the tests with UPDATE_GOLDEN=1`,
    );}
}

Deno.test("the JSON Schema for editors is that of the program", async () => {
  await assertFresh(SCHEMA_FILE, configJsonSchemaText);
});

Deno.test("the reference of the configuration is that of the program", async () => {
  await assertFresh(REFERENCE_FILE, withReference);
});

Deno.test("a document without a place for the reference is an error, not an empty reference", () => {
  assert.throws(() => withReference("# no markers"), SyntaxError);
  assert.throws(() => withReference(`${REFERENCE_END}\n${REFERENCE_BEGIN}`), SyntaxError);
});

Deno.test("every key of the JSON Schema has a description", () => {
  const undescribed: string[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties") {
        for (const [name, property] of Object.entries(value as Record<string, object>)) {
          if (!("description" in property)) undescribed.push(`${path}.${name}`);
        }
      }
      walk(value, `${path}.${key}`);
    }
  };
  const schema: unknown = JSON.parse(configJsonSchemaText());
  walk(schema, "");
  assert.deepEqual(undescribed, []);
  assert.match(JSON.stringify(schema), /"description"/);
});
