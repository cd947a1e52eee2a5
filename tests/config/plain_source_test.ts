/** Data that no file holds is checked as if it had been read from one. */

import assert from "node:assert/strict";
import type { Diagnostic } from "../../src/config/diagnostics.ts";
import { checkData, checkText } from "../../src/config/check_text.ts";
import { readNamedFiles } from "../../src/config/secrets/read_named_files.ts";
import { writeYaml } from "../../src/config/yaml/write.ts";

const OPTIONS = { hostname: "lb01", readNamed: readNamedFiles };

function withInstance(more: Readonly<Record<string, unknown>>): unknown {
  const instance = { name: "web", interface: "eth0", vrid: 51, addresses: ["192.0.2.5/24"] };
  return { instances: [{ ...instance, ...more }] };
}

const DATA: Readonly<Record<string, unknown>> = {
  "nothing wrong": withInstance({}),
  "an advice": withInstance({ priority: 255, preempt: false }),
  "an unknown key": withInstance({ prioritty: 100 }),
  "wrong types": withInstance({ vrid: "51", addresses: "192.0.2.5/24", version: "3" }),
  "a value out of range": withInstance({ vrid: 300 }),
  "a missing key": { instances: [{ name: "web" }] },
  "a check that is not there": withInstance({ track: [{ check: "ngin" }], priority: 90 }),
  "a password that is too long": withInstance({
    authentication: { type: "pass", password: "verysecret" },
  }),
  "a password that a name repeats": withInstance({
    authentication: { type: "pass", password: "s3cret!" },
    track: [{ check: "s3cret!" }],
  }),
  "nothing": {},
  "a text": "instances",
  "too many entries": { instances: Array.from({ length: 5000 }, () => 1) },
};

/** Without the places, by their words. */
function inOrder(found: readonly Diagnostic[]): Diagnostic[] {
  return found.map((each) => ({ ...each, line: null, column: null, excerpt: null }))
    .sort((a, b) => a.message < b.message ? -1 : 1);
}

for (const [name, data] of Object.entries(DATA)) {
  Deno.test(`without a text there are the same findings: ${name}`, () => {
    const result = checkData(data, "vipd.yaml", OPTIONS);
    const read = checkText(writeYaml(data), "vipd.yaml", OPTIONS);
    assert.equal(result.ok, read.ok);
    if (result.ok && read.ok) assert.deepEqual(result.config, read.config);
    const found = result.ok ? result.warnings : result.diagnostics;
    const expected = read.ok ? read.warnings : read.diagnostics;
    assert.deepEqual(inOrder(found), inOrder(expected));
    assert.doesNotMatch(JSON.stringify(found), /verysecret|s3cret!/);
  });
}
