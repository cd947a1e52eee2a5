/** A keepalived.conf as the configuration itself. */

import assert from "node:assert/strict";
import { type DiagnosticCode, formatDiagnostic } from "../../src/config/diagnostics.ts";
import type { Config } from "../../src/config/model.ts";
import { warningAt } from "../../src/config/findings.ts";
import { readConfigFile } from "../../src/config/yaml/read_file.ts";
import { loadRead } from "../../src/daemon/config/load.ts";
import { loadKeepalived } from "../../src/keepalived/load.ts";
import { isKeepalived } from "../../src/keepalived/syntax/recognise.ts";
import { filesOf, instanceWith } from "./support.ts";

const OPTIONS = { id: "lb01", hostname: "lb01" };

async function load(text: string, mode: number | null = null) {
  const files = filesOf({ "k.conf": text, "more.conf": "vrf blue\n" });
  return await loadKeepalived("k.conf", files, { ...OPTIONS, mode });
}

Deno.test("a keepalived.conf is known by its blocks, else by its name", async (t) => {
  const yaml = "instances:\n  - name: VI_1\n";
  const cases: readonly [string, string, string, boolean][] = [
    ["an instance", "x", "vrrp_instance VI_1 {\n}\n", true],
    ["a brace in the next line", "x", "! k\nglobal_defs\n{\n}\n", true],
    ["in one line", "x", "vrrp_instance VI_1 { interface eth0 }", true],
    ["for one node", "x", "  @lb01 vrrp_instance VI_1 {\n", true],
    ["only includes, by its name", "/etc/keepalived/keepalived.conf", "include conf.d/*\n", true],
    ["only includes, under another name", "x", "include conf.d/*\n", false],
    ["vipd's", "vipd.yaml", yaml, false],
    ["vipd's, under another name", "vipd.conf", yaml, false],
    ["the result of an import", "vipd.yaml", `# k:1: vrrp_instance VI_1\n${yaml}`, false],
    ["a key of vipd that is misspelt", "vipd.yaml", "vrrp_instance: 1\n", false],
    ["an empty file", "vipd.conf", "\n", false],
  ];
  for (const [name, path, text, want] of cases) {
    await t.step(name, () => assert.equal(isKeepalived(path, text), want));
  }
});

Deno.test("what is carried over without loss is a configuration, with vipd's own defaults", async () => {
  const loaded = await load(instanceWith("state MASTER\npriority 150\npreempt_delay 0"));
  assert.ok(loaded.ok);
  const { node, runDir, instances } = loaded.config;
  assert.deepEqual([node, runDir], ["lb01", "/run/vipd"]);
  assert.deepEqual([instances[0]?.vrid, instances[0]?.priority], [10, 150]);
  assert.deepEqual(loaded.warnings.map(({ code, line, key }) => [code, line, key]), [
    ["keepalived_carried", 5, "state"],
  ]);
});

Deno.test("a loss is an error at its place, and the way out is named", async () => {
  const loaded = await load(instanceWith("include more.conf\npromote_secondaries"));
  assert.ok(!loaded.ok);
  const lines = loaded.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
  assert.equal(lines.length, 3);
  assert.match(
    lines[0]!,
    /^k\.conf:6:1: error: promote_secondaries: .* \[keepalived_not_carried\]$/,
  );
  assert.match(lines[1]!, /^more\.conf:1:1: error: vrf: .* \[keepalived_not_carried\]$/);
  assert.match(
    lines[2]!,
    /^k\.conf: error: .*remove what is named above, run without it: --accept-loss,/,
  );
  assert.match(lines[2]!, /vipd import k\.conf --output /);
});

Deno.test("a loss that is accepted is a warning, and balancing is none where only VRRP is wanted", async () => {
  const text = `virtual_server 10.0.0.1 80 {\n}\n${instanceWith("promote_secondaries")}`;
  const cases = [
    [{}, ["error", "error", "error"]],
    [{ acceptLoss: true }, ["warning", "warning"]],
    [{ vrrpOnly: true }, ["warning", "error", "error"]],
    [{ acceptLoss: true, vrrpOnly: true }, ["warning", "warning"]],
  ] as const;
  for (const [options, want] of cases) {
    const files = filesOf({ "k.conf": text });
    const loaded = await loadKeepalived("k.conf", files, { ...OPTIONS, mode: null, ...options });
    const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
    assert.deepEqual(diagnostics.map(({ severity }) => severity), want);
    assert.equal(loaded.ok, !want.some((severity) => severity === "error"));
  }
});

Deno.test("what cannot be imported is an error and names no import", async () => {
  const loaded = await load("vrrp_instance VI_1 {\n");
  assert.ok(!loaded.ok);
  const text = loaded.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n");
  assert.match(text, /\[keepalived_error\]/);
  assert.doesNotMatch(text, /vipd import/);
});

Deno.test("a password that others can read is warned about", async () => {
  const text = instanceWith("authentication {\nauth_type PASS\nauth_pass s3cr3t\n}");
  for (const [mode, want] of [[0o644, ["config_readable"]], [0o600, []]] as const) {
    const loaded = await load(text, mode);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.warnings.map(({ code }) => code), want);
    assert.ok(loaded.warnings.every(({ line }) => line === null));
  }
});

Deno.test("neither a password nor an escape sequence is shown", async () => {
  const loaded = await load(
    instanceWith("authentication {\nauth_type PASS\nauth_pass s3cr3t s3cr3t\n}\n\x1b[31mred"),
  );
  assert.ok(loaded.ok);
  assert.equal(loaded.warnings.length, 2);
  for (const diagnostic of loaded.warnings) {
    const text = formatDiagnostic(diagnostic, { excerpt: true });
    assert.doesNotMatch(text, /auth_pass s3cr3t/);
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    assert.doesNotMatch(text, /\x1b/);
  }
});

Deno.test("a byte order mark is a part of the first word, as in keepalived", async () => {
  const path = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(path, `\ufeffglobal_defs {\nvrrp_version 3\n}\n${instanceWith("")}`);
  const read = await readConfigFile(path);
  assert.ok(read.ok);
  assert.doesNotMatch(read.value.text, /\ufeff/, "other readers do not see it");
  const loaded = await loadRead(path, read.value, { hostname: () => "lb01" });
  await Deno.remove(path);
  assert.ok(loaded.ok);
  assert.equal(loaded.config.instances[0]?.version, 2);
  assert.match(loaded.warnings.map(({ message }) => message).join("\n"), /U\+FEFF/);
});

Deno.test("scripts run as keepalived's usual user where the machine has it and the file names none", async (t) => {
  const script = 'vrrp_script ask {\nscript "/bin/ask"\n}\n';
  const tracked = instanceWith('track_script {\nask\n}\nnotify "/bin/tell"');
  const cases: readonly [string, string, boolean, string | null][] = [
    ["the machine has it", "", true, "keepalived_script"],
    ["it has not", "", false, null],
    ["the file names root", "global_defs {\nscript_user root\n}\n", true, null],
    ["the file names another", "global_defs {\nscript_user nobody\n}\n", true, "nobody"],
  ];
  for (const [name, before, has, user] of cases) {
    await t.step(name, async () => {
      const files = {
        ...filesOf({ "k.conf": before + script + tracked }),
        hasUser: (asked: string) => Promise.resolve(has && asked === "keepalived_script"),
      };
      const loaded = await loadKeepalived("k.conf", files, { ...OPTIONS, mode: null });
      assert.ok(loaded.ok);
      const { checks, notify } = loaded.config;
      const users = [...Object.values(checks), ...notify].map((each) => {
        const user = "user" in each ? each.user : undefined;
        return typeof user === "object" ? user.name : null;
      });
      assert.deepEqual(users, [user, user]);
      const told = loaded.warnings.filter(({ message }) => /which this machine has/.test(message));
      assert.equal(told.length, user === "keepalived_script" ? 1 : 0);
    });
  }
});

Deno.test("the usual user is named wherever a script of any kind runs as it", async (t) => {
  const script = 'vrrp_script ask {\nscript "/bin/ask"\n}\n';
  const cases: readonly [string, string, boolean][] = [
    ["a check", script + instanceWith("track_script {\nask\n}"), true],
    ["a notification", instanceWith('notify "/bin/tell"'), true],
    ["none", instanceWith(""), false],
  ];
  for (const [name, text, is] of cases) {
    await t.step(name, async () => {
      const files = { ...filesOf({ "k.conf": text }), hasUser: () => Promise.resolve(true) };
      const loaded = await loadKeepalived("k.conf", files, { ...OPTIONS, mode: null });
      assert.ok(loaded.ok);
      const told = loaded.warnings.filter(({ message }) => /which this machine has/.test(message));
      assert.equal(told.length, is ? 1 : 0);
    });
  }
});

Deno.test("the way to run only VRRP is named where balancing is all that is lost", async () => {
  const text = `virtual_server 10.0.0.1 80 {\n}\n${instanceWith("")}`;
  const loaded = await load(text);
  assert.ok(!loaded.ok);
  const last = formatDiagnostic(loaded.diagnostics.at(-1)!);
  assert.match(last, /vipd run --config k\.conf --vrrp-only/);
  assert.doesNotMatch(last, /--accept-loss/);
});

Deno.test("a program that this machine does not run is a loss, a warning, or keepalived's own fate", async (t) => {
  const secure = "global_defs {\nscript_user root\nenable_script_security\n}\n";
  const script = 'vrrp_script ask {\nscript "/bin/ask"\n}\n';
  const checked = script + instanceWith("track_script {\nask\n}");
  const told = instanceWith('notify "/bin/tell"');
  const missing: readonly [DiagnosticCode, string] = ["program_missing", "there is no such file"];
  const unsafe: readonly [DiagnosticCode, string] = ["program_unsafe", "every user can write it"];
  const cases: readonly [
    name: string,
    text: string,
    found: readonly [DiagnosticCode, string],
    options: object,
    severity: "error" | "warning",
    says: RegExp,
    line: number,
  ][] = [
    ["a check's", checked, missing, {}, "error", /serves without it/, 2],
    ["for an engine that starts", checked, missing, { lenient: true }, "warning", /fails/, 2],
    ["accepted", checked, missing, { acceptLoss: true }, "warning", /the check fails/, 2],
    ["a notification's", told, missing, {}, "warning", /does not run it either/, 5],
    ["that others can change", told, unsafe, {}, "error", /runs it all the same/, 5],
    ["where that is forbidden", secure + told, unsafe, {}, "warning", /not run it either/, 9],
    ["a check's there", secure + checked, unsafe, {}, "error", /serves without it/, 6],
  ];
  for (const [name, text, [code, message], options, severity, says, line] of cases) {
    await t.step(name, async () => {
      const findings = (config: Config) =>
        Promise.resolve([
          ...config.checks.map((check) => ["checks", check.name]),
          ...config.notify.map((_, index) => ["notify", index]),
        ].map((path) => warningAt([...path, "command"], code, message, "install it")));
      const loaded = await loadKeepalived("k.conf", filesOf({ "k.conf": text }), {
        ...{ ...OPTIONS, mode: null, ...options },
        programs: { findings, uid: 0 },
      });
      assert.equal(loaded.ok, severity === "warning");
      const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
      const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
      assert.deepEqual(found.map((each) => [each.severity, each.line]), [[severity, line]]);
      assert.match(found[0]!.message, says);
      const ways = diagnostics.filter(({ line }) => line === null).map(({ hint }) => hint);
      assert.deepEqual(
        ways,
        severity === "warning" ? [] : [
          "remove what is named above, run without it: --accept-loss, or write a configuration: " +
          "vipd import k.conf --output /etc/vipd/vipd.yaml",
        ],
      );
    });
  }
});

Deno.test("vipd says what it runs as its own user and not as root", async () => {
  const text =
    'vrrp_script ask {\nscript "/bin/ask"\n}\nvrrp_script as {\nscript "/bin/as"\nuser nobody\n}\n' +
    instanceWith("track_script {\nask\nas\n}");
  const load = (uid: number) =>
    loadKeepalived("k.conf", filesOf({ "k.conf": text }), {
      ...{ ...OPTIONS, mode: null, lenient: true },
      programs: { findings: () => Promise.resolve([]), uid },
    });
  const [asRoot, asAnother] = [await load(0), await load(998)];
  assert.ok(asRoot.ok && asAnother.ok);
  assert.deepEqual(asRoot.warnings, []);
  assert.deepEqual(asAnother.warnings.map(({ line, key }) => [line, key]), [[2, "script"]]);
});
