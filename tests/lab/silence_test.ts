import assert from "node:assert/strict";
import type { Span } from "../../lab/holders.ts";
import { SilenceJudge } from "../../lab/silence.ts";

/** Probes at these milliseconds, with the delay of each answer; `null`: none. */
type Probes = readonly (readonly [atMs: number, delayMs: number | null])[];

Deno.test("probes that were not answered make a silence", async (t) => {
  const cases: { name: string; probes: Probes; silences: Span[]; silentSinceMs: number | null }[] =
    [
      {
        name: "all answered",
        probes: [[0, 0], [1, 0.1], [2, 0]],
        silences: [],
        silentSinceMs: null,
      },
      {
        name: "two lost",
        probes: [[0, 0], [1, null], [2, null], [3, 0]],
        silences: [{ fromMs: 1, untilMs: 3 }],
        silentSinceMs: null,
      },
      {
        name: "an answer that comes too late is none",
        probes: [[0, 0], [1, 400], [2, 399], [3, 0]],
        silences: [{ fromMs: 1, untilMs: 3 }],
        silentSinceMs: null,
      },
      {
        name: "a prober that paused was not the address's fault",
        probes: [[0, 0], [50, 0], [51, 0]],
        silences: [],
        silentSinceMs: null,
      },
      { name: "still silent", probes: [[0, 0], [1, null]], silences: [], silentSinceMs: 1 },
    ];
  for (const { name, probes, silences, silentSinceMs } of cases) {
    await t.step(name, () => {
      const judge = new SilenceJudge();
      probes.forEach(([atMs, delayMs], sequence) => {
        judge.sent(sequence, atMs);
        if (delayMs !== null) judge.answered(sequence, atMs + delayMs);
      });
      assert.deepEqual(judge.judge(1000), silences);
      assert.equal(judge.silentSinceMs, silentSinceMs);
    });
  }
});

Deno.test("a silence reaches over two judgements, and a probe is judged once it had its time", () => {
  const judge = new SilenceJudge();
  judge.sent(65535, 0);
  judge.sent(0, 1);
  assert.deepEqual(judge.judge(1), []);
  assert.equal(judge.silentSinceMs, 0);
  judge.answered(0, 1.5);
  assert.deepEqual(judge.judge(2), [{ fromMs: 0, untilMs: 1 }]);
  assert.equal(judge.judgedUntilMs, 2);
});
