/** What the machine does to vipd: its network is configured again, it reboots, its power is cut. */

import assert from "node:assert/strict";
import type { JournalEntry } from "../../src/status/journal.ts";
import { INSTANCE, type Node, overrideOf, type Pair } from "./pair.ts";

const JOURNAL = "/var/lib/vipd/journal.jsonl";

/** systemd-networkd knows nothing of the virtual address, and may remove it: it is there again. */
export async function networkRestarts(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  await node.run("systemctl restart systemd-networkd");
  await node.eventually(
    "the virtual address",
    async () => (await node.run("ip -oneline address show dev eth0")).includes(" 192.168.31.5/24 "),
  );
  await pair.servedBy(node.name);
  assert.deepEqual((await node.serves()).engine, before.engine);
}

/** An override outlives a reboot, and both units come with the machine. */
export async function reboots(pair: Pair, node: Node, other: Node): Promise<void> {
  await pair.settles();
  await node.command(`demote ${INSTANCE}`);
  await pair.servedBy(other.name);
  await node.guest.reboot();
  const { status } = await node.serves();
  assert.equal(overrideOf(status), "demoted");
  await pair.servedBy(other.name);
  await node.command(`release ${INSTANCE}`);
  await pair.servedBy(node.name);
}

/** What was answered is on the disk: an override stands after the power was cut, and the journal has what it had. */
export async function powerCut(pair: Pair, node: Node, other: Node): Promise<void> {
  await pair.settles();
  const before = await journal(node);
  await node.command(`promote ${INSTANCE}`);
  await node.guest.cutPower();
  await pair.servedBy(other.name);

  await node.guest.boot();
  const { status } = await node.serves();
  assert.equal(overrideOf(status), "promoted");
  await pair.servedBy(node.name);
  const after = await journal(node);
  assert.deepEqual(after.slice(0, before.length), before);
  assert.ok(after.length > before.length);
  await node.command(`release ${INSTANCE}`);
  await pair.servedBy(other.name);
}

async function journal(node: Node): Promise<JournalEntry[]> {
  const text = await node.run(`cat ${JOURNAL}`);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
