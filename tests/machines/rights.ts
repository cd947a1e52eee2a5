/** What the front's user may not do, as the kernel and systemd of a whole machine see it. */

import assert from "node:assert/strict";
import type { Node } from "./pair.ts";

/** CAP_NET_ADMIN and CAP_NET_RAW. */
const ENGINE_CAPABILITIES = 0x3000n;

const AS_FRONT = "setpriv --reuid=vipd-front --regid=vipd-front --clear-groups";

/** The processes as the kernel sees them, proc_pid_status(5). */
export async function confined(node: Node): Promise<void> {
  const { engine, front } = await node.serves();
  const expected = [
    {
      pid: engine.pid,
      user: "vipd",
      groups: ["vipd", "vipd-front"],
      capabilities: ENGINE_CAPABILITIES,
    },
    { pid: front.pid, user: "vipd-front", groups: ["vipd-front"], capabilities: 0n },
  ];
  for (const { pid, user, groups, capabilities } of expected) {
    const text = await node.run(`cat /proc/${pid}/status`);
    const value = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(text)![1]!.trim();
    const id = async (database: string, name: string) =>
      (await node.run(`getent ${database} ${name} | cut -d: -f3`)).trim();
    assert.deepEqual(value("Uid").split("\t"), Array(4).fill(await id("passwd", user)), user);
    const own = await Promise.all(groups.map((group) => id("group", group)));
    assert.deepEqual(value("Groups").split(" ").toSorted(), own.toSorted(), user);
    for (const set of ["CapPrm", "CapEff", "CapBnd"]) {
      assert.equal(BigInt(`0x${value(set)}`), capabilities, `${user} ${set}`);
    }
    assert.equal(BigInt(`0x${value("CapAmb")}`), 0n, user);
    assert.equal(value("NoNewPrivs"), "1", user);
    // A filter of system calls.
    assert.equal(value("Seccomp"), "2", user);
  }
}

/** The front's user, and a process in the front's place, may touch nothing of the engine's. */
export async function refused(node: Node): Promise<void> {
  const { engine, front } = await node.serves();
  const key = "/etc/vipd/vrrp.key";
  await node.run(`echo secret >${key} && chown root:vipd ${key} && chmod 640 ${key}`);
  const attempts: Readonly<Record<string, RegExp>> = {
    [`kill -TERM ${engine.pid}`]: /not permitted|No such process/,
    [`kill -KILL ${engine.pid}`]: /not permitted|No such process/,
    "touch /run/vipd/x": /Permission denied|Read-only/,
    "mv /run/vipd/engine.sock /run/vipd/x": /Permission denied|Read-only/,
    "touch /var/lib/vipd/x": /Permission denied|Read-only/,
    "cat /var/lib/vipd/state.json": /Permission denied/,
    "cat /etc/vipd/vipd.yaml": /Permission denied/,
    "cat /run/vipd/token": /Permission denied/,
    [`cat ${key}`]: /Permission denied/,
    [`cat /proc/${engine.pid}/environ`]: /Permission denied|No such file/,
    "ip address add 192.0.2.1/32 dev eth0": /not permitted/,
  };
  const inItsPlace = `nsenter --target ${front.pid} --mount`;
  for (const [attempt, refusal] of Object.entries(attempts)) {
    for (const place of ["", inItsPlace]) {
      const { code, said } = await node.tried(`${place} ${AS_FRONT} ${attempt}`);
      assert.notEqual(code, 0, attempt);
      assert.match(said, refusal, `${place} ${attempt}: ${said}`);
    }
  }
  await node.run(`rm ${key}`);
  assert.deepEqual((await node.units()).engine, engine);
}
