/** What a command reads of its command line, and what its help says of that, are the same. */

import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { helpParts } from "../../src/cli/text/option_help.ts";

for (const { name, help, options } of COMMANDS) {
  Deno.test(`vipd ${name} takes the options of its help, with a value if the help names one`, () => {
    const written = helpParts(help).options.map(({ flag, value }) => [
      flag.slice("--".length),
      value === "" ? "flag" : "text",
    ]);
    assert.deepEqual(Object.entries(options).toSorted(), written.toSorted());
  });
}
