/** The package goes, and what it leaves. */

import assert from "node:assert/strict";
import type { Node } from "./pair.ts";

const CONFIG = "/etc/vipd/vipd.yaml";

/** Where packages of any kind leave their traces, and what is no place of vipd's. */
const ELSEWHERE = [
  "/proc",
  "/sys",
  "/tmp",
  "/usr/share/man",
  "/var/lib/dpkg",
  "/var/log",
  "/var/cache/apt",
];

/** A removal ends both and leaves configuration and state. */
export async function remove(node: Node): Promise<void> {
  await node.serves();
  await node.run("apt-get remove --yes vipd");
  assert.equal((await node.tried("pgrep --euid vipd,vipd-front")).said, "");
  for (const list of ["list-unit-files", "list-units --all"]) {
    assert.equal((await node.tried(`systemctl ${list} --no-legend 'vipd*'`)).said, "", list);
  }
  assert.equal(await node.run("ss --listening --no-header --tcp '( sport = :9112 )'"), "");
  assert.doesNotMatch(await node.run("ss --listening --no-header --unix"), /vipd/);
  assert.doesNotMatch(await node.run("ip -oneline address"), /192\.168\.31\.5\//);
  assert.equal(await node.run("ls -d /run/vipd /run/vipd-front 2>/dev/null || true"), "");
  assert.notEqual((await node.tried("test -e /usr/bin/vipd")).code, 0);
  assert.match(await node.run(`cat ${CONFIG}`), /instances:/);
}

/** A purge leaves the users, Debian Policy 9.2, and nothing that is theirs. */
export async function purge(node: Node): Promise<void> {
  await node.run("dpkg --purge vipd");
  for (const user of ["vipd", "vipd-front"]) await node.run(`getent passwd ${user}`);
  const pruned = ELSEWHERE.map((path) => `-path ${path}`).join(" -o ");
  const found = (which: string) => node.run(`find / \\( ${pruned} \\) -prune -o ${which} -print`);
  assert.equal(await found("\\( -user vipd -o -user vipd-front \\)"), "");
  assert.equal(await found("-name '*vipd*'"), "");
}
