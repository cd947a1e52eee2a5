/** How diagnostics read, and that one run names them all. */

import assert from "node:assert/strict";
import { type Diagnostic, formatDiagnostic } from "../../src/config/diagnostics.ts";
import { YamlSource } from "../../src/config/yaml/source.ts";
import { diagnose, withInstance, withTop } from "./support.ts";

const PRIORITY: Diagnostic = {
  severity: "error",
  code: "out_of_range",
  file: "vipd.yaml",
  line: 12,
  column: 5,
  key: "instances[0].priority",
  message: "300 is not between 1 and 255",
  hint: "choose 1 to 254",
  excerpt: "\t   300",
};

Deno.test("a diagnostic is one line that editors recognise", () => {
  assert.equal(
    formatDiagnostic(PRIORITY),
    "vipd.yaml:12:5: error: instances[0].priority: 300 is not between 1 and 255; " +
      "choose 1 to 254 [out_of_range]",
  );
});

Deno.test("a diagnostic for people shows the line and a caret, whatever the width of a tab", () => {
  assert.deepEqual(formatDiagnostic(PRIORITY, { excerpt: true }).split("\n").slice(1), [
    "   12 | \t   300",
    "      | \t   ^",
  ]);
});

Deno.test("of a long line the part around the caret is shown", () => {
  const excerpt = "x".repeat(5000) + "HERE" + "y".repeat(5000);
  const [, line, caret] = formatDiagnostic({ ...PRIORITY, excerpt, column: 5001 }, {
    excerpt: true,
  })
    .split("\n");
  assert.ok(line!.length < 120, `${line!.length} characters`);
  assert.equal(line!.slice(caret!.indexOf("^")).slice(0, 4), "HERE");
});

Deno.test("escape sequences of the file do not reach the terminal", () => {
  const text = formatDiagnostic({ ...PRIORITY, excerpt: "a\x1b[31mb\x9b" }, { excerpt: true });
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(text, /[\x1b\x9b]/);
  const [unknown] = diagnose(withTop('"k\\e[2J": 1'));
  assert.ok(unknown);
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(formatDiagnostic(unknown, { excerpt: true }), /\x1b/);
});

Deno.test("a diagnostic of the file itself has no place", () => {
  const whole = { ...PRIORITY, line: null, column: null, key: null, excerpt: null };
  assert.equal(
    formatDiagnostic(whole, { excerpt: true }),
    "vipd.yaml: error: 300 is not between 1 and 255; choose 1 to 254 [out_of_range]",
  );
});

const MANY = `node: "a b"
nodee: x
checks:
  web: { type: http, url: "ftp://x/", timeout: 5s, rise: 0 }
instances:
  - name: VI_1
    interface: eth1
    vrid: 300
    vrid: 301
    version: 3
    advert_interval: 15ms
    authentication: { type: pass, password: secret }
    addresses: [10.0.0.5, 10.0.0.5, 10.0.0.300, "2001:db8::1"]
    track: [{ check: wbe }, { check: web, weight: 0 }, {}]
  - vrid: 5
    interface: eth1
    addresses: [10.0.0.5]
`;

Deno.test("one run names every problem, in the order of the file", () => {
  const found = diagnose(MANY).map(({ line, column, code, key }) =>
    `${line}:${column} ${code} ${key}`
  );
  assert.deepEqual(found, [
    "1:7 invalid_name node",
    "2:1 unknown_key nodee",
    "4:27 invalid_url checks.web.url",
    "4:48 timeout_too_long checks.web.timeout",
    "4:58 out_of_range checks.web.rise",
    "9:5 duplicate_key null",
    "9:11 out_of_range instances[0].vrid",
    "11:22 invalid_advert_interval instances[0].advert_interval",
    "12:21 authentication_version instances[0].authentication",
    "13:27 duplicate_address instances[0].addresses[1]",
    "13:37 invalid_address instances[0].addresses[2]",
    "13:49 mixed_families instances[0].addresses[3]",
    "14:22 unknown_check instances[0].track[0].check",
    "14:51 invalid_weight instances[0].track[1].weight",
    "14:56 invalid_track instances[0].track[2]",
    "15:5 missing_key instances[1].name",
    "17:17 duplicate_address instances[1].addresses[0]",
  ]);
});

Deno.test("a check with an error is still a check that can be tracked", () => {
  const text = withTop("checks: { web: { type: tcp } }") + "    track: [{ check: web }]\n";
  assert.deepEqual(diagnose(text).map(({ code }) => code), ["missing_key"]);
});

Deno.test("an error and a warning stand next to each other", () => {
  const text = withInstance(
    "priority: 255",
    "preempt: false",
    "track: [{ interface: eth0, weight: -5 }]",
  );
  assert.deepEqual(diagnose(text).map(({ severity }) => severity), ["error", "warning"]);
});

Deno.test("passwords are never shown", async (t) => {
  const texts: Record<string, string> = {
    "too long": withInstance("authentication: { type: pass, password: hunter2hunter2 }"),
    "not ASCII": withInstance("authentication: { type: pass, password: 'hunter2 é' }"),
    "a number": withInstance("authentication: { type: pass, password: 0xdeadbeef }"),
    "a list": withInstance("authentication: { type: pass, password: [hunter2] }"),
    "beside an error": withInstance("authentication: { type: pas, password: hunter2 }"),
    "beside an error, quoted": withInstance(
      `authentication: { type: pas, "password" : "hunter2 \\" hunter2" }`,
    ),
    "a key that is too short": withInstance(
      "authentication: { type: hmac, keys: [{ id: 1, key: deadbeef }] }",
    ),
    "a key that is a number": withInstance(
      "authentication: { type: hmac, keys: [{ id: 1, key: 3735928559 }] }",
    ),
    "in broken YAML": withInstance("authentication: { type: pass, password: hunter2"),
    "in an unclosed text": withInstance(`authentication: { type: pass, password: "hunter2 hunter2`),
    "in a URL": withTop("checks: { web: { type: http, url: 'http://me:hunter2@a/' } }"),
    "in a URL of another scheme": withTop(
      "checks: { web: { type: http, url: 'x://me:hunter2@a' } }",
    ),
    "in a wrong URL": withTop("checks: { web: { type: http, url: 'http://me:hunter2@a:b' } }"),
    "without its blank": withInstance("authentication: { type: pass, password:hunter2 }"),
    "without its blank, in quotes": withInstance(
      `authentication: { type: pass, password:"hunter2" }`,
    ),
    "without its blank, on a line": withInstance("authentication:\n      password:hunter2"),
    "with an equals sign": withInstance("authentication: { type: pass, password=hunter2 }"),
    "without its key": withInstance("authentication: { type: pass, hunter2 }"),
    "in the place of its mapping": withInstance("authentication: hunter2"),
    "in a list": withInstance("authentication: [pass, hunter2]"),
    "of a misspelt key": withInstance("authentication: { type: pass, passwort: hunter2 }"),
    "of a badly misspelt key": withInstance("authentication: { type: pass, Kennwort: hunter2 }"),
    "of a misspelt key elsewhere": withTop("api: { tokn: hunter2 }"),
    "of keepalived's key": withInstance("auth_pass: hunter2"),
    "of a misspelt mapping": withInstance("authentification: { type: pass, pasword: hunter2 }"),
    "behind an anchor": withInstance("authentication: { type: pass, password: &a hunter2hunter2 }"),
    "defined elsewhere, by an alias": withTop("x: &a hunter2hunter2") +
      withInstance("authentication: { type: pass, password: *a }"),
    "a mapping by an alias": withTop("x: &a { type: pass, password: hunter2hunter2 }") +
      withInstance("authentication: *a"),
    "on the next line": withInstance(
      "authentication:\n      type: pass\n      password:\n        hunter2hunter2",
    ),
    "as a block": withInstance(
      "authentication:\n      type: pass\n      password: |\n        hunter2\n        hunter2",
    ),
    "of several lines": withInstance(
      "authentication:\n      type: pass\n      password: 'hunter2\n        hunter2'",
    ),
    "nested in it": withInstance("authentication: { type: pass, password: { value: hunter2 } }"),
    "twice": withInstance("authentication: { type: pass, password: hunter2, password: hunter2 }"),
    "in broken YAML, misspelt": withInstance("authentication: { type: pass, passwort: hunter2"),
    "in broken YAML, on the next line": `a: [\n${
      withInstance("authentication:\n      password:\n        hunter2")
    }`,
    "in broken YAML, without its blank": withInstance("authentication: { password:hunter2, ]"),
    "a tab before it": withInstance("authentication:\n\t  password: hunter2"),
  };
  for (const [name, text] of Object.entries(texts)) {
    await t.step(name, () => {
      const found = diagnose(text);
      assert.notEqual(found.length, 0);
      const shown = found.map((each) => formatDiagnostic(each, { excerpt: true })).join("\n");
      assert.doesNotMatch(shown, /hunter2|deadbeef|3735928559/);
      assert.doesNotMatch(JSON.stringify(found), /hunter2|deadbeef|3735928559/);
      // Of each line of the file, whichever a problem points to.
      const source = new YamlSource(text);
      for (const line of text.split("\n").keys()) {
        assert.doesNotMatch(source.excerpt(line + 1), /hunter2|deadbeef|3735928559/);
      }
    });
  }
});
