/** How answers go out, over raw sockets. */

import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { delay, exchange, parseResponses, RawClient, serving } from "./raw.ts";

const request = (method = "GET", version = "1.1", fields = "") =>
  `${method} / HTTP/${version}\r\nHost: a\r\n${fields}\r\n`;

/** A body that yields these texts with pauses between them. */
function dripping(...texts: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      for (const text of texts) {
        await delay(20);
        controller.enqueue(encoder.encode(text));
      }
      controller.close();
    },
  });
}

interface Case {
  readonly name: string;
  readonly answer: () => Response;
  readonly ask?: string;
  readonly status?: number;
  readonly body: string;
  /** Fields that must be there with this value, or not be there. */
  readonly fields: Readonly<Record<string, string | null>>;
  readonly closed?: boolean;
}

const CASES: readonly Case[] = [
  {
    name: "a text",
    answer: () => new Response("grüße"),
    body: "gr\xc3\xbc\xc3\x9fe",
    fields: { "content-length": "7", "transfer-encoding": null, "connection": null },
  },
  {
    name: "an empty text",
    answer: () => new Response(""),
    body: "",
    fields: { "content-length": "0" },
  },
  {
    name: "no body",
    answer: () => new Response(null),
    body: "",
    fields: { "content-length": "0" },
  },
  {
    name: "a stream that has all of it at once",
    answer: () => new Response(ReadableStream.from([new TextEncoder().encode("all")])),
    body: "all",
    fields: { "content-length": "3", "transfer-encoding": null },
  },
  {
    name: "a stream",
    answer: () => new Response(dripping("one", "two")),
    body: "onetwo",
    fields: { "content-length": null, "transfer-encoding": "chunked" },
  },
  {
    name: "a stream of nothing",
    answer: () => new Response(dripping()),
    body: "",
    fields: { "content-length": "0" },
  },
  {
    name: "a stream for HTTP/1.0, whose end is that of the connection",
    answer: () => new Response(dripping("one", "two")),
    ask: request("GET", "1.0", "Connection: keep-alive\r\n"),
    body: "onetwo",
    fields: { "content-length": null, "transfer-encoding": null, "connection": "close" },
    closed: true,
  },
  {
    name: "a text for HTTP/1.0 that asks to go on",
    answer: () => new Response("x"),
    ask: request("GET", "1.0", "Connection: keep-alive\r\n"),
    body: "x",
    fields: { "content-length": "1", "connection": "keep-alive" },
  },
  {
    name: "a text for a client that asks to end",
    answer: () => new Response("x"),
    ask: request("GET", "1.1", "Connection: close\r\n"),
    body: "x",
    fields: { "connection": "close" },
    closed: true,
  },
  {
    name: "HEAD",
    answer: () => new Response("body", { headers: { "x-kept": "yes" } }),
    ask: request("HEAD"),
    body: "",
    fields: { "x-kept": "yes", "content-length": null, "transfer-encoding": null },
  },
  {
    name: "HEAD of a stream",
    answer: () => new Response(dripping("one")),
    ask: request("HEAD"),
    body: "",
    fields: { "content-length": null, "transfer-encoding": null },
  },
  {
    name: "204",
    answer: () => new Response(null, { status: 204 }),
    status: 204,
    body: "",
    fields: { "content-length": null, "transfer-encoding": null },
  },
  {
    name: "304",
    answer: () => new Response(null, { status: 304, headers: { etag: '"x"' } }),
    status: 304,
    body: "",
    fields: { "etag": '"x"', "content-length": null, "transfer-encoding": null },
  },
  {
    name: "fields that are the server's business",
    answer: () =>
      new Response("x", {
        headers: {
          "content-length": "99",
          "transfer-encoding": "gzip",
          "connection": "upgrade",
          "upgrade": "x",
          "keep-alive": "1",
          "date": "yesterday",
        },
      }),
    body: "x",
    fields: {
      "content-length": "1",
      "transfer-encoding": null,
      "connection": null,
      "upgrade": null,
      "keep-alive": null,
    },
  },
  {
    name: "Latin-1 in a field",
    answer: () => new Response("x", { headers: { "x-name": "\xe4" } }),
    body: "x",
    fields: { "x-name": "\xe4" },
  },
];

Deno.test("answers have the framing that their client understands", async (t) => {
  let answer: () => Response = () => new Response();
  await serving(() => answer(), async ({ port }) => {
    for (
      const { name, ask = request(), status = 200, body, fields, closed = false, ...rest } of CASES
    ) {
      await t.step(name, async () => {
        answer = rest.answer;
        const got = await exchange(port, ask);
        const end = got.text.indexOf("\r\n\r\n");
        const whole = parseResponses(got.text)[0]!;
        assert.equal(whole.status, status);
        // Without a length all that follows is the body.
        assert.equal(ask.startsWith("HEAD") ? got.text.slice(end + 4) : whole.body, body);
        for (const [field, value] of Object.entries(fields)) {
          assert.equal(whole.headers.get(field) ?? null, value, field);
        }
        const date = Date.parse(whole.headers.get("date") ?? "");
        assert.ok(Math.abs(date - Date.now()) < 5000, whole.headers.get("date"));
        assert.equal(got.closed, closed);
      });
    }
  });
});

Deno.test("a stream's head and each of its chunks go out at once", async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const handler: Handler = () =>
    new Response(new ReadableStream({ start: (it) => void (controller = it) }));
  await serving(handler, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(request());
    await client.until("the head", (text) => text.endsWith("\r\n\r\n"));
    for (const [text, chunk] of [["tick", "4\r\ntick\r\n"], ["tock!", "5\r\ntock!\r\n"]]) {
      controller!.enqueue(new TextEncoder().encode(text));
      await client.until(text!, (all) => all.endsWith(chunk!));
    }
    controller!.close();
    const [answer] = await client.responses(1);
    assert.equal(answer!.body, "ticktock!");
    // The connection goes on.
    await client.send(request());
    await client.until("another head", (text) => text.split("HTTP/1.1 200").length === 3);
  });
});

Deno.test("a stream is cancelled when its client goes away, and at once", async (t) => {
  const ways: Record<string, (client: RawClient) => unknown> = {
    "by closing": (client) => client[Symbol.dispose](),
    "by saying that it sends nothing more": (client) => client.finish(),
  };
  for (const [name, leave] of Object.entries(ways)) {
    await t.step(name, async () => {
      const { promise: cancelled, resolve } = Promise.withResolvers<void>();
      const handler: Handler = () => new Response(new ReadableStream({ cancel: () => resolve() }));
      await serving(handler, async ({ port, connections }) => {
        const client = await RawClient.connect(port);
        await client.send(request());
        await client.until("the head", (text) => text.endsWith("\r\n\r\n"));
        leave(client);
        await cancelled;
        client[Symbol.dispose]();
        await delay(20);
        assert.equal(connections.open, 0);
      });
    });
  }
});

Deno.test("a request that arrives while a stream runs is answered after it, and disturbs it not", async () => {
  let streams = 0;
  const handler: Handler = () =>
    streams++ === 0 ? new Response(dripping("a", "b", "c")) : new Response("second");
  await serving(handler, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(request());
    await client.until("the first chunk", (text) => text.includes("1\r\na\r\n"));
    await client.send(request());
    const responses = await client.responses(2);
    assert.deepEqual(responses.map(({ body }) => body), ["abc", "second"]);
  });
});

Deno.test("a stream that breaks off ends the connection without the end of the stream", async () => {
  const handler: Handler = () =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode("half"));
          await delay(20);
          controller.error(new Error("broken"));
        },
      }),
    );
  await serving(handler, async ({ port, failures }) => {
    using client = await RawClient.connect(port);
    await client.send(request());
    await client.untilClosed();
    assert.match(client.text, /4\r\nhalf\r\n$/);
    assert.deepEqual(failures, []);
  });
});

Deno.test("what the handler throws is reported and answered with 500", async () => {
  const wrong = new Error("a defect");
  const handler: Handler = ({ url }) => {
    if (url.endsWith("/wrong")) throw wrong;
    return new Response("well");
  };
  await serving(handler, async ({ port, failures }) => {
    using client = await RawClient.connect(port);
    await client.send(request().replace("/ ", "/wrong ") + request());
    const responses = await client.responses(2);
    assert.deepEqual(responses.map(({ status }) => status), [500, 200]);
    assert.deepEqual(failures, [wrong]);
  });
});

Deno.test("a client that closed its sending side gets its answer", async () => {
  const handler: Handler = async () => {
    await delay(30);
    return new Response("late");
  };
  await serving(handler, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(request());
    await client.finish();
    await client.untilClosed();
    assert.deepEqual(parseResponses(client.text).map(({ body }) => body), ["late"]);
  });
});
