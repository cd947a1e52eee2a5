/** The hostile answers are what their names say; the endless ones only begin here. */

import assert from "node:assert/strict";
import { type AnswerName, ANSWERS } from "../../lab/hostile/web_answers.ts";

/** The first octets of an answer, as text. */
async function beginning(name: AnswerName, length: number): Promise<string> {
  let text = "";
  for await (const piece of ANSWERS[name]()) {
    text += new TextDecoder().decode(piece.subarray(0, length - text.length));
    if (text.length >= length) break;
  }
  return text;
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}

Deno.test("each answer begins as HTTP, or with an interim answer that is none", async () => {
  const begins: Partial<Record<AnswerName, string>> = {
    interim: "HTTP/1.1 100\n\nHTTP/1.1 100\n\n",
    interim_with_headers: "HTTP/1.1 103 Early Hints\r\n",
    chunk_extensions: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b;a=b;",
    gigabyte: "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nxxx",
    redirect: "HTTP/1.1 302 Found\r\nLocation: /again\r\n",
  };
  for (const [name, begin] of Object.entries(begins)) {
    assert.equal(await beginning(name as AnswerName, begin.length), begin);
  }
});

Deno.test("the slow one sends a single octet at first", async () => {
  assert.equal(await beginning("trickle", 1), "H");
});

Deno.test("JSON of 4 MiB that only opens, and of 1.3 million objects", async () => {
  const brackets = bodyOf(await beginning("brackets", 5 * 1024 * 1024));
  assert.equal(brackets.length, 4 * 1024 * 1024);
  assert.ok(/^\[+$/.test(brackets));
  const objects = JSON.parse(bodyOf(await beginning("objects", 5 * 1024 * 1024)));
  assert.equal(objects.instances.length, 1_300_000);
});
