import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { HttpResponseReader } from "../../../src/http/response.ts";
import { HttpSyntaxError } from "../../../src/http/syntax_error.ts";
import { concatenate } from "../../../src/wire/octets.ts";
import { FakeBackend, TOKEN } from "../../front/fake_backend.ts";
import { judgeOf } from "../../front/fake_judge.ts";
import { pushAll } from "../../http/reading.ts";
import { mutateOctets } from "../mutate_octets.ts";
import { mutateText } from "../mutate_text.ts";
import { below, fuzzTarget, must, pick } from "../target.ts";

const octets = (text: string) => new TextEncoder().encode(text);

const BODIES = [
  "",
  "{}",
  '{"for": "10m"}',
  '{"for": 90}',
  '{"priority": 120}',
  '{"priority": 1.5, "for": "1h"}',
];
const BODY_PIECES = [
  '{"for": "',
  '"priority": ',
  "600000",
  "168h",
  "1ms",
  "{}",
  "[]",
  '"a": {',
  "//",
];
const PATHS = [
  "/",
  "/healthz",
  "/v1/status",
  "/v1/events",
  "/v1/events?since=1",
  "/v1/instances/VI_1",
  "/v1/instances/VI_1/promote",
  "/v1/instances/VI_1/demote",
  "/v1/instances/VI_1/release",
  "/v1/instances/VI_1/priority",
  "/v1/instances/VI_2/promote",
];
const PATH_PIECES = ["/", "//", "..", "%2f", "%00", "%", "?", "&since=", "since=-1", "VI_1", "v1"];
const METHODS = ["GET", "HEAD", "POST", "POST", "POST", "PUT", "PUT", "DELETE", "PATCH", "OPTIONS"];
const TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "a/b/c", ""];
const AUTHORIZATIONS = [`Bearer ${TOKEN}`, `Bearer ${TOKEN}x`, `bearer ${TOKEN}`, "Basic eDp5", ""];

/** A request to the API; most have the right token, so that their body is read. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

const BINDINGS: ApiBindings = { listener: { kind: "tcp", host: "127.0.0.1", port: 9112 } };
const backend = new FakeBackend();
const app = createApi({ backend, judge: judgeOf(TOKEN) });

async function answerOf({ method, path, headers, body }: Asked): Promise<string> {
  const init = { method, headers, ...(body && { body }) };
  const response = await app.request(`http://127.0.0.1:9112${path}`, init, BINDINGS);
  const text = await response.text();
  backend.commands.length = 0;
  must(response.status < 500, `a defect of vipd: ${text}`);
  if (response.status < 400) return String(response.status);
  must(response.headers.get("content-type") === "application/problem+json", "a problem says so");
  return method === "HEAD" ? String(response.status) : JSON.parse(text).code;
}

export const API = fuzzTarget<Asked>({
  name: "api",
  title: "HTTP requests to the API, with bodies: obeyed, or refused with a problem; never 500",
  reaches: [
    "200",
    "json_invalid",
    "body_invalid",
    "body_unknown_key",
    "content_type",
    "body_too_large",
    "token_missing",
    "token_wrong",
    "instance_unknown",
    "route_unknown",
    "method_not_allowed",
    "query_invalid",
    "host_refused",
  ],
  make(random) {
    const method = pick(random, METHODS);
    const path = random() < 0.8 ? pick(random, PATHS) : mutateText(PATHS, PATH_PIECES, random);
    const authorization = random() < 0.9 ? AUTHORIZATIONS[0]! : pick(random, AUTHORIZATIONS);
    const type = random() < 0.9 ? TYPES[0]! : pick(random, TYPES);
    const body = random() < 0.7
      ? octets(mutateText(BODIES, BODY_PIECES, random))
      : mutateOctets(BODIES.map(octets), random);
    const repeated = random() < 0.01
      ? concatenate([body, new Uint8Array(20_000).fill(0x20)])
      : body;
    return {
      method,
      path: `/${path.replace(/^\/+/, "")}`,
      headers: {
        ...(authorization !== "" && { authorization }),
        ...(type !== "" && { "content-type": type }),
        ...(random() < 0.02 && { host: pick(random, ["evil.example", "127.0.0.1:1", "[::1]"]) }),
      },
      body: method === "GET" || method === "HEAD" ? null : repeated,
    };
  },
  check: answerOf,
  show: ({ body, ...rest }) => JSON.stringify({ ...rest, body: body?.toHex() ?? null }),
});

const RESPONSES = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nyou\r\n0\r\nX: y\r\n\r\n",
  "HTTP/1.0 503 Service Unavailable\r\nServer: nginx\r\n\r\n<html>no</html>",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 301 Moved\nLocation: /x\n\n",
].map(octets);

/** A response and where it is cut on its way. */
interface Answered {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly cuts: readonly number[];
}

/** What the reader makes of a response in these pieces. */
function read(pieces: readonly Uint8Array[]): string {
  const reader = new HttpResponseReader();
  let text = "";
  try {
    for (const piece of pieces) text += pushAll(reader, piece);
  } catch (error) {
    if (!(error instanceof HttpSyntaxError)) throw error;
    return "not HTTP";
  }
  return JSON.stringify([reader.status, reader.complete, text]);
}

export const RESPONSE = fuzzTarget<Answered>({
  name: "http-response",
  title: "HTTP responses to a probe: read alike however they are cut, or refused",
  reaches: ["complete", "incomplete", "not HTTP"],
  make(random) {
    const octets = mutateOctets(RESPONSES, random);
    const cuts = Array.from({ length: below(random, 5) }, () => below(random, octets.length + 1));
    return { octets, cuts: cuts.sort((a, b) => a - b) };
  },
  check({ octets, cuts }) {
    const whole = read([octets]);
    const edges = [0, ...cuts, octets.length];
    const pieces = edges.slice(1).map((end, at) => octets.subarray(edges[at], end));
    const inPieces = read(pieces);
    must(inPieces === whole, `whole: ${whole}, in pieces: ${inPieces}`);
    if (whole === "not HTTP") return whole;
    return JSON.parse(whole)[1] ? "complete" : "incomplete";
  },
  show: ({ octets, cuts }) => `${octets.toHex()} cut at ${cuts.join(", ")}`,
});
