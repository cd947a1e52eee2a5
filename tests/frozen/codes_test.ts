/** Scripts, alert rules and clients rely on codes, on the API's description and on the configuration's keys. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { CODES } from "./families/codes.ts";

Deno.test("every code, call and key of 0.1.0 is there, with the same meaning", async () => {
  await assertAsFrozen(CODES.name, ({ input }) => CODES.answer(input as string, PRESENT));
});
