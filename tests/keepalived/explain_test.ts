/** No line of a source is silent: it is in the result, or a finding is about it. */

import assert from "node:assert/strict";
import { explainedTable, explainedText } from "../../src/keepalived/explain.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf, importText, instanceWith } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);

/** Without comments and braces nothing is left of lines that say nothing. */
function says(line: string): boolean {
  return line.replace(/[#!].*$/, "").replace(/[{}\s]/g, "") !== "";
}

Deno.test("every line of every file is explained", async (t) => {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".conf")).sort();
  for (const name of names) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    await t.step(name, async () => {
      const files = filesOf({ [name]: text });
      const result = await importKeepalived(name, files, { id: "lb01", hostname: "lb01" });
      // A file with errors may not be read to its end.
      if (result.findings.some(({ severity }) => severity === "error")) return;
      const silent = result.explain().filter((line) =>
        says(line.text) && line.becomes.length === 0
      );
      assert.deepEqual(silent, []);
    });
  }
});

Deno.test("an explanation has the key and the value, the findings, and no password", async () => {
  const result = await importText(
    instanceWith("priority 120 # high\nbogus 1\nauthentication {\nauth_pass secret\n}"),
  );
  const text = explainedText(result.explain());
  assert.match(text, /^ +5 {2}priority 120 # high +priority: 120$/m);
  assert.match(text, /^ +6 {2}bogus 1 +note: bogus: keepalived does not know it/m);
  assert.match(text, /auth_pass \*\*\*/);
  assert.doesNotMatch(text, /secret/);
  const table = explainedTable(result.explain());
  assert.match(table, /^\| 5 \| `priority 120 # high` \| priority: 120 \|$/m);
  assert.doesNotMatch(table, /secret/);
});

Deno.test("no explanation shows a secret, wherever the file has it", async () => {
  const definitions = [
    "$WORD=hidden1",
    "$AUTH_SECRET=hidden2",
    "$PRIORITY=120",
    "@lb01 $WORD=hidden3",
  ];
  const instance = instanceWith(
    'priority $PRIORITY\nauthentication {\nauth_type PASS\nauth_pass ${WORD}\nauth_pass "hid den4"\n' +
      "~LST(P, hidden5, hidden6) auth_pass ${P}\n}\nauthentication { auth_pass hidden7 }",
  );
  const result = await importText([...definitions, instance].join("\n"));
  for (const shown of [explainedText(result.explain()), explainedTable(result.explain())]) {
    assert.doesNotMatch(shown, /hid|den/);
    assert.match(shown, /\$WORD=\*\*\*/);
    assert.match(shown, /\$PRIORITY=120/);
    assert.match(shown, /priority: 120/);
  }
});

Deno.test("a line is explained by its finding alone if nothing comes of it", async () => {
  const result = await importText(
    `${instanceWith("")}${
      instanceWith("")
    }static_routes {\n192.0.2.0/24 dev eth0\n}\nrouter_id x\n`,
  );
  const becomes = (line: number) => result.explain()[line - 1]!.becomes.join(" | ");
  assert.match(becomes(7), /^note: vrrp_instance: there is a block of this name above/);
  assert.equal(becomes(8), "without effect, as its block");
  assert.match(becomes(13), /^loss: static_routes: [^|]*; put it into the system's network/);
  assert.equal(becomes(14), "as its block");
});

Deno.test("a line without a statement says what it is for", async () => {
  const files = filesOf({
    "k.conf": `@lb02 priority 50\n@lb02 priority 51\n$ROUTER=10\n# a comment\ninclude more.conf\n${
      instanceWith("")
    }`,
    "more.conf": "vrrp_script ask {\n}\n",
  });
  const result = await importKeepalived("k.conf", files, { id: "lb01", hostname: "lb01" });
  assert.deepEqual(result.explain().slice(1, 5).map(({ text, becomes }) => [text, ...becomes]), [
    ["@lb02 priority 51", "for another node"],
    ["$ROUTER=10", "replaced where it is used"],
    ["# a comment"],
    ["include more.conf", "its lines follow"],
  ]);
});

Deno.test("the lines of a block without effect are left out with it", async () => {
  const result = await importText(
    instanceWith("version 3\nauthentication {\nauth_type PASS\nauth_pass secret\n}"),
  );
  const [type, password] = result.explain().slice(6, 8).map(({ becomes }) => becomes.join(" | "));
  assert.match(type!, /^left out, with its block \| note: auth_type: VRRP version 3 has none/);
  assert.equal(password, "left out, with its block");
});

Deno.test("an instance whose name has the word password keeps its name", async () => {
  const result = await importText(instanceWith("").replace("VI_1", "no_password"));
  assert.deepEqual(result.explain()[0]!.becomes.slice(0, 2), ["instances[0]", "name: no_password"]);
});

Deno.test("what one line becomes stands in one column", () => {
  const line = { file: "a.conf", line: 7, text: "priority 120", becomes: ["one", "two"] };
  const [, first = "", second = ""] = explainedText([line]).split("\n");
  assert.equal(second.indexOf("two"), first.indexOf("one"));
});

Deno.test("the line of a check's user says who runs it", async (t) => {
  const cases: readonly [name: string, global: string, user: string, line: number, says: string][] =
    [
      ["a user", "", "user nobody", 3, "checks.ask.user: nobody"],
      ["root, as usual", "", "user root", 3, "checks.NAME.user"],
      ["the file's", "global_defs {\nscript_user nobody\n}\n", "", 2, "checks.NAME.user"],
    ];
  for (const [name, global, user, line, says] of cases) {
    await t.step(name, async () => {
      const script = `vrrp_script ask {\nscript "/bin/ask"\n${user}\n}\n`;
      const result = await importText(
        global + script + instanceWith("track_script {\nask\n}"),
      );
      assert.deepEqual(result.explain()[line - 1]!.becomes, [says]);
    });
  }
});

Deno.test("an explanation has the line, 44 characters of it, and below each other what becomes of it", () => {
  const lines = [
    { file: "k.conf", line: 7, text: "a".repeat(45), becomes: ["x", "y"] },
    { file: "k.conf", line: 12345, text: "b  ", becomes: ["z"] },
    { file: "l.conf", line: 1, text: "#", becomes: [] },
  ];
  assert.equal(
    explainedText(lines),
    [
      "k.conf:",
      `    7  ${"a".repeat(44)}  x`,
      `${" ".repeat(53)}y`,
      `12345  b${" ".repeat(43)}  z`,
      "l.conf:",
      "    1  #",
      "",
    ].join("\n"),
  );
});
