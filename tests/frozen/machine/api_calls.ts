/**
 * The calls of the walk through the API: every route with every method, with every kind of token, body, Host and Origin,
 * and requests that are none.
 *
 * @module
 */

import type { Call, CallGroup } from "./http.ts";

export const TOKEN = "correct-horse-battery-staple";
export const READ_TOKEN = "look-but-do-not-touch";

const READS = [
  "/",
  "/openapi.json",
  "/healthz",
  "/readyz",
  "/metrics",
  "/v1/status",
  "/v1/events",
  "/v1/instances/VI_1",
];
const CHANGES: readonly (readonly [method: string, target: string])[] = [
  ["POST", "/v1/instances/VI_1/promote"],
  ["POST", "/v1/instances/VI_1/demote"],
  ["POST", "/v1/instances/VI_1/release"],
  ["PUT", "/v1/instances/VI_1/priority"],
  ["DELETE", "/v1/instances/VI_1/priority"],
  ["POST", "/v1/reload"],
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
const UNKNOWN = [
  "/nonsense",
  "/v1",
  "/v1/instances",
  "/v1/instances/VI_1/nonsense",
  "//",
  "/v1/status/",
];

const JSON_TYPE = { "content-type": "application/json" };

type Special = Omit<Call, "name" | "method" | "target">;

function call(method: string, target: string, what = "", special: Special = {}): Call {
  const name = `${method} ${target}${what === "" ? "" : `, ${what}`}`;
  return { name, method, target, ...special };
}

function alone(calls: readonly Call[]): CallGroup[] {
  return calls.map((one) => [one]);
}

/** What nobody needs a token for, and what is refused without one. Nothing changes. */
export function openCalls(): CallGroup[] {
  const targets = [...READS, ...new Set(CHANGES.map(([, target]) => target)), ...UNKNOWN];
  return alone([
    ...targets.flatMap((target) => METHODS.map((method) => call(method, target))),
    call("GET", "/v1/instances/VI_9"),
    call("GET", "/v1/instances/VI%5f1", "an escaped name"),
    call("GET", "/v1/instances/%ff", "a name that is not UTF-8"),
    call("GET", "/v1/instances/", "no name"),
    call("GET", `/v1/instances/${"a".repeat(300)}`, "a long name"),
    call("GET", "/v1/status?x=1", "a query that nobody knows"),
    ...queries(),
    ...hosts(),
    ...["Basic dXNlcg==", "Bearer", "Bearer a b", "bearer   "].map((authorization) =>
      call("POST", "/v1/reload", `authorization ${authorization}`, { headers: { authorization } })
    ),
  ]);
}

function queries(): Call[] {
  return [
    "since=0",
    "since=1",
    "since=999999999",
    "since=x",
    "since=-1",
    "since=",
    "since=1&since=2",
    "sinc=1",
    "since=1&x=2",
    "since=9999999999999999",
  ]
    .map((query) => call("GET", `/v1/events?${query}`));
}

function hosts(): Call[] {
  const names = [
    "localhost",
    "localhost:9112",
    "LOCALHOST:9112",
    "127.0.0.1",
    "[::1]:9112",
    "[::1]",
    "127.0.0.1:80",
    "evil.example",
    "evil.example:9112",
    "127.0.0.1.evil.example",
  ];
  const origins = [
    "http://127.0.0.1:9112",
    "https://127.0.0.1:9112",
    "http://evil.example",
    "null",
    "http://127.0.0.1:9113",
    "nonsense",
  ];
  return [
    ...names.map((host) => call("GET", "/v1/status", `Host ${host}`, { host })),
    ...origins.map((origin) =>
      call("GET", "/v1/status", `Origin ${origin}`, { headers: { origin } })
    ),
    call("POST", "/v1/reload", "Origin http://evil.example", {
      headers: { origin: "http://evil.example" },
      token: TOKEN,
    }),
    call("GET", "/v1/status", "Host evil.example on the socket", {
      host: "evil.example",
      to: "socket",
    }),
    call("GET", "/v1/status", "on the socket", { to: "socket", host: "localhost" }),
    call("POST", "/v1/reload", "on the socket", { to: "socket", host: "localhost" }),
    call("GET", "/healthz", "nothing packed", { headers: { "accept-encoding": "identity" } }),
  ];
}

/** From other machines everything but the open paths needs a token. */
export function remoteCalls(): CallGroup[] {
  const special = { to: "remote", host: "evil.example" } as const;
  return alone([
    ...READS.map((target) => call("GET", target, "from another machine", special)),
    ...["/v1/status", "/metrics"].flatMap((target) => [
      call("GET", target, "from another machine, with the token", { ...special, token: TOKEN }),
      call("GET", target, "from another machine, with a wrong token", { ...special, token: "no" }),
    ]),
  ]);
}

/** Where a token for reading is configured. */
export function readTokenCalls(): CallGroup[] {
  return alone([
    ...READS.flatMap((target) => [
      call("GET", target, "where reading needs a token"),
      call("GET", target, "with the token for reading", { token: READ_TOKEN }),
    ]),
    call("GET", "/v1/status", "with the full token", { token: TOKEN }),
    ...CHANGES.map(([method, target]) =>
      call(method, target, "with the token for reading", { token: READ_TOKEN })
    ),
  ]);
}

/** Bodies that are refused; nothing changes. */
export function refusedBodies(): CallGroup[] {
  const promote = (what: string, body: string, headers: Readonly<Record<string, string>>) =>
    call("POST", "/v1/instances/VI_1/promote", what, { token: TOKEN, body, headers });
  const json = (body: string) => promote(`body ${body}`, body, JSON_TYPE);
  const priority = (body: string) =>
    call("PUT", "/v1/instances/VI_1/priority", `body ${body}`, {
      ...{ token: TOKEN, body, headers: JSON_TYPE },
    });
  const bodies = [
    "{",
    "[]",
    "null",
    '"x"',
    "1",
    "{}}",
    '{"x":1}',
    '{"for":1,"x":2}',
    '{"for":"soon"}',
    '{"for":0}',
    '{"for":"0s"}',
    '{"for":-1}',
    '{"for":"169h"}',
    '{"for":null}',
    '{"for":[]}',
    '{"for":{"a/b~c":1}}',
    '{"__proto__":{}}',
  ];
  const priorities = [
    "{}",
    '{"priority":0}',
    '{"priority":255}',
    '{"priority":1.5}',
    '{"priority":"120"}',
    '{"priority":null}',
    '{"priority":120,"x":1}',
    '{"priority":1e99}',
  ];
  return alone([
    ...bodies.map(json),
    ...priorities.map(priority),
    promote("no content type", "{}", {}),
    promote("a text", "{}", { "content-type": "text/plain" }),
    promote("a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }),
    promote("a body that is too large", " ".repeat(16 * 1024 + 1), JSON_TYPE),
    call("POST", "/v1/instances/VI_1/release", "a body", {
      ...{ token: TOKEN, body: '{"for":"1m"}', headers: JSON_TYPE },
    }),
    call("POST", "/v1/reload", "a body", { token: TOKEN, body: '{"x":1}', headers: JSON_TYPE }),
    {
      ...call("POST", "/v1/instances/VI_1/promote", "a body that does not end"),
      raw: {
        parts: [
          `POST /v1/instances/VI_1/promote HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
          `Content-Length: 9\r\n\r\n{`,
        ],
      },
    },
    {
      ...call("POST", "/v1/instances/VI_1/promote", "chunks that are too large"),
      raw: {
        parts: [
          `POST /v1/instances/VI_1/promote HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
          `Transfer-Encoding: chunked\r\n\r\n${
            `1000\r\n${" ".repeat(4096)}\r\n`.repeat(5)
          }0\r\n\r\n`,
        ],
      },
    },
  ]);
}

/** What the server makes of requests that are odd or none. */
export function oddRequests(): CallGroup[] {
  const head = "Host: localhost\r\nConnection: close\r\n";
  const raw: Readonly<Record<string, readonly string[]>> = {
    "HTTP/1.0": ["GET /healthz HTTP/1.0\r\n\r\n"],
    "HTTP/1.0 with Host": ["GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"],
    "an empty Host": ["GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"],
    "no Host": ["GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"],
    "two in one connection": [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nonsense HTTP/1.1\r\n${head}\r\n`,
    ],
    "in two parts": ["GET /heal", `thz HTTP/1.1\r\n${head}\r\n`],
    "an absolute target": [`GET http://localhost/healthz HTTP/1.1\r\n${head}\r\n`],
    "a target without slash": [`GET healthz HTTP/1.1\r\n${head}\r\n`],
    "no HTTP": ["nonsense\r\n\r\n"],
    "another version": [`GET /healthz HTTP/3.7\r\n${head}\r\n`],
    "a header without colon": [`GET /healthz HTTP/1.1\r\n${head}nonsense\r\n\r\n`],
    "a length that is none": [`POST /v1/reload HTTP/1.1\r\n${head}Content-Length: x\r\n\r\n`],
    "two lengths": [
      `POST /v1/reload HTTP/1.1\r\n${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
    ],
    "a length and chunks": [
      `POST /v1/reload HTTP/1.1\r\n${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n` +
      "0\r\n\r\n",
    ],
    "a path that climbs": [`GET /v1/../healthz HTTP/1.1\r\n${head}\r\n`],
    "an escaped path": [`GET /%68ealthz HTTP/1.1\r\n${head}\r\n`],
    "an unknown method": [`BREW /healthz HTTP/1.1\r\n${head}\r\n`],
  };
  return Object.entries(raw).map(([name, parts]) => [{
    ...{ name: `odd: ${name}`, method: "", target: "" },
    raw: { parts, pauseMs: 100, limitMs: 3000 },
  }]);
}

/** An order with the token, without a body unless one is given. */
export function order(method: string, target: string, what: string, body?: string): Call {
  return call(method, target, what, {
    token: TOKEN,
    ...(body === undefined ? {} : { body, headers: JSON_TYPE }),
  });
}

/** Wrong tokens until the next one must wait, and then the right one. The socket counts as one source. */
export function guesses(): CallGroup[] {
  const tokens = [...Array.from({ length: 11 }, (_, index) => `guess-${index + 1}`), TOKEN];
  return alone(
    tokens.map((token, index) =>
      call("POST", "/v1/reload", `guess ${index + 1}`, { token, to: "socket", host: "localhost" })
    ),
  );
}

/** A stream of the entries after `since`, followed for a while, in milliseconds. */
export function stream(what: string, since: number, limitMs: number, lastId?: number): Call {
  const head = `GET /v1/events?since=${since} HTTP/1.1\r\nHost: localhost\r\n` +
    `Accept: text/event-stream\r\n${lastId === undefined ? "" : `Last-Event-ID: ${lastId}\r\n`}`;
  return {
    ...{ name: `stream, ${what}`, method: "GET", target: "/v1/events" },
    raw: { parts: [`${head}\r\n`], limitMs },
  };
}
