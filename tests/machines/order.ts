/** Both units start, stop, reload and restart, in every order. */

import assert from "node:assert/strict";
import { assertReplaced, assertUntouched, INSTANCE, type Node } from "./pair.ts";

const CONFIG = "/etc/vipd/vipd.yaml";

/** When a unit was inactive, in microseconds since the boot. */
const INACTIVE_SINCE = "systemctl show --value --property=InactiveEnterTimestampMonotonic";

/** A stop ends both, the engine first; a start begins both. */
export async function stopAndStart(node: Node): Promise<void> {
  const before = await node.serves();
  await node.run("systemctl stop vipd");
  await stopped(node);
  const [engine, front] = (await node.run(`${INACTIVE_SINCE} vipd vipd-front`)).trim()
    .split(/\n+/).map(Number);
  assert.ok(engine! > 0 && engine! < front!, `the engine at ${engine}, the front at ${front}`);
  await node.run("systemctl start vipd");
  const after = await node.serves();
  assertReplaced(before.engine, after.engine);
  assertReplaced(before.front, after.front);
}

/** The front waits for an engine that comes later. */
export async function frontBeforeEngine(node: Node): Promise<void> {
  await node.run("systemctl stop vipd");
  await stopped(node);
  await node.run("systemctl start vipd-front");
  const alone = await node.units();
  assert.deepEqual([alone.engine.active, alone.front.active], ["inactive", "active"]);
  await node.run("systemctl start vipd");
  assertUntouched(alone.front, (await node.serves()).front);
}

/** An engine without a front is an engine; a front that comes later serves. */
export async function engineWithoutFront(node: Node): Promise<void> {
  const before = await node.serves();
  await node.run("systemctl stop vipd-front");
  assert.equal(await node.status(), null);
  await node.eventually(
    "the alarm",
    async () => (await node.run("cat /run/vipd/status.json")).includes("api_down"),
  );
  assertUntouched(before.engine, (await node.units()).engine);
  await node.run("systemctl start vipd-front");
  const after = await node.serves();
  assertUntouched(before.engine, after.engine);
  assertReplaced(before.front, after.front);
  await node.eventually(
    "the end of the alarm",
    async () => (await node.answers()).alarms.every(({ code }) => code !== "api_down"),
  );
}

export async function frontRestarts(node: Node): Promise<void> {
  const before = await node.serves();
  await node.run("systemctl restart vipd-front");
  const after = await node.serves();
  assertUntouched(before.engine, after.engine);
  assertReplaced(before.front, after.front);
}

/** A restart of vipd is one of both, of a front that was stopped as well. */
export async function bothRestart(node: Node): Promise<void> {
  const before = await node.serves();
  await node.run("systemctl restart vipd");
  const after = await node.serves();
  assertReplaced(before.engine, after.engine);
  assertReplaced(before.front, after.front);
  await node.run("systemctl stop vipd-front && systemctl restart vipd");
  const again = await node.serves();
  assertReplaced(after.engine, again.engine);
  assertReplaced(after.front, again.front);
}

/** Named together, in one order and the other. */
export async function bothNamed(node: Node): Promise<void> {
  await node.run("systemctl stop vipd-front vipd");
  await stopped(node);
  await node.run("systemctl start vipd-front vipd");
  const before = await node.serves();
  await node.run("systemctl restart vipd vipd-front");
  const after = await node.serves();
  assertReplaced(before.engine, after.engine);
  assertReplaced(before.front, after.front);
}

/** A reload takes what changed, and neither process ends; what is wrong is refused, and the old one runs on. */
export async function reload(node: Node): Promise<void> {
  const before = await node.serves();
  const priority = async () => {
    const { instances } = await node.answers();
    return instances.find(({ name }) => name === INSTANCE)!.priority.configured;
  };
  const configured = await priority();
  const edit = (from: string, to: string) => node.run(`sed -i 's/${from}/${to}/' ${CONFIG}`);
  const line = (value: number) => `priority: ${value}`;

  await edit(line(configured), line(configured + 7));
  await node.run("systemctl reload vipd");
  await node.eventually("the new priority", async () => await priority() === configured + 7);
  await edit("preempt: true", "preempt: maybe");
  const refused = await node.tried("systemctl reload vipd");
  assert.notEqual(refused.code, 0);
  await edit("preempt: maybe", "preempt: true");
  await edit(line(configured + 7), line(configured));
  await node.run("systemctl reload vipd");
  await node.eventually("the old priority", async () => await priority() === configured);

  const after = await node.serves();
  assertUntouched(before.engine, after.engine);
  assertUntouched(before.front, after.front);
}

/** `systemctl stop vipd` waits for the engine alone. */
async function stopped(node: Node): Promise<void> {
  await node.eventually("both to stop", async () => {
    const { engine, front } = await node.units();
    return engine.active === "inactive" && front.active === "inactive";
  });
}
