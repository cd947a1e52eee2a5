/** A client of the API does not wait for ever for an answer that has begun, garbage collections or not. */

import assert from "node:assert/strict";
import { ApiClient } from "../../src/api/client.ts";
import { type ApiTarget, exchange } from "../../src/api/exchange.ts";
import { atMost } from "../../src/runtime/waiting.ts";

const TIMEOUT_MS = 1500;
const LATE_MS = 5000;

Deno.test("a stream of events ends with its signal", async () => {
  await using server = new UnendingServer("text/event-stream", "event: entry\ndata: {\n");
  const ending = new AbortController();
  const client = new ApiClient(server.target);
  const follow = async () => {
    for await (const _ of client.follow(0, ending.signal));
  };
  const following = follow().then(() => "ended", () => "ended");
  await server.begun;
  await collectGarbage();
  ending.abort();
  assert.equal(await atMost(following, LATE_MS, "it goes on"), "ended");
});

Deno.test("an answer that stops half way ends with its time", async () => {
  await using server = new UnendingServer("application/json", "{");
  const answer = exchange(server.target, "/v1/status", {}, TIMEOUT_MS).then(
    () => "answered",
    () => "ended",
  );
  await server.begun;
  await collectGarbage();
  assert.equal(await atMost(answer, LATE_MS, "it goes on"), "ended");
});

/** Begins each answer and never ends it. */
class UnendingServer implements AsyncDisposable {
  readonly #begun = Promise.withResolvers<void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(type: string, start: string) {
    const octets = new TextEncoder().encode(start);
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      this.#begun.resolve();
      const body = new ReadableStream({ start: (it) => it.enqueue(octets) });
      return new Response(body, { headers: { "content-type": type } });
    });
  }

  get target(): ApiTarget {
    return { kind: "http", url: `http://127.0.0.1:${this.#server.addr.port}` };
  }

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A client that does not end would keep it.
    await atMost(this.#server.shutdown(), LATE_MS, null);
  }
}

/** So much garbage that the engine collects all that it can, a moment after the head of an answer has come. */
async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let round = 0; round < 15; round++) {
    for (let index = 0; index < 20; index++) new Array(100_000).fill({ index });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
