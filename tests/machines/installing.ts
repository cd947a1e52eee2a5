/** From fresh machines to a pair, as README.md and docs/install.md say. */

import assert from "node:assert/strict";
import type { BalancerName } from "../../lab/cluster.ts";
import { installCommands } from "../readme.ts";
import type { Node, Pair } from "./pair.ts";

const PACKAGE = "/tmp/vipd.deb";

/** `apt install`, as the guide says. */
export async function installPackage(node: Node, file: string): Promise<string> {
  await node.guest.copy(file, PACKAGE);
  return await node.run(`apt install --yes ${PACKAGE}`);
}

/** Another package in the place of the one that is installed, whichever is newer. */
export async function replacePackage(node: Node, file: string): Promise<string> {
  await node.guest.copy(file, PACKAGE);
  return await node.run(`dpkg --install ${PACKAGE}`);
}

/** A package alone enables nothing and, without a configuration, starts nothing. */
export async function assertNothingRuns(node: Node): Promise<void> {
  assert.equal((await node.tried("systemctl is-enabled vipd")).said.trim(), "disabled");
  await node.run("systemctl start vipd");
  const { said } = await node.tried("systemctl is-active vipd vipd-front");
  assert.deepEqual(said.trim().split("\n"), ["inactive", "inactive"]);
}

/**
 * The README's steps on these nodes, but for those that bring the executable: that is there.
 *
 * @returns command with its node, as the README writes it -> what it said
 */
export async function followReadme(
  pair: Pair,
  names: readonly BalancerName[],
): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const line of await installCommands()) {
    const [, name, command] = /^ssh root@(\w+) (.+)$/.exec(line) ?? [];
    if (command === undefined) {
      assert.match(line, /^(npx -y deno@\S+ task compile|scp dist\/vipd root@\w+:\S+)$/);
      continue;
    }
    const node = names.includes(name as BalancerName) ? pair.nodes[name as BalancerName] : null;
    if (node === null) continue;
    // A reader takes longer to type it.
    if (command === "vipd status") {
      await node.answers();
      await pair.servedBy("lb01");
    }
    said.set(line, await node.run(command));
  }
  return said;
}
