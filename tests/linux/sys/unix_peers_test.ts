import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { UnixPeers } from "../../../src/linux/sys/unix_peers.ts";

interface Rig {
  readonly peers: UnixPeers;
  /** The server's end of a new connection to the socket of this name. */
  come(name: string): Promise<Deno.Conn>;
}

async function withSockets(act: (rig: Rig) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const listeners = new Map(["a", "b"].map((name) => {
    const path = join(folder, name);
    return [name, Deno.listen({ transport: "unix", path })];
  }));
  const open: Deno.Conn[] = [];
  const come = async (name: string) => {
    const connecting = Deno.connect({ transport: "unix", path: join(folder, name) });
    const [server, client] = await Promise.all([listeners.get(name)!.accept(), connecting]);
    open.push(server, client);
    return server;
  };
  try {
    await act({ peers: new UnixPeers(Libc.open()), come });
  } finally {
    for (const each of [...open, ...listeners.values()]) each.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("each connection of a unix socket has a user, however many there are", async () => {
  await withSockets(async ({ peers, come }) => {
    for (const name of ["a", "b", "a", "a", "b"]) {
      strictEqual(peers.userOf(await come(name)), Deno.uid());
    }
  });
});

Deno.test("a user is not guessed: of two that came, of one that was asked for, of TCP", async () => {
  await withSockets(async ({ peers, come }) => {
    const first = await come("a");
    const second = await come("a");
    deepStrictEqual([peers.userOf(first), peers.userOf(second)], [null, null]);
    const third = await come("a");
    deepStrictEqual([peers.userOf(third), peers.userOf(third)], [Deno.uid(), null]);
    const localAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
    strictEqual(peers.userOf({ localAddr }), null);
  });
});
