/** `vipd check --peer`: what it says of the files of two nodes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../../src/exit.ts";
import { capture, type CapturedRun, exampleConfig, inFolder } from "../../captured_context.ts";

const MAKES_A_PAIR = "with the other node's file it makes a pair";
const GROUP = "sync_groups: [{ name: SG_1, instances: [VI_1, VI_2] }]\n";
const SECOND = `  - name: VI_2
    interface: eth1
    vrid: 56
    priority: 150
    addresses: [192.168.31.6/24]
`;

type Change = (text: string) => string;

/** `vipd check lb01.yaml --peer lb02.yaml`, each as the change of its node leaves it. */
function compared(here: Change, there: Change, ...more: readonly string[]): Promise<CapturedRun> {
  return inFolder(async (folder) => {
    const files = { "lb01.yaml": here, "lb02.yaml": (text: string) => there(asOther(text)) };
    for (const [name, change] of Object.entries(files)) {
      const text = change(exampleConfig(folder));
      await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
    }
    const [own, other] = ["lb01.yaml", "lb02.yaml"].map((name) => join(folder, name));
    const run = await capture(["check", own!, "--peer", other!, ...more]);
    const plain = (text: string) => text.replaceAll(`${folder}/`, "");
    return { ...run, out: plain(run.out), err: plain(run.err) };
  });
}

const asOther: Change = (text) =>
  text.replace(/^node: .*$/m, "node: lb02").replace("priority: 150", "priority: 100");
const same: Change = (text) => text;
const withVrid = (vrid: number): Change => (text) => text.replace("vrid: 55", `vrid: ${vrid}`);

/** Each problem is said once: the label in front is the place in the file. */
const PROBLEMS: Readonly<Record<string, readonly [here: Change, there: Change, says: string]>> = {
  "one name": [
    same,
    (text) => text.replace("node: lb02", "node: lb01"),
    "node: it is lb01 on both nodes; give each node a name of its own, here or in lb02.yaml",
  ],
  "one priority": [
    same,
    (text) => text.replace("priority: 100", "priority: 150"),
    "instances[0].priority: it is 150 on both nodes; give each node one of its own, here or in lb02.yaml",
  ],
  "another VRID": [
    same,
    withVrid(56),
    "instances[0].vrid: it is 55 here, and 56 in lb02.yaml; make it the same here and in lb02.yaml: both nodes " +
    "need it alike",
  ],
  "an instance of this node alone": [
    (text) => text + SECOND,
    same,
    "instances[1]: instance VI_2 is configured here, and not in lb02.yaml; configure it in lb02.yaml, too, or " +
    "remove it here: both nodes need it alike",
  ],
  "an instance of the other node alone": [
    same,
    (text) => text + SECOND,
    "instances: instance VI_2 is configured in lb02.yaml, and not here; configure it here, too, or remove it in " +
    "lb02.yaml: both nodes need it alike",
  ],
  "a sync group of the other node alone": [
    (text) => text + SECOND,
    (text) => GROUP + text + SECOND.replace("150", "100"),
    "sync_groups: sync group SG_1 is configured in lb02.yaml, and not here; configure it here, too, or remove it " +
    "in lb02.yaml: both nodes need it alike",
  ],
};

for (const [what, [here, there, says]] of Object.entries(PROBLEMS)) {
  Deno.test(`two files that make no pair, said once and with the remedy: ${what}`, async () => {
    const { code, out, err } = await compared(here, there);
    const said = err.split("\n").filter((line) => line.includes("[pair_differs]"))
      .map((line) => line.replace(/^\S+? error: /, "").replace(/ \[pair_differs\]$/, ""));
    assert.deepEqual(said, [says]);
    assert.equal(code, EXIT.configInvalid);
    assert.match(out, /^it makes no pair: 1 error$/m);
  });
}

Deno.test("what may differ is said of the other file, and the two are a pair", async () => {
  const slower: Change = (text) => text.replace("interval: 2s", "interval: 5s");
  const { code, out } = await compared(same, slower);
  assert.equal(code, EXIT.ok);
  assert.match(out, /^ {2}differs: check nginx: interval: 2s here, 5s in lb02\.yaml$/m);
  assert.ok(out.includes(MAKES_A_PAIR), out);
});

Deno.test("a program learns whether the files make a pair", async () => {
  for (const [there, pair] of [[same, true], [withVrid(56), false]] as const) {
    assert.equal(JSON.parse((await compared(same, there, "--json")).out).pair, pair);
  }
});

Deno.test("a file is not compared with itself, by whatever path", async () => {
  await inFolder(async (folder) => {
    const [path, link] = [join(folder, "vipd.yaml"), join(folder, "link.yaml")];
    await Deno.writeTextFile(path, exampleConfig(folder));
    await Deno.symlink(path, link);
    for (const peer of [path, link]) {
      const { code, err } = await capture(["check", path, "--peer", peer]);
      assert.equal(code, EXIT.usage);
      assert.match(err, /copy the other node's file to this machine, and name that/);
    }
  });
});

const KEY = "/nonexistent/vrrp.key";
const ABSENT = [
  "/nonexistent/api.pem",
  "/nonexistent/api.key",
  "/nonexistent/peer.pem",
  KEY,
  "/nonexistent/program",
  "/nonexistent/token",
];

/** A configuration that names files of its own machine. */
const withFiles: Change = (text) =>
  text.replace("api:\n", "api:\n  tls: { cert: /nonexistent/api.pem, key: /nonexistent/api.key }\n")
    .replace("checks:\n", "checks:\n  own: { type: exec, command: [/nonexistent/program] }\n") +
  "    version: 3\n    authentication: { type: hmac, keys: [{ id: 1, key_file: " + KEY + " }] }\n" +
  "peers: [{ name: other, url: 'https://192.168.31.99:9112', ca: /nonexistent/peer.pem, " +
  "token_file: /nonexistent/token }]\n";

Deno.test("files that the configurations name and this machine does not have keep nothing from being compared", async () => {
  const alone = await inFolder(async (folder) => {
    const path = join(folder, "lb01.yaml");
    await Deno.writeTextFile(path, withFiles(exampleConfig(folder)), { mode: 0o600 });
    return await capture(["check", path]);
  });
  assert.equal(alone.code, EXIT.configInvalid);
  assert.match(alone.err, /peers\[0\]\.ca: .* cannot be read: there is no such file/);

  const { code, out, err } = await compared(withFiles, withFiles);
  assert.deepEqual([code, err], [EXIT.ok, ""]);
  assert.ok(out.includes(MAKES_A_PAIR), out);
  const [named, others] = [ABSENT.slice(0, 5).join(", "), ABSENT.length - 5];
  assert.ok(
    out.includes(
      "  not compared: instance VI_1: keys in files (key_file)\n" +
        `  note: not looked at, because not here or not readable: ${named}, ${others} more\n`,
    ),
    out,
  );
  const differing = await compared(withFiles, (text) => withVrid(56)(withFiles(text)));
  assert.equal(differing.code, EXIT.configInvalid);
  assert.match(differing.out, /^it makes no pair: 1 error$/m);
});

Deno.test("a program learns what was not read and what was not compared", async () => {
  const report = JSON.parse((await compared(withFiles, withFiles, "--json")).out);
  assert.deepEqual(
    [report.pair, report.diagnostics, report.not_read, report.not_compared],
    [true, [], ABSENT, ["instance VI_1: keys in files (key_file)"]],
  );
  const plain = JSON.parse((await compared(same, same, "--json")).out);
  assert.deepEqual([plain.not_read, plain.not_compared], [[], []]);
});

Deno.test("a keepalived.conf is compared without the programs that this machine does not have", async () => {
  const conf = (priority: number) =>
    `vrrp_script own { script "/nonexistent/program" }
vrrp_instance VI_1 { interface eth1
  virtual_router_id 55
  priority ${priority}
  virtual_ipaddress { 192.168.31.5/24 }
  track_script { own }
}
`.replaceAll("{ ", "{\n").replaceAll(" }", "\n}");
  await inFolder(async (folder) => {
    const [own, other] = ["lb01.conf", "lb02.conf"].map((name) => join(folder, name));
    await Deno.writeTextFile(own!, conf(150));
    await Deno.writeTextFile(other!, conf(100));
    assert.equal((await capture(["check", own!])).code, EXIT.configInvalid);
    const { code, out } = await capture(["check", own!, "--peer", other!]);
    assert.ok(out.includes("not readable: /nonexistent/program\n"), out);
    assert.equal(code, EXIT.ok);
  });
});

Deno.test("the other node's file may come from standard input, but not both", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "lb01.yaml");
    await Deno.writeTextFile(path, exampleConfig(folder), { mode: 0o600 });
    const stdin = withVrid(56)(asOther(exampleConfig(folder)));
    const { code, err } = await capture(["check", path, "--peer", "-"], { stdin });
    assert.equal(code, EXIT.configInvalid);
    assert.match(err, /it is 55 here, and 56 in <stdin>; make it the same here and in <stdin>/);
    const both = await capture(["check", "-", "--peer", "-"], { stdin });
    assert.equal(both.code, EXIT.usage);
    assert.match(both.err, /both files are standard input: name a file for one of them/);
  });
});

/** [what the other file is, what is said of it, how it ends]. */
const UNUSABLE: readonly (readonly [string, string | null, RegExp])[] = [
  ["missing", null, /lb02\.yaml: error: there is no such file; check the path \[file_not_found\]/],
  ["empty", "", /there is nothing in the file; name the other node's file \[file_empty\]/],
  ["no configuration", "vrid: 55\n", /vrid: this key is not known/],
];

for (const [what, text, says] of UNUSABLE) {
  Deno.test(`nothing is compared with a file that is ${what}`, async () => {
    await inFolder(async (folder) => {
      const [own, other] = ["lb01.yaml", "lb02.yaml"].map((name) => join(folder, name));
      await Deno.writeTextFile(own!, exampleConfig(folder), { mode: 0o600 });
      if (text !== null) await Deno.writeTextFile(other!, text);
      const { code, out, err } = await capture(["check", own!, "--peer", other!]);
      assert.equal(code, EXIT.configInvalid);
      assert.match(err, says);
      assert.match(out, /^nothing was compared: \S+lb02\.yaml has (?:an error|\d+ errors)$/m);
      assert.ok(!out.includes("it makes no pair"), out);
      const json = await capture(["check", own!, "--peer", other!, "--json"]);
      assert.equal(JSON.parse(json.out).pair, null);
    });
  });
}

Deno.test("nothing is compared if this node's own file is not valid", async () => {
  const { code, out } = await compared(withVrid(300), same);
  assert.equal(code, EXIT.configInvalid);
  assert.equal(out, "lb01.yaml is not valid: 1 error\nnothing was compared\n");
});
