/** Help, mistakes, exit codes, orders and simulations: what is printed, and what is asked of a daemon, is as it was. */

import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { CLI, type CommandLine } from "./families/cli.ts";
import { inPresentWords } from "./import_words.ts";
import { differencesOf } from "./json.ts";

Deno.test("every command line is answered as by 0.1.0", async () => {
  await assertAsFrozen(
    CLI.name,
    ({ input }) => CLI.answer(input as CommandLine, PRESENT),
    (before, after) => differencesOf(inPresentWords(before), after),
  );
});
