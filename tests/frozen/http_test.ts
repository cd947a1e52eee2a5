/** How the walk through the API reads answers. */

import assert from "node:assert/strict";
import { openApiText } from "../../src/front/openapi/document.ts";
import { answerValue } from "./machine/http.ts";

function answer(head: string, body: string): string {
  return `HTTP/1.1 200 OK\r\n${head}\r\n${body}`;
}

const JSON_TYPE = "Content-Type: application/json\r\n";
const OK = { status: 200, headers: { "content-type": "application/json" }, body: { ok: true } };

Deno.test("an answer is read by its length, by its chunks, or to its end", () => {
  const body = '{"ok":true}';
  const cases = [
    [`${JSON_TYPE}Content-Length: 11\r\n`, body, { "content-length": "{number}" }],
    [
      `${JSON_TYPE}Transfer-Encoding: chunked\r\n`,
      'b\r\n{"ok":true}\r\n0\r\n\r\n',
      { "transfer-encoding": "chunked" },
    ],
    [`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, '2\r\n{"\r\n9\r\nok":true}\r\n0\r\n\r\n', {
      "transfer-encoding": "chunked",
    }],
    [`${JSON_TYPE}Date: Sat, 28 Nov 2026 14:00:00 GMT\r\n`, body, { date: "{date}" }],
  ] as const;
  for (const [head, text, server] of cases) {
    assert.deepEqual(answerValue(answer(head, text), "0.1.0"), { ...OK, server });
  }
});

Deno.test("two answers on a connection are two, and what is no HTTP is a text", () => {
  const one = answer("Content-Length: 2\r\n", "hi");
  const said = { status: 200, headers: {}, server: { "content-length": "{number}" }, body: "hi" };
  assert.deepEqual(answerValue(one + one, "0.1.0"), [said, said]);
  assert.deepEqual(answerValue("220 mail.example\r\n", "0.1.0"), { text: "220 mail.example\r\n" });
  assert.deepEqual(answerValue("", "0.1.0"), []);
});

Deno.test("the API's description is named alone if it is the generated one, and shown by what differs otherwise", () => {
  const bodyOf = (text: string) =>
    (answerValue(answer(JSON_TYPE, text), "0.1.0") as { readonly body: unknown }).body;
  const generated = openApiText();
  assert.equal(bodyOf(generated), "{OpenAPI}");
  const other = { ...JSON.parse(generated), openapi: "3.0.0" };
  assert.deepEqual(bodyOf(JSON.stringify(other)), {
    "unlike the generated document": ['~ /openapi "3.1.1" -> "3.0.0"'],
  });
});

Deno.test("of a stream the first events are kept, each once in a row", () => {
  const text = "retry: 2000\n\nevent: changed\ndata: {}\n\nevent: changed\ndata: {}\n\n" +
    'id: 17\nevent: entry\ndata: {"id":17}\n\n';
  const { body } = answerValue(answer("Content-Type: text/event-stream\r\n", text), "0.1.0") as {
    readonly body: unknown;
  };
  assert.deepEqual(body, [
    "retry: 2000\n\n",
    "event: changed\ndata: {}\n\n",
    'id: {number}\nevent: entry\ndata: {"id":{number}}\n\n',
  ]);
});
