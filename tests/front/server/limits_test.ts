/** What one client may use, over raw sockets. */

import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { descriptorLimit, httpLimits } from "../../../src/front/server/limits.ts";
import { delay, exchange, parseResponses, RawClient, serving } from "./raw.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const ok: Handler = () => new Response("ok");
/** Reads what there is of the body. */
const reading: Handler = async (request) => {
  const octets = await request.bytes().then((all) => all.length, () => "broken off");
  return Response.json(octets);
};

Deno.test("amounts are limited", async (t) => {
  const cases = [
    ["a head of 15 kB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(15_000)}\r\n\r\n`, 200],
    ["a head of 21 kB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(21_000)}\r\n\r\n`, 431],
    ["a target of 21 kB", `GET /${"x".repeat(21_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ["a name of 21 kB", `GET / HTTP/1.1\r\nHost: a\r\n${"x".repeat(21_000)}: y\r\n\r\n`, 431],
    ["21 kB of empty lines", "\r\n".repeat(10_500) + GET, 431],
    ["100 fields", `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(99)}\r\n`, 200],
    ["101 fields", `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(100)}\r\n`, 431],
    ["101 fields without values", `GET / HTTP/1.1\r\nHost: a\r\n${"X:\r\n".repeat(100)}\r\n`, 431],
  ] as const;
  await serving(ok, async ({ port }) => {
    for (const [name, send, want] of cases) {
      await t.step(name, async () => {
        const { responses, closed } = await exchange(port, send);
        assert.deepEqual(responses.map(({ status }) => status), [want]);
        assert.equal(closed, want !== 200);
      });
    }
  });
});

Deno.test("a body is limited, however it comes", async (t) => {
  const chunks = (size: number, count: number, extension = "") =>
    `${size.toString(16)}${extension}\r\n${"x".repeat(size)}\r\n`.repeat(count) + "0\r\n";
  const length = (octets: number) =>
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${octets}\r\n\r\n${"x".repeat(octets)}`;
  const cases = [
    ["60 kB", length(60_000), 60_000],
    ["80 kB", length(80_000), "broken off"],
    ["60 kB in chunks", `${CHUNKED}${chunks(1000, 60)}\r\n`, 60_000],
    ["80 kB in chunks", `${CHUNKED}${chunks(1000, 80)}\r\n`, "broken off"],
    [
      "extensions of 30 kB",
      `${CHUNKED}${chunks(100, 30, `;${"e".repeat(1000)}`)}\r\n`,
      "broken off",
    ],
    [
      "one extension of 30 kB",
      `${CHUNKED}${chunks(1, 1, `;${"e".repeat(30_000)}`)}\r\n`,
      "broken off",
    ],
    [
      "trailers of 30 kB",
      `${CHUNKED}${chunks(1, 1)}X: ${"t".repeat(30_000)}\r\n\r\n`,
      "broken off",
    ],
    ["101 trailers", `${CHUNKED}${chunks(5000, 1)}${"T: t\r\n".repeat(101)}\r\n`, "broken off"],
    ["30,000 zeros of a size", `${CHUNKED}${"0".repeat(30_000)}1\r\nx\r\n0\r\n\r\n`, "broken off"],
  ] as const;
  await serving(reading, async ({ port }) => {
    for (const [name, send, want] of cases) {
      await t.step(name, async () => {
        const { responses, closed } = await exchange(port, send);
        assert.deepEqual(responses.map(({ body }) => JSON.parse(body)), [want]);
        assert.equal(closed, want === "broken off");
      });
    }
  });
});

Deno.test("a body is read no faster than the handler takes it", async () => {
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const handler: Handler = async () => {
    await done;
    return new Response("now");
  };
  await serving(handler, async ({ port }) => {
    using client = await RawClient.connect(port);
    const octets = 64 * 1024 * 1024;
    await client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${octets}\r\n\r\n`);
    let sent = 0;
    const sending = (async () => {
      for (const block = "x".repeat(65_536); sent < octets; sent += block.length) {
        await client.send(block);
      }
    })().catch(() => {});
    await delay(300);
    // What the kernel keeps for both ends, and no more.
    assert.ok(sent < octets / 2, `${sent} octets were taken`);
    finish();
    await sending;
  });
});

Deno.test("times are limited", async (t) => {
  const short = { headMs: 300, idleMs: 800, bodyMs: 300 };
  /** What is sent, and after how many milliseconds the connection ends at the earliest. */
  const cases: readonly (readonly [string, Handler, readonly string[], number])[] = [
    ["nothing is said", ok, [""], 300],
    ["half a head", ok, ["GET / HT"], 300],
    ["a head that comes slowly", ok, ["G", "E", "T", " ", "/", " ", "H", "T"], 300],
    ["no further request", ok, [GET], 800],
    ["half a further head", ok, [`${GET}GET`], 300],
    ["half a body that is read", reading, [`${CHUNKED}5\r\nxx`], 300],
    ["a body that comes slowly", reading, [CHUNKED, ..."1\r\nx\r\n1\r\nx\r\n"], 300],
  ];
  for (const [name, handler, pieces, wantMs] of cases) {
    await t.step(name, async () => {
      await serving(handler, async ({ port, connections }) => {
        using client = await RawClient.connect(port);
        const startMs = performance.now();
        for (const piece of pieces) {
          await client.send(piece).catch(() => {});
          if (pieces.length > 1) await delay(60);
        }
        await client.untilClosed();
        const tookMs = performance.now() - startMs;
        // The sweep comes every 250 ms.
        assert.ok(tookMs > wantMs - 260 && tookMs < wantMs + 2000, `${tookMs} ms`);
        assert.equal(connections.open, 0);
      }, short);
    });
  }
});

Deno.test("a handler may take its time, but only so long as its client is there to be answered", async () => {
  const handler: Handler = async () => {
    await delay(900);
    return new Response("thought about it");
  };
  await serving(handler, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(GET);
    const [answer] = await client.responses(1);
    assert.equal(answer!.body, "thought about it");
  }, { headMs: 200, idleMs: 200, bodyMs: 200, sliceMs: 200 });
});

Deno.test("a client that does not read is given up, one that reads slowly is not", async (t) => {
  const large = new Uint8Array(64 * 1024 * 1024);
  const sizes: Record<string, Handler> = {
    "an answer in one piece": () => new Response(large),
    "a stream": () =>
      new Response(ReadableStream.from(Array(1024).fill(large.subarray(0, 65_536)))),
  };
  for (const [name, handler] of Object.entries(sizes)) {
    await t.step(name, async () => {
      await serving(handler, async ({ port, connections }) => {
        using deaf = await Deno.connect({ hostname: "127.0.0.1", port });
        await deaf.write(new TextEncoder().encode(GET));
        using slow = await Deno.connect({ hostname: "127.0.0.1", port });
        await slow.write(new TextEncoder().encode(GET));
        const buffer = new Uint8Array(65_536);
        const startMs = performance.now();
        while (connections.open === 2) {
          assert.ok(performance.now() - startMs < 10_000, "the deaf one is still there");
          await slow.read(buffer);
          await delay(2);
        }
        assert.equal(connections.open, 1);
        assert.ok(await slow.read(buffer) !== null, "the slow one is gone");
      }, { sliceMs: 800, waitingOctets: 256 * 1024 * 1024 });
    });
  }
});

Deno.test("a connection has so many requests, and says which one is the last", async () => {
  await serving(ok, async ({ port }) => {
    const { responses, closed } = await exchange(port, GET.repeat(5), 3);
    assert.deepEqual(responses.map(({ headers }) => headers.get("connection")), [
      undefined,
      undefined,
      "close",
    ]);
    assert.equal(closed, true);
  }, { requests: 3 });
});

Deno.test("the limits follow from the descriptors that the process may have", () => {
  for (
    const [descriptors, connections] of [[64, 32], [1024, 512], [20_000, 512], [1, 8]] as const
  ) {
    const limits = httpLimits(descriptors);
    assert.equal(limits.connections, connections);
    assert.ok(limits.trustedConnections >= 1 && limits.trustedConnections < connections / 2);
  }
  const { stdout } = new Deno.Command("sh", { args: ["-c", "ulimit -Sn"] }).outputSync();
  const limits = Deno.readTextFileSync("/proc/self/limits");
  assert.equal(descriptorLimit(limits), Number(new TextDecoder().decode(stdout)));
});

Deno.test("answers of many refused requests are one each", async () => {
  await serving(ok, async ({ port }) => {
    const { text } = await exchange(port, `GET / HTTP/1.1\r\n\r\n${GET.repeat(10)}`);
    assert.equal(parseResponses(text).length, 1);
  });
});
