/** The parser itself: where it comes from, and that it does not matter in which pieces a request arrives. */

import assert from "node:assert/strict";
import { LLHTTP_MODULE, llhttpModule } from "../../../../build/llhttp.ts";
import { LlhttpParser, type ParserEvents } from "../../../../src/front/server/http1/llhttp.ts";
import { latin1 } from "../raw.ts";

Deno.test("the parser in the program is the one of the package", async () => {
  const wanted = llhttpModule();
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(LLHTTP_MODULE, wanted);
  const message = "the parser is not fresh: deno task llhttp";
  assert.ok(await Deno.readTextFile(LLHTTP_MODULE) === wanted, message);
});

/** What is told of a text that comes in these pieces; parts of one thing are put together. */
function told(text: string, cuts: readonly number[]): string[] {
  const events: string[] = [];
  let last = "";
  const add = (kind: string, part: string) => {
    if (kind === last) events[events.length - 1] += part;
    else events.push(`${kind} ${part}`);
    last = kind;
    return true;
  };
  const sink: ParserEvents = {
    target: (part) => add("target", part),
    fieldName: (part) => add("name", part),
    fieldValue: (part) => add("value", part),
    head: (line) => add("head", JSON.stringify(line)),
    content: (octets) => add("content", String.fromCharCode(...octets)),
    end: () => void add("end", ""),
  };
  const parser = new LlhttpParser(sink);
  const octets = latin1(text);
  try {
    let at = 0;
    for (const cut of [...cuts, octets.length]) {
      while (at < cut) {
        const parsed = parser.parse(octets.subarray(at, cut));
        if (parsed.kind === "error") return [...events, parsed.code];
        at = parsed.kind === "ended" ? at + parsed.taken : cut;
        if (parsed.kind === "ended") add("ended at", String(at));
      }
    }
    return events;
  } finally {
    parser.close();
  }
}

Deno.test("a request is the same in whatever pieces it arrives", async (t) => {
  const requests = {
    "two requests":
      "GET /a HTTP/1.1\r\nHost: a\r\nX:\r\nY: \xe4 z \r\n\r\nHEAD /b HTTP/1.0\r\n\r\n",
    "a body": "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
    "a chunked body":
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "an upgrade":
      "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
    "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };
  for (const [name, text] of Object.entries(requests)) {
    await t.step(name, () => {
      const whole = told(text, []);
      const each = Array.from({ length: text.length - 1 }, (_, at) => at + 1);
      for (const cut of each) assert.deepEqual(told(text, [cut]), whole, `cut at ${cut}`);
      assert.deepEqual(told(text, each), whole);
    });
  }
});

Deno.test("many parsers at once do not disturb each other", () => {
  const count = 5000;
  const targets = Array<string>(count).fill("");
  const parsers = targets.map((_, at) => {
    const events: ParserEvents = {
      target: (part) => {
        targets[at] += part;
        return true;
      },
      fieldName: () => true,
      fieldValue: () => true,
      head: () => true,
      content: () => true,
      end: () => {},
    };
    return new LlhttpParser(events);
  });
  for (const piece of ["GET /", "@", " HTTP/1.1\r\n\r\n"]) {
    for (const [at, parser] of parsers.entries()) parser.parse(latin1(piece.replace("@", `${at}`)));
  }
  assert.deepEqual(targets, Array.from({ length: count }, (_, at) => `/${at}`));
  for (const parser of parsers) parser.close();
});
