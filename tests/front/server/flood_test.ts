/** Many clients that only take places, in small: tests/bench has the figures. */

import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { httpLimits } from "../../../src/front/server/limits.ts";
import { delay, RawClient, serving } from "./raw.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const TRUSTED = GET.replace("\r\n\r\n", "\r\nAuthorization: yes\r\n\r\n");
/**
 * Of a process with 80 descriptors: 40 connections, 5 of them kept for clients with a token. All clients run in this
 * process too, so that it takes them longer to say something.
 */
const SMALL = { ...httpLimits(80), settleMs: 300 };

/** Believes every token. Streams what is more than any client's kernel takes. */
const handler: Handler = async (request, { trusted }) => {
  if (request.headers.has("authorization")) trusted();
  if (request.method === "POST") await request.text().catch(() => {});
  return new Response(request.url.endsWith("/large") ? new Uint8Array(3 * 1024 * 1024) : "here");
};

/** What an attacker says once, and never reads an answer. */
const ATTACKS: Readonly<Record<string, string>> = {
  "idle connections": "",
  "half heads": "GET / HTTP/1.1\r\nHost: a\r\nX-",
  "clients that do not read": "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
  "half bodies": "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx",
};

/** Sixty attackers that come again whenever they are sent away, for the time of `act`. */
async function under(attack: string, port: number, act: () => Promise<void>): Promise<void> {
  const text = new TextEncoder().encode(attack);
  let over = false;
  const open = new Set<Deno.Conn>();
  const attackers = Array.from({ length: 60 }, async () => {
    while (!over) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
      if (conn === null) return;
      open.add(conn);
      try {
        if (text.length > 0) await conn.write(text);
        // Sees the end without reading.
        while (!over) {
          await delay(20);
          if (attack !== ATTACKS["clients that do not read"]) await conn.write(text.subarray(0, 1));
        }
      } catch {
        // Sent away.
      }
      open.delete(conn);
      conn.close();
    }
  });
  try {
    await delay(200);
    await act();
  } finally {
    over = true;
    for (const conn of open) conn.close();
    await Promise.allSettled(attackers);
  }
}

for (const [name, attack] of Object.entries(ATTACKS)) {
  Deno.test(`${name}: a newcomer is answered, and who has shown a token stays`, async () => {
    await serving(handler, async ({ port, connections }) => {
      using trusted = await RawClient.connect(port);
      await trusted.send(TRUSTED);
      await trusted.responses(1);
      await under(attack, port, async () => {
        for (let time = 1; time <= 5; time++) {
          using newcomer = await RawClient.connect(port);
          await newcomer.send(GET);
          const [answer] = await newcomer.responses(1, 10_000);
          assert.equal(answer!.body, "here");
          await trusted.send(TRUSTED);
          await trusted.responses(1 + time, 10_000);
          assert.ok(connections.open <= SMALL.connections, `${connections.open} are open`);
          await delay(50);
        }
      });
      assert.equal(trusted.closed, false);
    }, SMALL);
  });
}

Deno.test("clients that do not read cost no more memory than is set aside for them", async () => {
  let answers = 0;
  const counting: Handler = () => {
    answers++;
    return new Response(new Uint8Array(1024 * 1024));
  };
  await serving(counting, async ({ port, connections }) => {
    const clients: Deno.Conn[] = [];
    for (let at = 0; at < 20; at++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      clients.push(conn);
      // Ten answers are more than the kernel takes for one who does not read.
      await conn.write(new TextEncoder().encode(GET.repeat(10)));
    }
    const startMs = performance.now();
    while (answers < 20 || connections.open > 3) {
      const seen = `${answers} answers, ${connections.open} are still waited for`;
      assert.ok(performance.now() - startMs < 5000, seen);
      await delay(20);
    }
    for (const conn of clients) conn.close();
  }, { waitingOctets: 3 * 1024 * 1024 });
});
