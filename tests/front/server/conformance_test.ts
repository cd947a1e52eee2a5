/** What the server understands, and what it refuses (RFC 9110, RFC 9112), over raw sockets. */

import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { delay, exchange, parseResponses, RawClient, serving } from "./raw.ts";

/** Says what it was asked. */
const ECHO: Handler = async (request) => {
  const body = await request.text().catch(() => "broken off");
  return Response.json({ method: request.method, url: request.url, body });
};

interface Case {
  readonly name: string;
  /** `§` stands for `Host: a\r\n`. */
  readonly send: string;
  /** The statuses of the answers, in order. */
  readonly want: readonly number[];
  /** Whether the connection ends. */
  readonly closed: boolean;
  /** The last answer that the handler gave. */
  readonly seen?: { method?: string; url?: string; body?: string };
}

const GET = "GET / HTTP/1.1\r\n§\r\n";
/** A request to follow another one: smuggled if it is answered where it should not be. */
const NEXT = "GET /next HTTP/1.1\r\n§\r\n";
const CHUNKED = "POST / HTTP/1.1\r\n§Transfer-Encoding: chunked\r\n\r\n";

const get = (fields: string) => `GET / HTTP/1.1\r\n§${fields}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\n§${fields}\r\n${body}`;
const target = (text: string) => `GET ${text} HTTP/1.1\r\n§\r\n`;

const taken = (name: string, send: string, seen: Case["seen"] = {}): Case => ({
  name,
  send: send + NEXT,
  want: [200, 200],
  closed: false,
  seen: { url: "http://a/next", ...(seen.url === undefined ? seen : {}) },
});

/** Refused, and nothing that follows is taken for a request. */
const refused = (name: string, send: string, status = 400): Case => ({
  name,
  send: send + NEXT,
  want: [status],
  closed: true,
});

const FRAMING: readonly Case[] = [
  taken("a request and the next one", GET),
  taken("a body with its length", post("Content-Length: 3\r\n", "abc")),
  taken("a body of no octets", post("Content-Length: 0\r\n", "")),
  taken("blanks after a length", post("Content-Length: 3  \r\n", "abc")),
  taken("a chunked body", `${CHUNKED}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`),
  taken("chunk extensions", `${CHUNKED}3;a=b;c="d;e"\r\nabc\r\n0\r\n\r\n`),
  taken("trailers", `${CHUNKED}3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`),
  taken("zeros before a chunk's size", `${CHUNKED}0003\r\nabc\r\n000\r\n\r\n`),
  taken("a body that GET has no use for", get("Content-Length: 3\r\n") + "abc"),
  taken("any case of chunked", post("transfer-encoding: CHUNKED\r\n", "0\r\n\r\n")),
  taken("a tab before a value", post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n")),
  taken("an empty line before the request", `\r\n${GET}`),

  refused(
    "length and chunked",
    post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ),
  refused(
    "chunked and length",
    post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
  ),
  refused("two lengths that differ", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc")),
  refused("two lengths that agree", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")),
  refused("a list of lengths", post("Content-Length: 3, 3\r\n", "abc")),
  refused("a length with a sign", post("Content-Length: +3\r\n", "abc")),
  refused("a negative length", post("Content-Length: -3\r\n", "abc")),
  refused("a hexadecimal length", post("Content-Length: 0x3\r\n", "abc")),
  refused("a length of two words", post("Content-Length: 3 3\r\n", "abc")),
  refused("an empty length", post("Content-Length: \r\n", "abc")),
  refused("a length beyond all numbers", post("Content-Length: 18446744073709551619\r\n", "abc")),
  refused("chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  refused("a coding that is none", post("Transfer-Encoding: identity\r\n", "0\r\n\r\n"), 501),
  refused("a coding like chunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501),
  refused(
    "a coding before chunked",
    post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    501,
  ),
  refused("a coding after chunked", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n")),
  refused(
    "chunked twice",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ),
  refused("chunked in quotes", post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n"), 501),
  refused("a vertical tab before chunked", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n")),
];

const SYNTAX: readonly Case[] = [
  taken("an unusual but valid name", get("X!#$%&'*+-.^_`|~0: y\r\n")),
  taken("Latin-1 in a value", get("X: \xe4\r\n")),
  taken("an empty value", get("X:\r\n")),

  refused("LF alone after the request line", "GET / HTTP/1.1\n§\r\n"),
  refused("LF alone after a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
  refused("LF alone at the end of the head", "GET / HTTP/1.1\r\n§\n"),
  refused("CR alone in a value", get("X: a\rb\r\n")),
  refused("CR alone before a field", "GET / HTTP/1.1\r\n§X: a\r\r\n\r\n"),
  refused("CR alone at the end of the head", "GET / HTTP/1.1\r\n§\rX"),
  refused("NUL in a value", get("X: a\0b\r\n")),
  refused("a control character in a value", get("X: a\x01b\r\n")),
  refused("DEL in a value", get("X: a\x7fb\r\n")),
  refused("a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
  refused("a tab before the colon", get("X\t: y\r\n")),
  refused("a folded value", get("X: a\r\n b\r\n")),
  refused("a value folded with a tab", get("X: a\r\n\tb\r\n")),
  refused("a blank before the first field", "GET / HTTP/1.1\r\n §\r\n"),
  refused("a field without a name", get(": a\r\n")),
  refused("a field without a colon", get("Transfer-Encoding\r\n")),
  refused("a parenthesis in a name", get("X(: y\r\n")),
  refused("Latin-1 in a name", get("\xe4: y\r\n")),
  refused("NUL in a name", get("X\0: y\r\n")),
  refused("a blank before the method", ` ${GET}`),
  refused("a tab in the request line", "GET\t/ HTTP/1.1\r\n§\r\n"),
  refused("a method in lower case", "get / HTTP/1.1\r\n§\r\n"),
  refused("a method of no standard", "FOO / HTTP/1.1\r\n§\r\n"),
  refused("the protocol in lower case", "GET / http/1.1\r\n§\r\n"),
  refused("another protocol", "GET / ICY/1.1\r\n§\r\n"),
  refused("octets of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  refused("octets of SSH", "SSH-2.0-OpenSSH_9.2\r\n"),

  refused("HTTP/0.9", "GET /\r\n\r\n", 505),
  refused("HTTP/1.2", "GET / HTTP/1.2\r\n§\r\n", 505),
  refused("HTTP/2.0 in the request line", "GET / HTTP/2.0\r\n§\r\n", 505),
  refused("HTTP/3.0", "GET / HTTP/3.0\r\n§\r\n", 505),
  refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 505),
  refused("TRACE", "TRACE / HTTP/1.1\r\n§\r\n", 501),
  refused("CONNECT", "CONNECT a:80 HTTP/1.1\r\n§\r\n", 501),
  refused("a method of WebDAV", "PROPFIND / HTTP/1.1\r\n§\r\n", 501),
];

/** Bodies that are no chunked ones. */
const BAD_CHUNKS: readonly (readonly [name: string, body: string])[] = [
  ["LF alone after a size", "3\nabc\r\n0\r\n\r\n"],
  ["LF alone after an extension", "3;a\nabc\r\n0\r\n\r\n"],
  ["LF alone after content", "3\r\nabc\n0\r\n\r\n"],
  ["a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"],
  ["a size with a sign", "-3\r\nabc\r\n0\r\n\r\n"],
  ["a size with a blank", "3 \r\nabc\r\n0\r\n\r\n"],
  ["a size beyond all numbers", "10000000000000003\r\nabc\r\n0\r\n\r\n"],
  ["no size", "\r\nabc\r\n0\r\n\r\n"],
  ["content that is longer", "3\r\nabcd\r\n0\r\n\r\n"],
  ["content without its end", "3\r\nabc0\r\n\r\n"],
  ["a trailer without a colon", "0\r\nX y\r\n\r\n"],
  ["a length among the trailers", "0\r\nContent-Length: 5\r\n\r\n"],
];

const CHUNKS = BAD_CHUNKS.map(([name, body]) => refused(name, `${CHUNKED}${body}`));

const HOST: readonly Case[] = [
  refused("HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n"),
  refused("Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
  refused("Host twice, with others", "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n"),
  refused("Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
  refused("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
  refused("Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
  refused("Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
  refused("Host with a port beyond all", "GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n"),
  refused("Host that looks like an address", "GET / HTTP/1.1\r\nHost: 1.2.3.400\r\n\r\n"),
  taken("Host with a port", "GET / HTTP/1.1\r\nHost: a:9112\r\n\r\n"),
  taken("Host of IPv6", "GET / HTTP/1.1\r\nHost: [::1]:9112\r\n\r\n"),
  taken("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
];

const TARGETS: readonly Case[] = [
  ...[
    "http://a/x?y",
    "HTTP://A/x",
    "http://a",
    "http://a?x",
    "*",
    "/%41",
    "//x//y",
    "/a;b=c/@:!$&'()*+,",
  ]
    .map((text) => taken(`target ${text}`, target(text))),
  ...[
    "x",
    "/a#b",
    "/a\\b",
    "/%",
    "/%4",
    "/%zz",
    '/"x"',
    "/<x>",
    "/{x}",
    "/a^b",
    "/?a#b",
    "http://b/x",
    "http://ab/x",
    "http://u@a/x",
    "https://a/x",
    "ftp://a/x",
    "http:///x",
    "/\xe4",
    "/\x01",
    "/a\tb",
    "/a b",
  ].map((text) => refused(`target ${JSON.stringify(text)}`, target(text))),
];

const PERSISTENCE: readonly Case[] = [
  { name: "close", send: get("Connection: close\r\n") + NEXT, want: [200], closed: true },
  {
    name: "close among others",
    send: get("Connection: x, Close\r\n") + NEXT,
    want: [200],
    closed: true,
  },
  { name: "HTTP/1.0", send: "GET / HTTP/1.0\r\n\r\n" + NEXT, want: [200], closed: true },
  {
    name: "HTTP/1.0 with keep-alive",
    send: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + NEXT,
    want: [200, 200],
    closed: false,
  },
  taken("an upgrade that is not taken", get("Connection: upgrade\r\nUpgrade: websocket\r\n")),
  taken(
    "an upgrade to HTTP/2 that is not taken",
    get(
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    ),
  ),
  taken(
    "an upgrade with a body",
    post("Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n", "abc"),
  ),
  {
    name: "an expectation that is none",
    send: post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc") + NEXT,
    want: [417],
    closed: true,
  },
  {
    name: "an expectation whose body is there already",
    send: post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc") + NEXT,
    want: [200, 200],
    closed: false,
  },
];

const TABLES: readonly (readonly [name: string, cases: readonly Case[]])[] = [
  ["framing", FRAMING],
  ["syntax", SYNTAX],
  ["chunks", CHUNKS],
  ["host", HOST],
  ["targets", TARGETS],
  ["persistence", PERSISTENCE],
];

for (const [name, cases] of TABLES) {
  Deno.test(`conformance: ${name}`, async (t) => {
    await serving(ECHO, async ({ port, failures }) => {
      for (const { name, send, want, closed, seen } of cases) {
        await t.step(name, async () => {
          const { responses, ...rest } = await exchange(
            port,
            send.replaceAll("§", "Host: a\r\n"),
            want.length,
          );
          assert.deepEqual(responses.map(({ status }) => status), want, JSON.stringify(rest.text));
          assert.equal(rest.closed, closed);
          const last = responses.at(-1)!;
          if (last.status !== 200) assertRefusal(last);
          else if (seen) assertSeen(JSON.parse(last.body), seen);
        });
      }
      assert.deepEqual(failures, []);
    });
  });
}

function assertSeen(answer: Record<string, unknown>, seen: Record<string, unknown>) {
  for (const [key, value] of Object.entries(seen)) assert.equal(answer[key], value);
}

function assertRefusal(
  { status, headers, body }: Awaited<ReturnType<typeof exchange>>["responses"][0],
) {
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(headers.get("connection"), "close");
  const { type, title, status: told, detail } = JSON.parse(body);
  assert.deepEqual([type, told], ["about:blank", status]);
  assert.match(title, /^[A-Z]/);
  assert.match(detail, /\w/);
}

Deno.test("a handler that has begun sees a chunked body break off where it is wrong", async (t) => {
  await serving(ECHO, async ({ port }) => {
    for (const [name, body] of BAD_CHUNKS) {
      await t.step(name, async () => {
        using client = await RawClient.connect(port);
        await client.send(`${CHUNKED}5\r\nright\r\n`.replace("§", "Host: a\r\n"));
        await delay(20);
        await client.send(body + NEXT.replace("§", "Host: a\r\n"));
        await client.untilClosed();
        const responses = parseResponses(client.text);
        assert.deepEqual(responses.map(({ body }) => JSON.parse(body).body), ["broken off"]);
        assert.equal(responses[0]!.headers.get("connection"), "close");
      });
    }
  });
});

Deno.test("requests that come together are answered in their order, one after the other", async () => {
  let running = 0;
  const slowFirst: Handler = async (request) => {
    assert.equal(++running, 1);
    const { pathname } = new URL(request.url);
    await delay(30 - 10 * Number(pathname.slice(1)));
    running--;
    return new Response(pathname);
  };
  await serving(slowFirst, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send([0, 1, 2].map((at) => `GET /${at} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    const responses = await client.responses(3);
    assert.deepEqual(responses.map(({ body }) => body), ["/0", "/1", "/2"]);
  });
});

Deno.test("a client that waits for 100 Continue gets it when its body is wanted, and not before", async (t) => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  await t.step("wanted", async () => {
    await serving(ECHO, async ({ port }) => {
      using client = await RawClient.connect(port);
      await client.send(head);
      await client.until("100", (text) => text === "HTTP/1.1 100 Continue\r\n\r\n");
      await client.send("abc");
      const [, answer] = await client.responses(2);
      assert.equal(JSON.parse(answer!.body).body, "abc");
      assert.equal(client.closed, false);
    });
  });
  await t.step("not wanted", async () => {
    await serving(() => new Response("no", { status: 401 }), async ({ port }) => {
      using client = await RawClient.connect(port);
      await client.send(head);
      await client.untilClosed();
      assert.deepEqual(parseResponses(client.text).map(({ status }) => status), [401]);
    });
  });
});

Deno.test("a body that is not read ends the connection, but not before the client has the answer", async () => {
  await serving(() => new Response("no", { status: 401 }), async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
    // Were the connection closed at once, these octets would reset it.
    for (let at = 0; at < 5; at++) await client.send("x".repeat(10_000)).catch(() => {});
    await client.untilClosed();
    const [answer] = parseResponses(client.text);
    assert.deepEqual([answer?.status, answer?.headers.get("connection")], [401, "close"]);
  });
});

Deno.test("a head that comes octet by octet is the same head", async () => {
  await serving(ECHO, async ({ port }) => {
    using client = await RawClient.connect(port);
    const text =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (const octet of text) {
      await client.send(octet);
      await delay(0);
    }
    const [answer] = await client.responses(1);
    assert.deepEqual(JSON.parse(answer!.body), { method: "POST", url: "http://a/x", body: "abc" });
  });
});

Deno.test("the client's address and the endpoint stand in for what HTTP/1.0 does not say", async () => {
  const handler: Handler = ({ url }, { address }) => Response.json({ url, address });
  await serving(handler, async ({ port }) => {
    const { responses: [answer] } = await exchange(port, "GET /x HTTP/1.0\r\n\r\n");
    const want = { url: `http://127.0.0.1:${port}/x`, address: "127.0.0.1" };
    assert.deepEqual(JSON.parse(answer!.body), want);
  });
});
