/** Upgrade from the version before, and back, while a client asks. */

import assert from "node:assert/strict";
import { replacePackage } from "./installing.ts";
import type { Packages } from "./packages.ts";
import { INSTANCE, type Node, overrideOf, type Pair } from "./pair.ts";

/** One unit becomes two, on the backup first; an override and the token outlive it. */
export async function upgrade(pair: Pair, { present }: Packages): Promise<void> {
  const { lb01, lb02 } = pair.nodes;
  await pair.both((node) => node.answers());
  await pair.servedBy("lb01");
  const token = await tokenOf(lb02);
  await lb02.command(`demote ${INSTANCE}`);
  const answered = await pair.withoutLoss(async () => {
    await replacePackage(lb02, present);
    assert.equal(overrideOf((await lb02.serves()).status), "demoted");
    await lb02.command(`release ${INSTANCE}`);
    await replacePackage(lb01, present);
    await pair.settles();
  });
  assert.deepEqual(answered.toSorted(), ["lb01", "lb02"]);
  assert.equal(await tokenOf(lb02), token);
}

/** Two units become one: no front is left that would keep the API's port. */
export async function downgrade(pair: Pair, { previous }: Packages): Promise<void> {
  const { lb01, lb02 } = pair.nodes;
  await pair.settles();
  await pair.withoutLoss(async () => {
    for (const node of [lb02, lb01]) {
      await replacePackage(node, previous);
      await node.answers();
      assert.equal((await node.tried("pgrep --euid vipd-front")).said, "");
      assert.match(await node.run("systemctl is-active vipd"), /^active$/m);
      assert.equal(await node.run("ls /run | grep front || true"), "");
    }
    await pair.servedBy("lb01");
  });
}

/** The present executable, and its units, in the place of the version before: a node that is alone. */
export async function backAlone(node: Node, { present }: Packages): Promise<void> {
  await replacePackage(node, present);
  await node.serves();
}

async function tokenOf(node: Node): Promise<string> {
  return await node.run("cat /run/vipd/token");
}
