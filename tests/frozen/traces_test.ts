/** Under the same faults and orders simulated nodes do the same at the same time. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { traceDifferences } from "./families/traced_host.ts";
import { TRACES } from "./families/traces.ts";

Deno.test("simulated nodes under faults do as with 0.1.0, effect by effect", async () => {
  await assertAsFrozen(
    TRACES.name,
    ({ input }) => TRACES.answer(input as number, PRESENT),
    traceDifferences,
  );
});
