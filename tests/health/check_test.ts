import assert from "node:assert/strict";
import { CheckTally, type CheckVerdict } from "../../src/health/check.ts";
import { CheckMachine } from "../../src/health/check_machine.ts";

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
      const machine = new CheckMachine({ rise, fall });
      assert.equal(machine.verdict, "unknown");
      let seen = "";
      for (const result of results) {
        const before: CheckVerdict = machine.verdict;
        const effects = machine.handle({
          kind: "result",
          result: {
            ok: result === "+",
            detail: "",
            tookMs: 0,
            ...(result === "!" ? { conclusive: true } : {}),
          },
        }, 0);
        const turned: string[] = machine.verdict === before ? [] : ["turned"];
        assert.deepEqual(effects.map(({ kind }) => kind), turned, "it tells when it turns");
        seen += LETTERS[machine.verdict];
      }
      assert.equal(seen, verdicts);
    });
  }
});

Deno.test("a check counts the results that speak against its verdict", () => {
  const tally = new CheckTally({ rise: 2, fall: 3 });
  const against = ["+", "-", "-", "+", "-", "-", "-"].map((result) => {
    const ok = result === "+";
    if (tally.count({ ok, detail: "", tookMs: 0 })) tally.turn(ok ? "up" : "down");
    return tally.against;
  });
  assert.deepEqual(against, [0, 1, 2, 0, 1, 2, 0]);
});
