import assert from "node:assert/strict";
import { CheckTally, type CheckVerdict } from "../../src/health/check.ts";

/** `+` a success, `-` a failure, `!` a conclusive failure; under each the verdict after it. */
const CASES: readonly {
  readonly name: string;
  readonly rise: number;
  readonly fall: number;
  readonly results: string;
  readonly verdicts: string;
}[] = [
  { name: "the first success decides", rise: 3, fall: 3, results: "+", verdicts: "u" },
  { name: "the first failure decides", rise: 3, fall: 3, results: "-", verdicts: "d" },
  { name: "fall failures in a row", rise: 2, fall: 3, results: "+---", verdicts: "uuud" },
  { name: "rise successes in a row", rise: 3, fall: 1, results: "-+++", verdicts: "dddu" },
  { name: "one of each where both are 1", rise: 1, fall: 1, results: "+-+-", verdicts: "udud" },
  { name: "flapping below fall", rise: 2, fall: 2, results: "+-+-+-+", verdicts: "uuuuuuu" },
  { name: "flapping below rise", rise: 2, fall: 2, results: "-+-+-+-", verdicts: "ddddddd" },
  {
    name: "a success starts the count anew",
    rise: 1,
    fall: 3,
    results: "+--+---",
    verdicts: "uuuuuud",
  },
  { name: "a conclusive failure", rise: 2, fall: 9, results: "+!", verdicts: "ud" },
  { name: "a conclusive failure in a row", rise: 2, fall: 9, results: "+-!", verdicts: "uud" },
  {
    name: "after a conclusive failure rise counts",
    rise: 2,
    fall: 9,
    results: "+!++",
    verdicts: "uddu",
  },
  { name: "conclusive while down", rise: 2, fall: 2, results: "-!!", verdicts: "ddd" },
];

const LETTERS: Readonly<Record<CheckVerdict, string>> = { unknown: "?", up: "u", down: "d" };

Deno.test("a check's verdict follows rise and fall", async (t) => {
  for (const { name, rise, fall, results, verdicts } of CASES) {
    await t.step(name, () => {
      const tally = new CheckTally({ rise, fall });
      assert.equal(tally.verdict, "unknown");
      let seen = "";
      for (const result of results) {
        const before: CheckVerdict = tally.verdict;
        const turned = tally.record({
          ok: result === "+",
          detail: "",
          tookMs: 0,
          ...(result === "!" ? { conclusive: true } : {}),
        });
        assert.equal(turned, tally.verdict !== before, "record() tells when the verdict turned");
        seen += LETTERS[tally.verdict];
      }
      assert.equal(seen, verdicts);
    });
  }
});

Deno.test("a check counts the results that speak against its verdict", () => {
  const tally = new CheckTally({ rise: 2, fall: 3 });
  const against = ["+", "-", "-", "+", "-", "-", "-"].map((result) => {
    tally.record({ ok: result === "+", detail: "", tookMs: 0 });
    return tally.against;
  });
  assert.deepEqual(against, [0, 1, 2, 0, 1, 2, 0]);
});
