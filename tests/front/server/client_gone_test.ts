import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { RawClient, serving } from "./raw.ts";

const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";

/** Says whether the client has gone, once it has read the body. */
const handler: Handler = async (request, { hasGone }) => {
  await request.text();
  return new Response(await hasGone() ? "gone" : "there");
};

Deno.test("a client that has closed its side with its request has gone, any other is there", async () => {
  await serving(handler, async ({ port }) => {
    using there = await RawClient.connect(port);
    await there.send(POST);
    assert.equal((await there.responses(1))[0]!.body, "there");
    // It is there for another one.
    await there.send(POST);
    assert.equal((await there.responses(2))[1]!.body, "there");
    for (const request of [POST, POST.replace("2\r\n\r\n{}", "0\r\n\r\n")]) {
      using gone = await RawClient.connect(port);
      await gone.send(request);
      await gone.finish();
      assert.equal((await gone.responses(1))[0]!.body, "gone");
    }
  });
});
