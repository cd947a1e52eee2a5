/** `vipd import`. */

import assert from "node:assert/strict";
import { groupId } from "../../../src/cli/new_files.ts";
import { EXIT } from "../../../src/exit.ts";
import { capture, inFolder } from "../captured_context.ts";

const PLAIN = `vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  priority 150
  virtual_ipaddress { 192.168.31.5/24 }
}
`;
const LOSSY = PLAIN.replace("priority 150", "priority 150\n  vrf blue");
const BROKEN = PLAIN.replace("interface eth1", "");

Deno.test("the result is data, what there is to say about it is not", async () => {
  const { code, out, err } = await capture(["import", "-"], { stdin: LOSSY });
  assert.equal(code, EXIT.ok);
  assert.match(out, /^# Imported from - by vipd import\.\n/);
  assert.match(out, /vrid: 55\n/);
  assert.match(
    err,
    /^-:5: loss: vrf: .+\n-: 1 instance, 0 checks; 1 loss\n$/,
  );
});

Deno.test("an import without loss says so, also when it is strict", async () => {
  const { code, out, err } = await capture(["import", "-", "--strict"], { stdin: PLAIN });
  assert.deepEqual([code, err], [EXIT.ok, "-: 1 instance, 0 checks; everything is carried over\n"]);
  assert.match(out, /Everything in it was carried over as it is/);
});

Deno.test("what is imported passes the check", async () => {
  const { out } = await capture(["import", "-"], { stdin: LOSSY });
  assert.equal((await capture(["check", "-"], { stdin: out })).code, EXIT.ok);
});

Deno.test("nothing is written for a broken source, nor for a loss when it is strict", async (t) => {
  const cases: readonly [string, string[], string][] = [
    ["broken", [], BROKEN],
    ["loss", ["--strict"], LOSSY],
  ];
  for (const [name, flags, stdin] of cases) {
    await t.step(name, async () => {
      await inFolder(async (folder) => {
        const output = `${folder}/vipd.yaml`;
        const argv = ["import", "-", "--output", output, ...flags];
        const { code, out, err } = await capture(argv, { stdin });
        assert.deepEqual([code, out], [EXIT.configInvalid, ""]);
        assert.match(err, /; nothing is written\n$/);
        await assert.rejects(Deno.stat(output), Deno.errors.NotFound);
      });
    });
  }
});

Deno.test("the output is a new file that its owner, and the group vipd if there is one, can read", async () => {
  await inFolder(async (folder) => {
    const output = `${folder}/vipd.yaml`;
    const argv = ["import", "-", "--output", output];
    const { code, out, err } = await capture(argv, { stdin: PLAIN });
    assert.deepEqual([code, out], [EXIT.ok, ""]);
    assert.ok(err.endsWith(`written to ${output}; next: vipd check ${output}\n`));
    const opened = Deno.uid() === 0 && await groupId("vipd") !== null;
    assert.equal((await Deno.stat(output)).mode! & 0o777, opened ? 0o640 : 0o600);
    assert.equal(`\n${err}`.includes(`\nthe group vipd may read ${output}\n`), opened);
    const below = await capture(["import", "-", "--output", `${folder}/new/vipd.yaml`], {
      stdin: PLAIN,
    });
    assert.ok(`\n${below.err}`.includes(`\nmade the folder ${folder}/new\n`), below.err);
    const first = await Deno.readTextFile(output);

    const again = await capture(argv, { stdin: LOSSY });
    assert.equal(again.code, EXIT.failure);
    assert.match(again.err, /exists; remove it, or choose another --output/);
    assert.equal(await Deno.readTextFile(output), first);

    // As /etc/vipd on a machine without the package.
    const before = Deno.umask(0o077);
    const fresh = await capture(["import", "-", "--output", `${folder}/etc/x`], { stdin: PLAIN })
      .finally(() => Deno.umask(before));
    assert.equal(fresh.code, EXIT.ok, fresh.err);
    assert.equal((await Deno.stat(`${folder}/etc`)).mode! & 0o777, 0o755);

    const there = await capture(["import", "-", "--output", folder], { stdin: PLAIN });
    assert.match(there.err, /is a folder: name a file in it, such as \S+\/vipd\.yaml\n$/);
    const nowhere = await capture(["import", "-", "--output", `${folder}/no/no/x`], {
      stdin: PLAIN,
    });
    assert.equal(nowhere.code, EXIT.failure);
    assert.match(nowhere.err, /the folder of .* does not exist/);
  });
});

Deno.test("files and what they include are read from disk; conditions compare with --id", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/conf.d`);
    const file = `${folder}/keepalived.conf`;
    await Deno.writeTextFile(file, "include conf.d/*.conf\ninclude none/*.conf\n");
    await Deno.writeTextFile(
      `${folder}/conf.d/a.conf`,
      PLAIN.replace("priority 150", "@lb01 priority 150\n@lb02 priority 100"),
    );
    const here = await capture(["import", file]);
    assert.match(here.out, /priority: 150/);
    assert.match(here.err, /note: include: no file matches/);
    const there = await capture(["import", file, "--id", "lb02"]);
    assert.match(there.out, /priority: 100/);

    const missing = await capture(["import", `${folder}/none.conf`]);
    assert.equal(missing.code, EXIT.configInvalid);
    assert.match(missing.err, /cannot be read: there is no such file; check the path/);
  });
});

Deno.test("comments may be in any encoding, everything else is UTF-8", async () => {
  const instance = (name: string) =>
    `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id 10\n` +
    "virtual_ipaddress { 10.0.0.100/24 }\n}\n";
  const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  await inFolder(async (folder) => {
    const path = `${folder}/keepalived.conf`;
    await Deno.writeFile(path, latin1("! \xc4\xe3\xba\xc3 {\n" + instance("VI_1")));
    const commented = [await capture(["import", path]), await capture(["check", path])];
    assert.deepEqual(commented.map(({ code }) => code), [EXIT.ok, EXIT.ok]);
    await Deno.writeFile(path, latin1(instance("K\xf6ln")));
    for (const command of ["import", "check"]) {
      const { code, err } = await capture([command, path]);
      assert.equal(code, EXIT.configInvalid);
      assert.match(err, /keepalived\.conf:1(:1)?: error: the line is not UTF-8 text/);
    }
  });
});

Deno.test("--json reports everything in one object", async () => {
  const ok = await capture(["import", "-", "--json"], { stdin: LOSSY });
  const { written, yaml, findings } = JSON.parse(ok.out);
  assert.deepEqual([ok.code, ok.err, written], [EXIT.ok, "", true]);
  assert.match(yaml, /vrid: 55/);
  assert.deepEqual(Object.keys(findings[0]), [
    "severity",
    "kind",
    "file",
    "line",
    "keyword",
    "message",
    "remedy",
  ]);
  const failed = await capture(["import", "-", "--json"], { stdin: BROKEN });
  const report = JSON.parse(failed.out);
  assert.deepEqual([failed.code, report.written, report.yaml], [EXIT.configInvalid, false, null]);
  assert.equal(report.findings[0].severity, "error");
});

Deno.test("a wrong command line is a usage error", async () => {
  assert.equal((await capture(["import"])).code, EXIT.usage);
  assert.equal((await capture(["import", "a", "b"])).code, EXIT.usage);
  assert.equal((await capture(["import", "a", "--id"])).code, EXIT.usage);
});
