import assert from "node:assert/strict";
import { COMMON, delay, listen, openQueued, probeOnce } from "./probing.ts";

Deno.test("a tcp check passes where somebody accepts", async (t) => {
  for (const host of ["127.0.0.1", "::1"]) {
    await t.step(host, async () => {
      await using server = listen(() => Promise.resolve(), host);
      const result = await probeOnce({ ...COMMON, type: "tcp", host, port: server.port });
      assert.deepEqual([result.ok, result.detail], [true, "connected"]);
    });
  }
});

Deno.test("a tcp check fails where nobody listens", async () => {
  const server = listen(() => Promise.resolve());
  await server[Symbol.asyncDispose]();
  const { port } = server;
  const result = await probeOnce({ ...COMMON, type: "tcp", host: "127.0.0.1", port });
  assert.deepEqual([result.ok, result.detail], [false, "connection refused"]);
});

Deno.test("a tcp check fails for a name that does not exist", async () => {
  const result = await probeOnce({ ...COMMON, type: "tcp", host: "web.invalid", port: 80 });
  assert.deepEqual([result.ok, result.detail], [false, "cannot resolve web.invalid"]);
});

Deno.test("a closed tcp check reports nothing", async () => {
  await using server = listen(() => Promise.resolve());
  const { prober, results } = openQueued({
    ...COMMON,
    type: "tcp",
    host: "127.0.0.1",
    port: server.port,
  });
  prober.probe();
  prober.close();
  await delay(20);
  assert.deepEqual(results, []);
});
