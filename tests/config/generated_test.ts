/** What is made of the schema must be as fresh as the schema. `UPDATE_GOLDEN=1` writes it again. */

import assert from "node:assert/strict";
import { configJsonSchemaText } from "../../src/config/schema/json_schema.ts";
import { configReference } from "../../src/config/schema/reference.ts";
import { assertFresh } from "../docs/fresh.ts";
import { REFERENCE_BEGIN, REFERENCE_END, withReference } from "../docs/reference.ts";

const SCHEMA_FILE = new URL("../../config/vipd.schema.json", import.meta.url);
const REFERENCE_FILE = new URL("../../docs/configuration.md", import.meta.url);

Deno.test("the JSON Schema for editors is that of the program", async () => {
  const wanted = configJsonSchemaText();
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(SCHEMA_FILE, wanted);
  const hint = "config/vipd.schema.json is not fresh: run the tests with UPDATE_GOLDEN=1";
  assert.equal(await Deno.readTextFile(SCHEMA_FILE), wanted, hint);
});

Deno.test("the reference of the configuration is that of the program", async () => {
  await assertFresh(REFERENCE_FILE, withReference);
});

Deno.test("the reference has all that is to be said of a key, in its row or in its section", () => {
  const plain = (text: string) => text.replace(/\s+/g, " ");
  const written = plain(withReference(`${REFERENCE_BEGIN}${REFERENCE_END}`));
  const meanings = configReference().flatMap(({ keys }) => keys.map(({ meaning }) => meaning));
  assert.deepEqual(meanings.filter((meaning) => !written.includes(plain(meaning))), []);
  assert.match(
    written,
    /\[Its section\]\(#apilisten\) has more\. \|.* ### `api\.listen` Where the API/,
  );
  assert.equal(written.split("## `checks.NAME.on_fail` Recovery before").length, 2);
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
