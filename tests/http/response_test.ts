import assert from "node:assert/strict";
import { HttpResponseReader } from "../../src/http/response.ts";
import { HttpSyntaxError } from "../../src/http/syntax_error.ts";
import { randomOctets, seededRandom } from "../wire/random.ts";
import { pushAll } from "./reading.ts";

const CASES: readonly {
  readonly name: string;
  readonly response: string;
  readonly status: number;
  readonly body: string;
  /** False where only the end of the connection ends the body. */
  readonly complete?: false;
}[] = [
  {
    name: "a body with a length",
    response: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    status: 200,
    body: "hello",
  },
  {
    name: "what follows the length is not body",
    response: "HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nhello",
    status: 200,
    body: "he",
  },
  {
    name: "a body until the end of the connection",
    response: "HTTP/1.0 404 Not Found\r\n\r\nnothing here",
    status: 404,
    body: "nothing here",
    complete: false,
  },
  {
    name: "chunks, with an extension and a trailer",
    response:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\nB;x=y\r\no, wörld\r\n\r\n0\r\nA: b\r\n\r\n",
    status: 200,
    body: "hello, wörld\r\n",
  },
  {
    name: "no body with 204",
    response: "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    status: 204,
    body: "",
  },
  {
    name: "no body with 304, whatever length is said",
    response: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
    status: 304,
    body: "",
  },
  {
    name: "interim responses first",
    response:
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
    status: 503,
    body: "",
  },
  {
    name: "as many interim responses as are read",
    response: `${"HTTP/1.1 100\n\n".repeat(5)}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`,
    status: 200,
    body: "x",
  },
  {
    name: "a length that is said twice alike",
    response: "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nxy",
    status: 200,
    body: "xy",
  },
  {
    name: "chunks, whatever length is said besides",
    response:
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    status: 200,
    body: "x",
  },
  {
    name: "a change of protocol that was not asked for",
    response: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxyz",
    status: 101,
    body: "",
  },
  {
    name: "bare line feeds and no reason phrase",
    response: "HTTP/1.1 302\nLocation: /x\nContent-Length: 1\n\nx",
    status: 302,
    body: "x",
  },
];

Deno.test("an HTTP response is read the same in whatever pieces it comes", async (t) => {
  for (const { name, response, status, body, complete = true } of CASES) {
    await t.step(name, () => {
      const octets = new TextEncoder().encode(response);
      for (const step of [octets.length, 1, 2, 3, 7]) {
        const reader = new HttpResponseReader();
        let text = "";
        for (let at = 0; at < octets.length; at += step) {
          text += pushAll(reader, octets.subarray(at, at + step));
        }
        assert.equal(reader.status, status, `status, in pieces of ${step}`);
        assert.equal(text, body, `body, in pieces of ${step}`);
        assert.equal(reader.complete, complete, `complete, in pieces of ${step}`);
      }
    });
  }
});

Deno.test("a status counts as soon as its line is complete, a head whatever comes after it", () => {
  const reader = new HttpResponseReader();
  const push = (text: string) => reader.push(new TextEncoder().encode(text));
  push("HTTP/1.1 200 OK");
  assert.equal(reader.status, null);
  push("\r\nTransfer-Encoding: chunked\r\n");
  assert.deepEqual([reader.status, reader.headComplete], [200, false]);
  const { rest } = push("\r\nno chunk\r\n");
  assert.deepEqual([reader.headComplete, new TextDecoder().decode(rest)], [true, "no chunk\r\n"]);
  assert.throws(() => reader.push(rest), /malformed chunk/);
});

Deno.test("the end of the connection completes a body without length, and cuts any other answer", () => {
  const cases: readonly [string, RegExp | null][] = [
    ["HTTP/1.1 200 OK\r\n\r\nso far", null],
    ["HTTP/1.1 204 No Content\r\n\r\n", null],
    ["", /closed without an answer/],
    ["HTTP/1.1 100 Continue\r\n\r\n", /closed without an answer/],
    ["HTTP/1.1 200 OK\r\nX: y\r\n", /closed within the answer/],
    ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", /closed within the answer/],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", /closed within the answer/],
  ];
  for (const [response, message] of cases) {
    const reader = new HttpResponseReader();
    pushAll(reader, new TextEncoder().encode(response));
    if (message === null) {
      reader.end();
      assert.equal(reader.complete, true);
    } else {
      assert.throws(() => reader.end(), message);
    }
  }
});

Deno.test("an HTTP response that lacks its last octet is not complete", () => {
  for (const { response, status, complete } of CASES) {
    if (complete === false || status === 101 || response.endsWith("\r\nhello")) continue;
    const octets = new TextEncoder().encode(response);
    const reader = new HttpResponseReader();
    pushAll(reader, octets.subarray(0, octets.length - (response.includes("chunked") ? 9 : 1)));
    assert.equal(reader.complete, false, response);
  }
});

Deno.test("what is no HTTP response is refused by its first line", async (t) => {
  const refused: readonly [string, RegExp][] = [
    ["SSH-2.0-OpenSSH_9.2\r\n", /not an HTTP answer: "SSH-2.0-OpenSSH_9.2"/],
    ["HTTP/2 200 OK\r\n\r\n", /not an HTTP answer: "HTTP\/2 200 OK"/],
    ["HTTP/1.1 abc OK\r\n\r\n", /not an HTTP answer/],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", /malformed chunk/],
    ["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", /malformed Content-Length/],
    [
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      /malformed Content-Length/,
    ],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", /malformed Content-Length/],
    ["HTTP/1.1 099 OK\r\n\r\n", /not an HTTP answer/],
    ["HTTP/1.1 100\n\n".repeat(6), /more than 5 interim/],
    [`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(257)}`, /more than 256 lines/],
    [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`, /head does not end/],
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"1".repeat(5000)}`, /malformed chunk/],
  ];
  for (const [response, message] of refused) {
    await t.step(JSON.stringify(response.slice(0, 60)), () => {
      const reader = new HttpResponseReader();
      assert.throws(() => pushAll(reader, new TextEncoder().encode(response)), (error) => {
        assert.ok(error instanceof HttpSyntaxError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

Deno.test("random octets after a status line raise nothing but HttpSyntaxError", () => {
  const random = seededRandom(20);
  const heads = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
  ].map((head) => new TextEncoder().encode(head));
  for (let round = 0; round < 5000; round++) {
    const reader = new HttpResponseReader();
    try {
      pushAll(reader, heads[round % heads.length]!);
      for (let piece = 0; piece < 3; piece++) pushAll(reader, randomOctets(random, 40));
    } catch (error) {
      assert.ok(error instanceof HttpSyntaxError, String(error));
    }
  }
});
