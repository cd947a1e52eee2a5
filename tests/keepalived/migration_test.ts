/** `docs/migration.md` must be as fresh as the tables of the import. `UPDATE_GOLDEN=1` writes it anew. */

import assert from "node:assert/strict";
import { configJsonSchema } from "../../src/config/schema/json_schema.ts";
import { BLOCK_TABLES, homesOf } from "../../src/keepalived/keywords/top_level.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { KEYWORDS_BEGIN, KEYWORDS_END, withExample, withKeywords } from "../docs/keywords.ts";
import { filesOf } from "./support.ts";

const FILE = new URL("../../docs/migration.md", import.meta.url);

/** Blanks that only align a table's columns, and line breaks of prose, do not count. */
function plain(markdown: string): string {
  return markdown.replace(/-{3,}/g, "---").replace(/\s+/g, " ");
}

Deno.test("the keywords in the guide are those of the import", async () => {
  const present = await Deno.readTextFile(FILE);
  const wanted = withKeywords(present);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(FILE, wanted);
  else {assert.equal(
      plain(present),
      plain(wanted),
      "run the tests with UPDATE_GOLDEN=1, then deno fmt",
    );}
});

Deno.test("the example in the guide is what an import makes of it, line by line", async () => {
  const name = "tutorial_lb01.conf";
  const source = await Deno.readTextFile(new URL(`files/${name}`, import.meta.url));
  const options = { id: "lb01", hostname: "lb01" };
  const { explain } = await importKeepalived(name, filesOf({ [name]: source }), options);
  const present = await Deno.readTextFile(FILE);
  const wanted = withExample(present, explain());
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(FILE, wanted);
  else assert.equal(plain(present), plain(wanted));
});

Deno.test("a guide without a place for the keywords is an error", () => {
  assert.throws(() => withKeywords("# nothing"), SyntaxError);
  assert.throws(() => withKeywords(`${KEYWORDS_END}${KEYWORDS_BEGIN}`), SyntaxError);
});

Deno.test("every key that a keyword is carried to is a key of the configuration", () => {
  const schema = JSON.stringify(configJsonSchema());
  for (const { block, rules } of BLOCK_TABLES) {
    for (const [keyword, { fate, key, note }] of Object.entries(rules)) {
      const told = fate !== "carried" || key !== "" || note !== "";
      assert.ok(told, `${block} ${keyword} says nothing`);
      for (const part of key.split(/[.[\]]+/).filter((part) => part !== "" && part !== "NAME")) {
        assert.ok(schema.includes(`"${part}"`), `${block} ${keyword}: no key ${part}`);
      }
    }
  }
});

Deno.test("a keyword in the wrong block is known by its home", () => {
  assert.deepEqual(homesOf("virtual_router_id"), ["vrrp_instance"]);
  assert.deepEqual(homesOf("auth_pass"), ["authentication"]);
  assert.deepEqual(homesOf("track_script"), ["vrrp_instance", "vrrp_sync_group"]);
  assert.deepEqual(homesOf("bogus"), []);
  assert.deepEqual(homesOf("constructor"), []);
});
