/** A recorded node serves as any other, whatever becomes of the file. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { recordedNode } from "../../src/daemon/recording.ts";
import { SimCluster } from "../../src/sim/cluster.ts";
import { inFolder } from "../cli/captured_context.ts";
import { readRuns } from "../replay/replay.ts";

/** Makes a node on a simulated machine, and lets it become master. */
async function serve(path: string) {
  const cluster = new SimCluster([{}]);
  const [{ host, config }] = cluster.nodes as [SimCluster["nodes"][number]];
  const { node, close } = recordedNode(path)(config, host, {
    ...{ version: "simulated", store: host.openStore() },
  });
  node.start();
  cluster.run(10_000);
  // The file is written in the background.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const [instance] = node.outline().instances;
  assert.equal(instance!.state, "master");
  await close!();
  return node.journal.since().map(({ severity, code, message }) => ({ severity, code, message }));
}

Deno.test("the journal says that a recording begins, and the file holds what was heard", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "recording.jsonl");
    const entries = await serve(path);
    assert.match(
      entries.find(({ code }) => code === "recording_started")!.message,
      /recorded in .*recording\.jsonl, up to 64 MiB; no password, key or token is/,
    );
    assert.ok(!entries.some(({ code }) => code === "recording_ended"));
    const [run] = readRuns(await Deno.readTextFile(path));
    assert.deepEqual(run!.turns.slice(0, 2).map(({ heard }) => heard.kind), ["opened", "start"]);
  });
});

Deno.test("a file that cannot be written is a warning with the remedy, and the node serves", async () => {
  const ended = (await serve("/proc/none/recording.jsonl"))
    .filter(({ code }) => code === "recording_ended");
  assert.deepEqual(ended.map(({ severity }) => severity), ["warning"]);
  assert.match(ended[0]!.message, /cannot be written: .*; name a file in a folder that vipd can/);
});
