/** The peers' rehearsals, fetched: which of them is known, and whether it is the last one. */

import assert from "node:assert/strict";
import { REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { PeerRehearsals } from "../../../src/front/peers/peer_rehearsals.ts";
import type { Rehearsal } from "../../../src/status/rehearsal.ts";

Deno.test("a peer's rehearsal is its last one once it was fetched, until the peer has another one", async () => {
  let served: Rehearsal = REHEARSAL_EXAMPLE;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => Response.json(served),
  );
  let took = Promise.withResolvers<Rehearsal | null>();
  const rehearsals = new PeerRehearsals(
    { readFile: Deno.readTextFile },
    (_, rehearsal) => took.resolve(rehearsal),
  );
  rehearsals.follow([{ name: "lb02", url: `http://127.0.0.1:${server.addr.port}` }]);
  for (const at of ["2026-03-01T10:07:00.000Z", "2026-03-01T10:22:00.000Z"]) {
    served = { ...REHEARSAL_EXAMPLE, at };
    took = Promise.withResolvers();
    rehearsals.answered("lb02", at);
    assert.equal(rehearsals.hasLast("lb02"), false);
    assert.equal((await took.promise)?.at, at);
    rehearsals.answered("lb02", at);
    assert.equal(rehearsals.hasLast("lb02"), true);
  }
});
