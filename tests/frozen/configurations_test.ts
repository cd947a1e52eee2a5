/** Every configuration that 0.1.0 knew is read as it was read: diagnostics, exit codes, imports, and all values. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { type Configuration, CONFIGURATIONS } from "./families/configurations.ts";
import { inPresentWords } from "./import_words.ts";
import { differencesOf } from "./json.ts";

Deno.test("every configuration is checked, imported and understood as by 0.1.0", async () => {
  await assertAsFrozen(
    CONFIGURATIONS.name,
    ({ input }) => CONFIGURATIONS.answer(input as Configuration, PRESENT),
    (before, after) => differencesOf(inPresentWords(before), after),
  );
});
