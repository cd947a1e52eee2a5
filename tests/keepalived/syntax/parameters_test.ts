/** How far parameters in parameters go. */

import assert from "node:assert/strict";
import { Parameters } from "../../../src/keepalived/syntax/parameters.ts";

const AT = { file: "/etc/k/main.conf", line: 1 };

Deno.test("parameters use each other 31 deep", () => {
  for (const [deep, ok] of [[31, true], [32, false]] as const) {
    const parameters = new Parameters("lb01", () => undefined);
    parameters.set("A1", "end");
    for (let level = 2; level <= deep; level++) parameters.set(`A${level}`, `\${A${level - 1}}`);
    const expanded = parameters.expand(`x \${A${deep}}`, AT);
    assert.equal(expanded.ok, ok);
    if (expanded.ok) assert.equal(expanded.text, "x end");
  }
});

Deno.test("a line grows to 256 KiB", () => {
  for (const [more, ok] of [[0, true], [1, false]] as const) {
    const parameters = new Parameters("lb01", () => undefined);
    parameters.set("A", "x".repeat(256 * 1024 + more));
    assert.equal(parameters.expand("${A}", AT).ok, ok);
  }
});

Deno.test("each parameter has the value that was given last, and what is no definition gives none", () => {
  const parameters = new Parameters("lb01", () => undefined);
  for (const line of [" $A= 1 ", "$A=2", "A=3", "$B 4", "$1=5", "x $A=6"]) parameters.define(line);
  const cases: readonly [string, string][] = [
    ["${A}", "2"],
    ["$B", "$B"],
    ["${_PWD}/x", "/etc/k/x"],
    ["${_INSTANCE}", "lb01"],
    ["${_HASH}${_BANG}", "#!"],
    ["x", "x"],
  ];
  for (const [text, want] of cases) {
    assert.deepEqual(parameters.expand(text, AT), { ok: true, text: want }, text);
  }
});

Deno.test("the environment is asked for what it is named for, where it is named", () => {
  const asked: unknown[] = [];
  const parameters = new Parameters("lb01", (name, place) => {
    asked.push([name, place]);
    return name === "HOME" ? "/root" : undefined;
  });
  assert.deepEqual(parameters.expand("${_ENV HOME}/x", AT), { ok: true, text: "/root/x" });
  const unset = parameters.expand("${_ENV NONE}", AT);
  assert.match(unset.ok ? "" : unset.message, /the environment has no variable "NONE"/);
  assert.deepEqual(asked, [["HOME", AT], ["NONE", AT]]);
});
