/** The http check of servers that want to keep their client busy: each is judged in time, from a bounded answer. */

import assert from "node:assert/strict";
import type { HttpCheckConfig } from "../../src/health/check_config.ts";
import type { AnswerName } from "../http/hostile_answers.ts";
import { HostileServers } from "../http/hostile_servers.ts";
import { COMMON, probeOnce } from "./probing.ts";

/** Longer than any of them may take that is judged by what it sends. */
const PATIENCE_MS = 20_000;
const TIMEOUT_MS = 100;
const LATE = `no answer within ${TIMEOUT_MS} ms`;

interface HostileCase {
  readonly answer: AnswerName | "neverReads";
  /** Looked for in the body; the status alone decides without it. */
  readonly wanted?: string;
  /** The detail of the result; a success where it is a regular expression. */
  readonly finds: string | RegExp;
}

const CASES: readonly HostileCase[] = [
  { answer: "interim", finds: "more than 5 interim HTTP answers (1xx)" },
  { answer: "interimFields", finds: "more than 5 interim HTTP answers (1xx)" },
  { answer: "chunkExtensions", finds: /^HTTP 200/ },
  { answer: "chunkExtensions", wanted: "z", finds: "the HTTP body has a malformed chunk" },
  { answer: "tinyChunks", wanted: "z", finds: "the HTTP body has a malformed chunk" },
  { answer: "chunkSize", wanted: "z", finds: "the HTTP body has a malformed chunk" },
  { answer: "gigabyte", finds: /^HTTP 200/ },
  { answer: "gigabyte", wanted: "z", finds: 'body does not contain "z"' },
  { answer: "endlessBody", wanted: "z", finds: 'body does not contain "z"' },
  { answer: "redirect", finds: "HTTP 302, expected 200-299" },
  { answer: "fieldLines", finds: "the HTTP head has more than 256 lines" },
  { answer: "fieldLine", finds: "the HTTP head does not end" },
  { answer: "statusLine", finds: "the HTTP head does not end" },
  { answer: "notHttp", finds: `not an HTTP answer: ${JSON.stringify("\0".repeat(40))}` },
  { answer: "negativeLength", finds: "the HTTP head has a malformed Content-Length" },
  { answer: "hugeLength", finds: /^HTTP 200/ },
  { answer: "hugeLength", wanted: "z", finds: 'body does not contain "z"' },
  { answer: "twoLengths", finds: "the HTTP head has a malformed Content-Length" },
  { answer: "cut", wanted: "z", finds: "connection closed within the answer" },
  { answer: "slowHead", finds: LATE },
  { answer: "slowBody", wanted: "z", finds: LATE },
  { answer: "octetByOctet", wanted: "z", finds: 'body does not contain "z"' },
  { answer: "badStatus", finds: "HTTP 503, expected 200-299" },
  { answer: "silence", finds: LATE },
  { answer: "neverReads", finds: LATE },
];

function check(port: number, { wanted, finds }: HostileCase): HttpCheckConfig {
  return {
    ...COMMON,
    type: "http",
    url: `http://127.0.0.1:${port}/`,
    status: { from: 200, to: 299 },
    timeoutMs: finds === LATE ? TIMEOUT_MS : PATIENCE_MS,
    ...(wanted !== undefined && { bodyContains: wanted }),
  };
}

Deno.test("a server that wants to keep its check busy is judged in time", async (t) => {
  await using servers = await HostileServers.start();
  for (const each of CASES) {
    const name = each.wanted === undefined ? each.answer : `${each.answer}, body`;
    await t.step(name, async () => {
      const { ok, detail } = await probeOnce(check(servers.port(each.answer), each));
      if (typeof each.finds === "string") assert.equal(detail, each.finds);
      else assert.match(detail, each.finds);
      assert.equal(ok, typeof each.finds !== "string");
    });
  }
});

Deno.test("many such servers at once are judged as each alone is", async () => {
  await using servers = await HostileServers.start();
  const busy = CASES.filter(({ finds }) => finds !== LATE);
  const details = await Promise.all(
    [...busy, ...busy].map(async (each) =>
      (await probeOnce(check(servers.port(each.answer), each))).detail
    ),
  );
  for (const [index, { finds }] of [...busy, ...busy].entries()) {
    if (typeof finds === "string") assert.equal(details[index], finds);
    else assert.match(details[index]!, finds);
  }
});
