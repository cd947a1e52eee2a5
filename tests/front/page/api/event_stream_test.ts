/** The page's reader of Server-Sent Events (WHATWG HTML, section 9.2). */

import assert from "node:assert/strict";
import { follow, readEvents } from "../../../../src/front/page/api/event_stream.ts";
import type { Answer, Problem } from "../../../../src/front/page/api/request.ts";

const octets = (text: string) => new TextEncoder().encode(text);

function bodyOf(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks);
}

/** Every event as `name data`, and how many chunks came. */
async function read(chunks: readonly Uint8Array<ArrayBuffer>[]) {
  const events: string[] = [];
  const retries: number[] = [];
  let came = 0;
  await readEvents(bodyOf(chunks), () => void came++, {
    onEvent: ({ event = "message", data }) => void events.push(`${event} ${data}`),
    onRetry: (ms) => void retries.push(ms),
  });
  return { events, retries, came };
}

/** What a stream says and which events that is. */
const STREAMS: readonly (readonly [string, string, readonly string[]])[] = [
  ["an event with a name", "event: entry\ndata: {}\n\n", ["entry {}"]],
  ["an event without one", "data: x\n\n", ["message x"]],
  ["comments", ": vipd is here\n\nevent: a\n: in between\ndata: 1\n\n", ["a 1"]],
  ["data on several lines", "event: a\ndata: one\ndata: two\ndata:\n\n", ["a one\ntwo\n"]],
  ["CRLF", "event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", ["a 1", "b 2"]],
  ["CR alone", "event: a\rdata: 1\r\revent: b\rdata: 2\r\r\n", ["a 1", "b 2"]],
  ["characters of several octets", "event: a\ndata: €, → and 🖧\n\n", ["a €, → and 🖧"]],
  ["one space alone after the colon", "data:  two\n\ndata:none\n\n", [
    "message  two",
    "message none",
  ]],
  ["an event that broke off", "event: a\ndata: 1\n\nevent: b\ndata: 2\n", ["a 1"]],
  ["an event without data", "event: a\n\ndata: 1\n\n", ["message 1"]],
];

for (const [name, text, wanted] of STREAMS) {
  Deno.test(`events are the same wherever the chunks of the body end: ${name}`, async () => {
    const all = octets(text);
    for (let border = 0; border <= all.length; border++) {
      const { events } = await read([all.slice(0, border), all.slice(border)]);
      assert.deepEqual(events, wanted, `chunks end after ${border} octets`);
    }
    const single = await read([...all].map((octet) => Uint8Array.of(octet)));
    assert.deepEqual(single.events, wanted, "octet by octet");
  });
}

Deno.test("a comment shows that the stream is alive, and retry is reported", async () => {
  assert.deepEqual(await read([octets("retry: 500\n\n"), octets(": vipd is here\n\n")]), {
    events: [],
    retries: [500],
    came: 2,
  });
});

const FULL: Problem = { status: 503, code: "too_many_streams", message: "full", waitMs: 5000 };
const GONE: Problem = { status: null, code: "unreachable", message: "gone", waitMs: null };

const refused = (problem: Problem): Answer<Response> => ({ ok: false, problem });
const stream = (text: string): Answer<Response> => ({ ok: true, value: new Response(text) });

Deno.test("a stream that ends or is refused is asked for again, with longer waits", async () => {
  const answers = [
    ...[stream("data: 1\n\n"), refused(GONE), refused(GONE), refused(GONE), refused(FULL)],
    stream("retry: 300\n\ndata: 2\n\n"),
    refused(GONE),
  ];
  const told: (string | number)[] = [];
  const following = new AbortController();
  await follow({
    open: () => Promise.resolve(answers.shift()!),
    opened: () => void told.push("opened"),
    event: (name, data) => void told.push(`${name} ${data}`),
    lost: (problem) => void told.push(problem?.code ?? "ended"),
    wait: (ms) => {
      told.push(ms);
      if (answers.length === 0) following.abort();
      return Promise.resolve();
    },
  }, following.signal);
  assert.deepEqual(told, [
    ...["opened", "message 1", "ended", 2000],
    ...["unreachable", 4000, "unreachable", 8000, "unreachable", 8000],
    ...["too_many_streams", 5000],
    ...["opened", "message 2", "ended", 300, "unreachable", 600],
  ]);
});

Deno.test("nothing is reported of a stream that nobody needs any more", async () => {
  const following = new AbortController();
  const told: string[] = [];
  await follow({
    open: () => {
      following.abort();
      return Promise.resolve(stream("data: 1\n\n"));
    },
    opened: () => void told.push("opened"),
    event: (name) => void told.push(name),
    lost: () => void told.push("lost"),
    wait: () => assert.fail("it does not try again"),
  }, following.signal);
  assert.deepEqual(told, []);
});
