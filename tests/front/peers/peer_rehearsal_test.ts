/** A peer's rehearsal, also one of a newer vipd, or of something that is no vipd at all. */

import assert from "node:assert/strict";
import { REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { readPeerRehearsal } from "../../../src/front/peers/peer_rehearsal.ts";

Deno.test("a peer's rehearsal is read, whatever a newer one says more", () => {
  const [name] = REHEARSAL_EXAMPLE.results;
  const newer = { ...REHEARSAL_EXAMPLE, more: 1, results: [{ ...name, http3: true }] };
  assert.deepEqual(readPeerRehearsal(JSON.stringify(newer)), REHEARSAL_EXAMPLE);
});

Deno.test("what is no rehearsal is none", () => {
  const [name] = REHEARSAL_EXAMPLE.results;
  const others = [
    {},
    null,
    { ...REHEARSAL_EXAMPLE, results: {} },
    { ...REHEARSAL_EXAMPLE, results: [{}] },
    { ...REHEARSAL_EXAMPLE, results: [{ ...name, port: 0 }] },
    { ...REHEARSAL_EXAMPLE, results: Array(20_001).fill(name) },
  ];
  for (const other of others) assert.equal(readPeerRehearsal(JSON.stringify(other)), null);
});
