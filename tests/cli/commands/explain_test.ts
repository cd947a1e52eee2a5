/** `vipd explain` and `vipd man`: from the executable, without a running vipd. */

import assert from "node:assert/strict";
import { DOCUMENT_NAMES } from "../../../src/codes/document_names.ts";
import { EXIT } from "../../../src/exit.ts";
import { capture } from "../captured_context.ts";

Deno.test("a code is explained as text, and as what the API answers", async () => {
  const text = await capture(["explain", "flapping"], { columns: 72 });
  assert.deepEqual([text.code, text.err], [EXIT.ok, ""]);
  assert.match(text.out, /^flapping: alarm, warning\n/);
  assert.match(text.out, /ethtool -S eth1/);
  const json = await capture(["explain", "flapping", "--json"]);
  assert.equal(JSON.parse(json.out).meanings[0].kind, "alarm");
});

Deno.test("without a code all are listed, by kind", async () => {
  const { out } = await capture(["explain"]);
  assert.match(out, /^alarm\n {2}address_conflict /);
  assert.match(out, /\nexit code\n {2}0 1 2 /);
});

Deno.test("a code that is not there ends with 2 and the nearest one", async () => {
  const { code, err } = await capture(["explain", "flaping"]);
  assert.equal(code, EXIT.usage);
  assert.match(err, /did you mean flapping\?/);
});

Deno.test("the manual has the program, each command, key and code, the configuration and the documents", async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[], /^vipd\(8\)\n\nNAME\n {2}vipd - keeps/],
    [["demote"], /^vipd demote\(8\)\n.*\n {2}--for DURATION\n {6}end by itself/s],
    [["vipd.yaml"], /^vipd\.yaml\(5\)\n.*\n {2}vrid /s],
    [["checks"], /^Checks\n\nA check tests/],
    // A command and a document.
    [["doctor"], /^vipd doctor\(8\)\n.*\n\nvipd doctor\n\n/s],
    // A key, and the keys of its mapping; a command and a key; a code.
    [["vrid"], /^vipd\.yaml\(5\)\n\nINSTANCES\[\]\n {2}vrid whole number.*\n.*\n.*Required\.\n$/],
    [["announce.repeat"], /^vipd\.yaml\(5\)\n\nINSTANCES\[\]\.ANNOUNCE\n {2}repeat [^[]*$/],
    [["instances[0].announce"], /\n {2}announce mapping\n.*\n {2}delay .*\n {2}repeat /s],
    [["priority"], /^vipd priority\(8\)\n.*\n\nvipd\.yaml\(5\)\n\nINSTANCES/s],
    [["flapping"], /^flapping: alarm, warning\n/],
  ];
  for (const [operands, wanted] of cases) {
    const { code, out } = await capture(["man", ...operands], { columns: 80 });
    assert.equal(code, EXIT.ok, operands.join());
    assert.match(out, wanted);
  }
  for (const name of DOCUMENT_NAMES) assert.equal((await capture(["man", name])).code, EXIT.ok);
  const none = await capture(["man", "vrrp"]);
  assert.equal(none.code, EXIT.usage);
  assert.match(none.err, /no manual of "vrrp"\. .*commands init, pair.*alarms, api.*vipd explain/s);
});

Deno.test("no message of vipd names a document that the executable does not show", async () => {
  const named: string[] = [];
  const look = async (folder: URL) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await look(url);
      else if (/\.tsx?$/.test(name) && name !== "assets.ts") {
        const code = (await Deno.readTextFile(url)).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
        const lines = code.split("\n").filter((line) =>
          !/^import |docs\/[\w-]+\.md" with/.test(line)
        );
        for (const [found] of lines.join("\n").matchAll(/docs\/[\w-]+\.md/g)) {
          named.push(`${url.pathname.split("/src/")[1]}: ${found}`);
        }
      }
    }
  };
  await look(new URL("../../../src/", import.meta.url));
  assert.deepEqual(named, []);
});
