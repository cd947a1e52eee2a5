/** `vipd check` looks at the users that programs are to run as. */

import assert from "node:assert/strict";
import { programFindings } from "../../../src/config/machine/programs.ts";
import { parseValid, withCheck } from "../support.ts";

const USER = Deno.uid() === 0 ? "root" : String(Deno.uid());
const OTHER = Deno.uid() === 65_534 ? "root" : "nobody";
const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["none", "", []],
  ["the one that this runs as", `user: "${USER}"`, []],
  ["one that there is not", "user: no-such-user", ["unknown_user"]],
  // Only root may change to it.
  ["another", `user: ${OTHER}`, Deno.uid() === 0 ? [] : ["user_needs_root"]],
];
for (const [name, user, expected] of CASES) {
  Deno.test(`the user of a check's program: ${name}`, async () => {
    const settings = ["type: exec", "command: [/bin/true]", ...(user === "" ? [] : [user])];
    const found = await programFindings(parseValid(withCheck(...settings)).config);
    assert.deepEqual(found.map(({ code }) => code), expected);
    for (const { path, severity } of found) {
      assert.deepEqual([severity, path.at(-1)], ["warning", "user"]);
    }
  });
}

Deno.test("a line in the place of a program is to be a list of words", async () => {
  const line = withCheck("type: exec", "command: [no-such-program is-active nginx]");
  const found = await programFindings(parseValid(line).config);
  assert.deepEqual(found.map(({ code }) => code), ["program_missing"]);
  assert.match(found[0]!.hint, /each word as an entry of its own/);
});
