/** Locks between the daemons of one network namespace. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config } from "../../../src/sim/cluster.ts";
import { SimStore } from "../../../src/sim/store.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";

const ADDRESS = "address 192.168.31.5";
const LONG = `routing ${"x".repeat(200)}`;

/** A process that holds the locks until it is killed. */
function holder(locks: readonly string[], before: readonly string[] = []) {
  const module = new URL("../../../src/linux/host.ts", import.meta.url).href;
  const code = `
    const { LinuxHost } = await import(${JSON.stringify(module)});
    const host = LinuxHost.open({ onError: console.error });
    for (const lock of ${JSON.stringify(locks)}) {
      if (host.lock(lock) !== null) throw new Error("taken: " + lock);
    }
    await Deno.stdout.write(new TextEncoder().encode("ready"));
    setInterval(() => {}, 1000);
  `;
  const [program, ...args] = [...before, Deno.execPath(), "eval", "--no-check", code];
  return new Deno.Command(program!, { args, stdout: "piped" }).spawn();
}

async function ready(child: Deno.ChildProcess): Promise<void> {
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
}

namespaceTest(
  import.meta.url,
  "what another process has locked is known with its id, and free when that ends",
  async () => {
    const other = holder([ADDRESS, LONG]);
    await ready(other);
    const host = openHost();
    const name = (await Deno.readTextFile(`/proc/${other.pid}/comm`)).trim();
    for (const lock of [ADDRESS, LONG]) {
      deepStrictEqual(host.lock(lock), { pid: other.pid, name });
      deepStrictEqual(host.lockHolder(lock), { pid: other.pid, name });
    }
    for (let n = 0; n < 200; n++) strictEqual(host.lock(ADDRESS)?.pid, other.pid, `again: ${n}`);
    strictEqual(host.lock("address 192.168.31.6"), null);
    strictEqual(host.lock("address 192.168.31.6"), null, "taken again is no conflict");
    strictEqual(host.lockHolder("address 192.168.31.6"), null, "one's own is nobody else's");
    other.kill("SIGKILL");
    await other.status;
    await until("it is free", () => host.lock(ADDRESS) === null);
    host.unlock(ADDRESS);
    const next = holder([ADDRESS]);
    await ready(next);
    strictEqual(host.lockHolder(ADDRESS)?.pid, next.pid);
    next.kill("SIGKILL");
    await next.status;
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a lock holds within its network namespace, as addresses do",
  async () => {
    ip("link set lo up");
    const other = holder([ADDRESS], ["unshare", "-n"]);
    await ready(other);
    const host = openHost();
    strictEqual(host.lock(ADDRESS), null);
    other.kill("SIGKILL");
    await other.status;
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "locks cost so many descriptors and no more; beyond, another's are still known",
  async () => {
    const other = holder([ADDRESS]);
    await ready(other);
    const host = openHost();
    const descriptors = () => Array.from(Deno.readDirSync("/proc/self/fd")).length;
    const before = descriptors();
    for (let n = 0; n < 2000; n++) strictEqual(host.lock(`address ${n}`), null);
    strictEqual(descriptors() - before, 500);
    strictEqual(host.lock(ADDRESS)?.pid, other.pid);
    other.kill("SIGKILL");
    await other.status;
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an address that a daemon without locks renews stays, and is known as that within one renewal",
  async () => {
    ip("link add eth0 type veth peer name far0");
    for (const name of ["far0", "eth0"]) ip(`link set ${name} up`);
    ip("address add 192.168.31.11/24 dev eth0");
    const vip = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
    const other = openHost();
    strictEqual(other.addAddress(vip, 2), null);
    const renewing = setInterval(() => other.renewAddresses([vip], 2, () => {}), 500);
    let removed = false;
    other.watchInterfaces(() => {
      const { addresses } = other.interfaceState("eth0")!;
      removed ||= !addresses.some(({ address }) => address === vip.address);
    });
    const host = openHost();
    const instance = { interface: "eth0", addresses: [vip], leaseSeconds: 2 };
    const node = new LoadBalancer(config("lb01", instance), host, {
      ...{ version: "0.0.0-test", isOwn: () => false },
      store: new SimStore({ text: null, broken: false, hung: false }),
    });
    node.start();
    strictEqual(node.status().instances[0]!.state, "backup", "nothing waits for it");
    await until("it is known", () => node.status().instances[0]!.state === "fault");
    await delay(1000);
    strictEqual(removed, false);
    clearInterval(renewing);
    await node.stop();
    for (const each of [host, other]) await each.close();
  },
);
