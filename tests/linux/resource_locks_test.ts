/** Locks between the daemons of one network namespace. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ip, namespaceTest, openHost, until } from "./namespace.ts";

const ADDRESS = "address 192.168.31.5";
const LONG = `routing ${"x".repeat(200)}`;

/** A process that holds the locks until it is killed. */
function holder(locks: readonly string[], before: readonly string[] = []) {
  const module = new URL("../../src/linux/host.ts", import.meta.url).href;
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
