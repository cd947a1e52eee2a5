/** A daemon of 0.1.0 may be asked by a later vipd: it shows each situation as 0.1.0 did. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import type { Part } from "./families/situation.ts";
import { STATUS_TEXTS } from "./families/status_texts.ts";

Deno.test("the status of every situation is shown as by 0.1.0", async () => {
  await assertAsFrozen(
    STATUS_TEXTS.name,
    ({ input }) => STATUS_TEXTS.answer(input as Part, PRESENT),
  );
});
