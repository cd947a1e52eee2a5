/**
 * A pair in namespaces is recorded, and the recording replayed. Needs root or user namespaces. With `VIPD_RECORDING` it
 * leaves the file there: that is how `tests/replay/recordings/pair.jsonl` was made.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Cluster, INSTANCE } from "../../lab/cluster.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep } from "../../lab/wait.ts";
import { debugAsDescribed } from "./debug_in_lab.ts";
import { differenceText, readRuns, replay } from "../replay/replay.ts";

const FILE = "/var/lib/vipd-recording.jsonl";

Deno.test("a real pair is recorded without its password, and the recording is replayed", async (t) => {
  const binary = Deno.env.get("VIPD_BINARY");
  await using cluster = await Cluster.open({ name: `record-${crypto.randomUUID()}`, binary });
  const { holders, balancers: { lb01, lb02 } } = cluster;
  const password = "s3cr3t!x";
  const config = async (name: string, more = "") => {
    const text = await Deno.readTextFile(new URL(`../../config/${name}.yaml`, import.meta.url));
    return text.replace(/password: "[^"]*"/, `password: "${password}"`) + more;
  };
  const recorded = new Vipd(lb01.host, {
    ...{ config: await config("lb01"), binary },
    before: ["sh", "-c", `exec "$@" --record ${FILE}`, "sh"],
  });
  const other = new Vipd(lb02.host, { config: await config("lb02"), binary });

  await recorded.start();
  await other.start();
  await holders.heldBy("lb01", 20_000);
  await lb01.nginx.crash();
  await holders.heldBy("lb02", 10_000);
  await recorded.reload(await config("lb01", "\nstart_delay: 0s\n"));
  await lb01.nginx.start();
  await holders.heldBy("lb01", 15_000);
  // The pair settles: each has heard the other in its new state.
  await sleep(1000);
  const demoted = await recorded.send(INSTANCE, "demote");
  assert.equal(demoted.status, 200, JSON.stringify(demoted.body));
  await holders.heldBy("lb02", 5000);
  await sleep(1000);
  await lb01.host.run(["ip", "link", "set", "eth1", "down"]);
  await sleep(1000);
  await lb01.host.run(["ip", "link", "set", "eth1", "up"]);
  await sleep(1000);
  await recorded.stop();

  const mode = await lb01.host.run(["stat", "--format", "%a", FILE]);
  assert.equal(mode.stdout.trim(), "600");
  const { stdout: text } = await lb01.host.run(["cat", FILE]);
  for (const secret of [password, new TextEncoder().encode(password).toHex()]) {
    assert.ok(!text.includes(secret));
  }
  const path = Deno.env.get("VIPD_RECORDING");
  if (path !== undefined) await Deno.writeTextFile(path, text);
  const [run] = readRuns(text);
  const states = run!.turns.flatMap(({ did = [] }) => did)
    .filter((did) => did.do === "journal" && JSON.stringify(did.with).includes("state_changed"));
  assert.ok(states.length >= 4, "it was master and was not, again and again");
  const { difference } = await replay(run!);
  assert.ok(difference === null, difference ? differenceText(difference) : "");

  await t.step("and what the documents type to debug in the lab does what they say", async () => {
    const folder = await Deno.makeTempDir({ prefix: "vipd-debug-" });
    try {
      await debugAsDescribed(lb02.host, lb01.host, `${folder}/recording.jsonl`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
