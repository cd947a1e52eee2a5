/** A pair says the same, octet by octet, when it starts, hands over, takes over and ends. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { PACKETS, type WalkedPair } from "./families/packets.ts";
import { traceDifferences } from "./families/trace_differences.ts";

Deno.test("a pair's walk has the octets and times of 0.1.0", async () => {
  await assertAsFrozen(
    PACKETS.name,
    ({ input }) => PACKETS.answer(input as WalkedPair, PRESENT),
    traceDifferences,
  );
});
