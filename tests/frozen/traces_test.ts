/** Under the same faults and orders simulated nodes do the same at the same time. */

import assert from "node:assert/strict";
import { assertAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { traceDifferences } from "./families/trace_differences.ts";
import { TRACES } from "./families/traces.ts";

Deno.test("simulated nodes under faults do as with 0.1.0, effect by effect", async () => {
  await assertAsFrozen(
    TRACES.name,
    ({ input }) => TRACES.answer(input as number, PRESENT),
    traceDifferences,
  );
});

const SENT = "1000.000 lb01 send a";
const LATER = "3000.000 lb01 send c";

const CASES:
  readonly (readonly [name: string, before: string[], after: string[], said: string[]])[] = [
    ["the same", [SENT, LATER], [SENT, LATER], []],
    ["a line more", [LATER], [SENT, LATER], [`+ /adverts | ${SENT}`]],
    ["a line less", [SENT, LATER], [SENT], [`- /adverts | ${LATER}`]],
    ["the same line once more", [SENT], [SENT, SENT], [`+ /adverts | ${SENT}`]],
    ["no line at all any more", [SENT], [], [`- /adverts | ${SENT}`]],
    ["another time", [SENT], ["1000.001 lb01 send a"], [
      `- /adverts | ${SENT}`,
      "+ /adverts | 1000.001 lb01 send a",
    ]],
    ["another content", [SENT], ["1000.000 lb01 send b"], [
      "~ /adverts | 1000.000 lb01 send {a -> b}",
    ]],
    ["words more", [SENT], ["1000.000 lb01 send x y a"], [
      "~ /adverts | 1000.000 lb01 send { -> x y} a",
    ]],
    ["another node", [SENT], ["1000.000 lb02 send a"], [
      `- /adverts | ${SENT}`,
      "+ /adverts | 1000.000 lb02 send a",
    ]],
    [
      "another order in one moment",
      [SENT, "1000.000 lb02 send b"],
      ["1000.000 lb02 send b", SENT],
      [
        "> /adverts | 1000.000 lb02 send b",
        `> /adverts | ${SENT}`,
      ],
    ],
    [
      "what follows the first difference",
      ["500.000 lb01 send a", SENT, LATER],
      ["500.000 lb01 send b", SENT, "2000.000 lb01 send d", "3000.000 lb01 send e"],
      [
        "~ /adverts | 500.000 lb01 send {a -> b}",
        "+ /adverts | 2000.000 lb01 send d",
        "~ /adverts | 3000.000 lb01 send {c -> e}",
      ],
    ],
  ];

Deno.test("every line of a trace is compared with those of its moment", async (t) => {
  for (const [name, before, after, said] of CASES) {
    const trace = (lines: readonly string[]) => ({ adverts: lines.join("\n"), journal: "" });
    await t.step(name, () => {
      assert.deepEqual(traceDifferences(trace(before), trace(after)), said);
    });
  }
});

Deno.test("an entry of the journal is about the same thing if its code is the same", () => {
  const [before, after] = ["1.000 lb01 info up a {}", "1.000 lb01 info down a {}"];
  assert.deepEqual(traceDifferences({ journal: before }, { journal: after }), [
    `- /journal | ${before}`,
    `+ /journal | ${after}`,
  ]);
});
