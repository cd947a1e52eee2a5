/**
 * Calls of the API over a connection of their own, and their answers as values.
 *
 * @module
 */

import type { LabHost } from "../../../lab/host.ts";
import { openApiText } from "../../../src/front/openapi/document.ts";
import { metricFamilies } from "../families/metrics.ts";
import { differencesOf, type Json } from "../json.ts";
import { maskLive } from "../mask.ts";
import type { RawCall } from "./http_process.ts";

/** Where a call goes: the places of `api.listen` in the walk's configuration. */
export const PLACES = {
  loopback: { host: "127.0.0.1", port: 9112 },
  remote: { host: "192.168.31.11", port: 9112 },
  socket: { path: "/run/vipd/api.sock" },
} as const satisfies Readonly<Record<string, RawCall["to"]>>;

export interface Call {
  /** `GET /v1/status`, and what is special about it after a comma; empty where the answer does not count. */
  readonly name: string;
  readonly to?: keyof typeof PLACES;
  readonly method: string;
  readonly target: string;
  readonly token?: string;
  /** Others than Host, Connection and those that follow from token and body. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `null` for a request without the header. @default {"127.0.0.1:9112"} */
  readonly host?: string | null;
  readonly body?: string;
  /** As it is; then nothing above but name and place counts. */
  readonly raw?: Omit<RawCall, "to" | "delayMs">;
  /** After the others of its group, in milliseconds. */
  readonly delayMs?: number;
}

/** Headers that are about the connection: the HTTP server's own, whatever the API says. */
const SERVER_HEADERS: ReadonlySet<string> = new Set(
  ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary"],
);

/** So many events of a stream are kept. */
const MAX_BLOCKS = 8;

/** Calls at the same time; most stand alone. */
export type CallGroup = readonly Call[];

/** What was answered, by the call's name. */
export type Answers = Map<string, Json>;

/** Makes the calls from inside the host, group by group, and adds what is answered. */
export async function makeCalls(
  host: LabHost,
  groups: readonly CallGroup[],
  version: string,
  answers: Answers,
): Promise<void> {
  const script = new URL("./http_process.ts", import.meta.url).pathname;
  const raw = groups.map((group) => group.map(rawCall));
  const { stdout } = await host.run([Deno.execPath(), "run", "-A", "--quiet", script], {
    stdin: JSON.stringify({ groups: raw }),
  });
  const texts: string[][] = JSON.parse(stdout);
  groups.forEach((group, at) =>
    group.forEach(({ name }, index) => {
      if (name === "") return;
      if (answers.has(name)) throw new Error(`two calls are named ${name}`);
      answers.set(name, answerValue(texts[at]![index]!, version));
    })
  );
}

function rawCall(call: Call): RawCall {
  const to = PLACES[call.to ?? "loopback"];
  const { delayMs = 0 } = call;
  if (call.raw) return { to, delayMs, ...call.raw };
  const { method, target, token, headers = {}, host = "127.0.0.1:9112", body } = call;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    "Connection: close",
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined ? [] : [`Content-Length: ${new TextEncoder().encode(body).length}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return { to, delayMs, parts: [`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`] };
}

/** Status, headers and body of each answer on the connection; what is no HTTP stays a text. */
export function answerValue(text: string, version: string): Json {
  const answers: Json[] = [];
  let rest = text;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    const head = /^HTTP\/1\.[01] (\d{3})/.exec(rest);
    if (!head || end < 0) return maskLive({ text }, version);
    const [, ...lines] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const { body, after } = readBody(rest.slice(end + 4), headers);
    const ofServer = ([name]: [string, unknown]) => SERVER_HEADERS.has(name);
    const all = Object.entries(maskHeaders(headers));
    answers.push({
      status: Number(head[1]),
      headers: Object.fromEntries(all.filter((header) => !ofServer(header))),
      server: Object.fromEntries(all.filter(ofServer)),
      body: bodyValue(body, headers["content-type"] ?? "", version),
    });
    rest = after;
  }
  return answers.length === 1 ? answers[0]! : answers;
}

/** RFC 9112 section 6: in chunks, of the length that is said, or until the end. */
function readBody(
  text: string,
  headers: Readonly<Record<string, string>>,
): { readonly body: string; readonly after: string } {
  if (headers["transfer-encoding"] === "chunked") return readChunks(text);
  const length = headers["content-length"];
  if (length === undefined) return { body: text, after: "" };
  const octets = new TextEncoder().encode(text);
  const decode = (part: Uint8Array) => new TextDecoder().decode(part);
  const size = Number(length);
  return { body: decode(octets.subarray(0, size)), after: decode(octets.subarray(size)) };
}

function readChunks(text: string): { readonly body: string; readonly after: string } {
  let octets = new TextEncoder().encode(text);
  const decode = (part: Uint8Array) => new TextDecoder().decode(part);
  let body = "";
  while (octets.length > 0) {
    const end = octets.indexOf(10);
    const size = parseInt(decode(octets.subarray(0, end)), 16);
    body += decode(octets.subarray(end + 1, end + 1 + size));
    octets = octets.subarray(end + 1 + size + 2);
    if (size === 0) break;
  }
  return { body, after: decode(octets) };
}

function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const masks: Readonly<Record<string, (value: string) => string>> = {
    "date": () => "{date}",
    // How long an answer is, its body shows.
    "content-length": () => "{number}",
    "retry-after": () => "{number}",
    "content-security-policy": (value) => value.replaceAll(/sha256-[\w+/=]+/g, "{digest}"),
  };
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, masks[name]?.(value) ?? value]),
  );
}

/** Documents that are frozen elsewhere are named alone; of metrics, what is of one run is their values. */
function bodyValue(body: string, type: string, version: string): Json {
  if (body === "") return null;
  if (type.startsWith("text/html")) return "{page}";
  if (type === "text/event-stream") return streamBlocks(String(maskLive(body, version)));
  if (type.startsWith("text/plain; version=")) return seriesOf(metricFamilies(body));
  if (!/json/.test(type)) return maskLive(body, version);
  const value: Json = JSON.parse(body);
  if (Array.isArray(value)) return sortedEntries(maskLive(value, version));
  const isDocument = typeof value === "object" && value !== null && "openapi" in value;
  return isDocument ? documentValue(value) : maskLive(value, version);
}

/** `codes/OpenAPI` holds the document that is generated; what is served is that one. */
function documentValue(served: Json): Json {
  const others = differencesOf(JSON.parse(openApiText()), served);
  return others.length === 0 ? "{OpenAPI}" : { "unlike the generated document": others };
}

/** The first events of a stream, as they are framed; how often the same one comes again is of one run. */
function streamBlocks(text: string): Json {
  const masked = text.replaceAll(
    /^id: \d+$|"id":\d+|"lost":\d+/gm,
    (it) => it.replace(/\d+/, "{number}"),
  );
  const blocks = masked.split(/(?<=\n\n)/);
  return blocks.filter((block, at) => block !== blocks[at - 1]).slice(0, MAX_BLOCKS);
}

/** Two things that happen at about the same time are recorded in either order. */
function sortedEntries(entries: Json): Json {
  return (entries as readonly Json[]).toSorted((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
  );
}

/** Names, types and labels. */
function seriesOf(families: Json): Json {
  const all = Object.entries(families as Record<string, { samples: Record<string, string> }>);
  return Object.fromEntries(
    all.map(([name, { samples, ...rest }]) => [
      name,
      {
        ...rest,
        series: Object.fromEntries(Object.keys(samples).sort().map((key) => [key, true])),
      },
    ]),
  );
}
