import assert from "node:assert/strict";
import { entityTag, tagged } from "../../../src/front/http/entity_tag.ts";

const TAG = entityTag("content");
const WEAK = entityTag("content", "weak");

const TABLE:
  readonly (readonly [name: string, tag: string, asked: string | undefined, status: number])[] = [
    ["no condition", TAG, undefined, 200],
    ["the same tag", TAG, TAG, 304],
    ["one of several", TAG, `"other", ${TAG}`, 304],
    ["any tag", TAG, "*", 304],
    ["another tag", TAG, entityTag("other"), 200],
    ["a weak one of the same", TAG, WEAK, 304],
    ["the weak one itself", WEAK, WEAK, 304],
  ];

for (const [name, tag, asked, status] of TABLE) {
  Deno.test(`a client that names what it has gets a body only if it lacks this one: ${name}`, async () => {
    const headers = { "content-type": "text/plain" };
    const response = tagged(new Response("content", { headers }), tag, asked);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("etag"), tag);
    assert.equal(await response.text(), status === 304 ? "" : "content");
  });
}
