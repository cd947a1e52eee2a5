import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../../src/exit.ts";
import { capture, exampleConfig, inFolder } from "../../captured_context.ts";

const SUMMARY = `  node lb01
  instance VI_1: 192.168.31.5/24 on eth1, VRID 55, VRRP version 2, priority 150
  check nginx: http, every 2 s
`;

Deno.test("a valid configuration is summed up", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    await Deno.writeTextFile(path, exampleConfig(folder));
    const want = { code: EXIT.ok, out: `${path} is valid\n${SUMMARY}`, err: "" };
    assert.deepEqual(await capture(["check", path]), want);
    assert.deepEqual(await capture(["check", "--config", path]), want);
    assert.deepEqual(await capture(["check", "-"], { stdin: exampleConfig(folder) }), {
      ...want,
      out: `- is valid\n${SUMMARY}`,
    });
  });
});

Deno.test("every problem is reported on standard error and the command ends with 3", async () => {
  const stdin = exampleConfig("/run/vipd").replace("vrid: 55", "vrid: 300").replace(
    "priority: 150",
    "prioritty: 150",
  );
  const { code, out, err } = await capture(["check", "-"], { stdin });
  assert.equal(code, EXIT.configInvalid);
  assert.equal(out, "- is not valid: 2 errors\n");
  assert.match(err, /^<stdin>:\d+:\d+: error: instances\[0\]\.vrid: .*\[out_of_range\]$/m);
  assert.match(err, /^<stdin>:\d+:\d+: error: .*prioritty.*\[unknown_key\]$/m);
  assert.match(err, /^ +\d+ \| +vrid: 300$/m);
});

Deno.test({
  name: "a file that this user may not read is not called invalid",
  // Root may read all.
  ignore: Deno.uid() === 0,
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "vipd.yaml");
      await Deno.writeTextFile(path, exampleConfig(folder), { mode: 0 });
      const { code, out, err } = await capture(["check", path]);
      assert.deepEqual([code, out], [
        EXIT.notPermitted,
        `${path} was not checked: this user may not read ${path}\n`,
      ]);
      assert.match(err, /sudo vipd/);
    }),
});

Deno.test("programs that this machine cannot run, or not safely, are reported with place and remedy", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "open"), "#!/bin/sh\n");
    await Deno.chmod(join(folder, "open"), 0o777);
    const stdin = exampleConfig(folder).replace(
      /checks:\n/,
      `checks:
  gone: { type: exec, command: [/no/such/check], user: no-such-user }
  open: { type: exec, command: [${folder}/open, --all] }
  kept:
    type: tcp
    address: 127.0.0.1:80
    on_fail: vipd-no-such-program restart
  well: { type: exec, command: [sh, -c, "exit 0"], on_fail: [/bin/true] }
`,
    );
    const { code, out, err } = await capture(["check", "-"], { stdin });
    assert.equal(code, EXIT.ok, err);
    assert.match(out, /is valid/);
    const told = err.split("\n").filter((line) => line.startsWith("<stdin>"));
    const places = told.map((line) => /warning: (\S+): .*\[(\w+)\]$/.exec(line)?.slice(1));
    assert.deepEqual(places, [
      ["checks.gone.user", "unknown_user"],
      ["checks.open.command", "program_unsafe"],
      ["checks.kept.on_fail.command", "program_missing"],
    ]);
    assert.match(told[1]!, /every user can write .*\/open; chmod o-w .*\/open/);
    const rows = told.map((line) => Number(/^<stdin>:(\d+):/.exec(line)?.[1]));
    const lines = stdin.split("\n");
    assert.deepEqual(rows.map((row) => lines[row - 1]?.trim().split(" ")[0]), [
      "gone:",
      "open:",
      "on_fail:",
    ]);
  });
});

Deno.test("--json gives the diagnostics as data", async () => {
  const bad = await capture(["check", "-", "--json"], { stdin: "instances: []\n" });
  assert.deepEqual([bad.code, bad.err], [EXIT.configInvalid, ""]);
  const report = JSON.parse(bad.out);
  assert.deepEqual([report.valid, report.node], [false, null]);
  assert.ok(report.diagnostics.length >= 1);
  const good = await capture(["check", "-", "--json"], { stdin: exampleConfig("/run/vipd") });
  assert.deepEqual(JSON.parse(good.out), { valid: true, node: "lb01", diagnostics: [] });
});

Deno.test("a file that is missing or no text is a problem of the configuration", async () => {
  const missing = await capture(["check", "/nonexistent/vipd.yaml"]);
  assert.equal(missing.code, EXIT.configInvalid);
  assert.match(missing.err, /^\/nonexistent\/vipd\.yaml: error: /);
  const binary = await capture(["check", "-"], { stdin: new Uint8Array([0xff, 0xfe]) });
  assert.equal(binary.code, EXIT.configInvalid);
  assert.match(binary.err, /<stdin>: the file is not UTF-8 text/);
});

const KEEPALIVED = `global_defs {
  router_id lb01
}
vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  priority 150
  virtual_ipaddress { 192.168.31.5/24 }
}
`;

Deno.test("a keepalived.conf is valid where vipd does all it says", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "keepalived.conf");
    await Deno.writeTextFile(path, KEEPALIVED);
    const want = SUMMARY.replace(/ {2}check .*\n/, "");
    for (const [name, stdin] of [[path, ""], ["-", KEEPALIVED]] as const) {
      const { code, out, err } = await capture(["check", name], { stdin });
      assert.deepEqual([code, out, err], [EXIT.ok, `${name} is valid\n${want}`, ""]);
    }
    await Deno.writeTextFile(path, KEEPALIVED.replace("priority", "vrf blue\n  priority"));
    const lossy = await capture(["check", path]);
    assert.equal(lossy.code, EXIT.configInvalid);
    assert.match(lossy.err, /keepalived\.conf:7:1: error: vrf: /);
    assert.match(lossy.err, /vipd import .*keepalived\.conf --output/);
    const run = await capture(["run", "--config", path]);
    assert.deepEqual([run.code, run.err], [EXIT.configInvalid, lossy.err]);
  });
});
