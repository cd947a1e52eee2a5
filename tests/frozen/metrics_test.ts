/** Anyone who alerts on a metric finds it under its name, with its labels and its value. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { METRICS } from "./families/metrics.ts";
import type { Part } from "./families/situation.ts";

Deno.test("the metrics of every situation are those of 0.1.0", async () => {
  await assertAsFrozen(METRICS.name, ({ input }) => METRICS.answer(input as Part, PRESENT));
});
