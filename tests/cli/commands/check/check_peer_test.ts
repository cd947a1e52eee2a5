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
