import assert from "node:assert/strict";
import { fastConfig, usableConfig } from "../../src/config/fast_path.ts";
import { parseConfig } from "../../src/config/load.ts";
import { withInstance, withTop } from "./support.ts";

const OPTIONS = { hostname: "lb01" };
const WITH_SECRET = withInstance("authentication: { type: pass, password: abc }\nversion: 2");

Deno.test("a text without fault is a configuration at once, the same as by the thorough way", () => {
  for (const node of ["lb01", "lb02"]) {
    const text = Deno.readTextFileSync(new URL(`../../config/${node}.yaml`, import.meta.url));
    const thorough = parseConfig(text, `${node}.yaml`, OPTIONS);
    assert.ok(thorough.ok);
    assert.deepEqual(fastConfig(text, `${node}.yaml`, OPTIONS), thorough.config);
  }
});

const FAULTY: readonly (readonly [what: string, text: string, mode?: number])[] = [
  ["no YAML", "instances: ["],
  ["an alias, which may be right", "node: &n lb01\n" + withInstance("name: *n")],
  ["nothing", ""],
  ["an unknown key", withTop("noed: x")],
  ["a key that stands twice", withInstance("priority: 1\npriority: 2")],
  ["two instances of one name", `${withInstance()}${withInstance().replace(/^instances:\n/, "")}`],
  ["a secret that everybody can read", WITH_SECRET, 0o644],
];

for (const [what, text, mode = 0o600] of FAULTY) {
  Deno.test(`a text of which something is to be said is left to the thorough way: ${what}`, () => {
    assert.equal(fastConfig(text, "vipd.yaml", { ...OPTIONS, mode }), null);
  });
}

Deno.test("a secret that only its owner can read is no fault", () => {
  const thorough = parseConfig(WITH_SECRET, "vipd.yaml", { ...OPTIONS, mode: 0o600 });
  assert.ok(thorough.ok && thorough.warnings.length === 0);
  assert.deepEqual(
    fastConfig(WITH_SECRET, "vipd.yaml", { ...OPTIONS, mode: 0o600 }),
    thorough.config,
  );
});

Deno.test("an engine that starts tolerates a warning and a certificate that cannot be used, and no error", () => {
  const tls = "api: { tls: { cert: /nonexistent, key: /nonexistent } }";
  const weak = withInstance("priority: 150", "track: [{ check: web, weight: -10 }]");
  const advice = `checks: { web: { type: process, process: nginx } }\n${weak}`;
  const lenient = { hostname: "lb01", lenient: true };
  for (const text of [advice, `${tls}\n${advice}`]) {
    const thorough = parseConfig(text, "vipd.yaml", lenient);
    assert.ok(thorough.ok && thorough.warnings.length > 0);
    assert.equal(fastConfig(text, "vipd.yaml", OPTIONS), null);
    assert.deepEqual(usableConfig(text, "lb01"), thorough.config);
  }
  const keys = "keys: [{ id: 1, key_file: /nonexistent }]";
  for (
    const text of [
      ...FAULTY.flatMap(([, text, mode]) => mode === undefined ? [text] : []),
      withInstance(`authentication: { type: hmac, ${keys} }`, "version: 3"),
    ]
  ) {
    assert.equal(usableConfig(text, "lb01"), null, text);
  }
});
