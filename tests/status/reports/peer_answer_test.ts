import assert from "node:assert/strict";
import { answerLimitOctets } from "../../../src/status/reports/peer_answer.ts";

Deno.test("a peer's answer may have 256 KiB, and 8 KiB for each instance", () => {
  const sizesKib = [0, 1, 2, 4096].map((instances) => answerLimitOctets(instances) / 1024);
  assert.deepEqual(sizesKib, [256, 264, 272, 33_024]);
});
