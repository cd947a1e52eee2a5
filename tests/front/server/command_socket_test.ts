/** The socket of vipd's own commands while all other places are taken. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "../../../src/api/client.ts";
import { createApi } from "../../../src/front/http/app.ts";
import type { UnixUser } from "../../../src/front/server/connection.ts";
import { httpLimits } from "../../../src/front/server/limits.ts";
import { serveApi } from "./serve_api.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

/** Of a process with 128 descriptors: 64 connections, and 8 at the socket of the commands, 4 of them for its owners. */
const LIMITS = { ...httpLimits(128), settleMs: 60_000 };
const STRANGER: UnixUser = { uid: 1000, isOwner: false };
const ROOT: UnixUser = { uid: 0, isOwner: true };

interface Doors {
  readonly path: string;
  readonly port: number;
  /** Who comes next to a unix socket. */
  come(user: UnixUser): void;
}

async function withDoors(act: (doors: Doors) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "api.sock");
  let user = STRANGER;
  const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) });
  const server = await serveApi(
    [
      { kind: "tcp", host: "127.0.0.1", port: 0 },
      { kind: "unix", path, forCommands: true },
    ],
    app,
    { limits: LIMITS, unixUser: () => user },
  );
  const [tcp] = server.addresses;
  assert.ok(tcp?.kind === "tcp");
  try {
    await act({ path, port: tcp.port, come: (next) => user = next });
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function many(connect: () => Promise<Deno.Conn>): Promise<Disposable> {
  const open = await Promise.all(Array.from({ length: 70 }, connect));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { [Symbol.dispose]: () => open.forEach((conn) => conn.close()) };
}

Deno.test("the commands are answered while newcomers hold all places of another listener", async () => {
  await withDoors(async ({ path, port }) => {
    using _ = await many(() => Deno.connect({ hostname: "127.0.0.1", port }));
    const client = new ApiClient({ kind: "unix", path });
    // One gets in anyway; after it a listener without free places accepts nobody for a while.
    for (let time = 0; time < 2; time++) assert.equal((await client.status(2000)).node, "lb01");
  });
});

Deno.test("root is answered while another user holds all places of its socket", async () => {
  await withDoors(async ({ path, come }) => {
    using _ = await many(() => Deno.connect({ transport: "unix", path }));
    come(ROOT);
    const status = await new ApiClient({ kind: "unix", path }).status(2000);
    assert.equal(status.node, "lb01");
  });
});
