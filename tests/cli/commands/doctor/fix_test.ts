/** What `vipd doctor --fix` says if it has nothing to do. */

import assert from "node:assert/strict";
import { fixAll } from "../../../../src/cli/commands/doctor/fix.ts";
import { processContext } from "../../../../src/cli/context.ts";
import type { Finding } from "../../../../src/doctor/finding.ts";
import { SOURCE_BUILD } from "../../../../src/version.ts";

const CLOCK: Finding = {
  ...{ code: "clock_unknown", severity: "info", subject: "clock" },
  ...{ message: "nothing is known of the clock", command: "date" },
};
const CASES: readonly (readonly [string, readonly Finding[], string])[] = [
  ["a healthy machine", [], "nothing needs a fix\n"],
  [
    "a finding for a person",
    [CLOCK],
    "vipd can fix nothing of this itself: type the commands above\n",
  ],
];
for (const [name, findings, expected] of CASES) {
  Deno.test(`nothing is done: ${name}`, async () => {
    let out = "";
    const context = processContext(SOURCE_BUILD);
    const output = { ...context.output, out: (text: string) => void (out += text) };
    assert.equal(await fixAll(findings, { agreed: true }, { ...context, output }), false);
    assert.equal(out, expected);
  });
}
