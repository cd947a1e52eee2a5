import assert from "node:assert/strict";
import type { ProbeResult } from "../../src/health/check.ts";
import { type CheckEffect, CheckMachine } from "../../src/health/check_machine.ts";
import { seededRandom } from "../../src/sim/random.ts";

/**
 * One letter an event: `+` a success, `-` a failure, `!` a conclusive failure, `y` the command ended well, `n` it
 * failed, `.` a second of waiting. Every event takes a second.
 */
type Events = string;

/** Under each event what came of it: `u` up, `d` down, `r` the command runs, `p` a probe at once, `s` recovered. */
const CASES: readonly {
  readonly name: string;
  readonly events: Events;
  readonly effects: string;
  readonly attempts?: number;
  readonly fall?: number;
}[] = [
  { name: "the command is run before the check turns down", events: "+--", effects: "u r" },
  { name: "a success after it keeps the check up", events: "+--y+++", effects: "u rps  " },
  { name: "failures while it runs do not count", events: "+-----y+", effects: "u r   ps" },
  { name: "a success while it runs does not count", events: "+--+y+", effects: "u r ps" },
  {
    name: "a conclusive failure while it runs does not count",
    events: "+--!y+",
    effects: "u r ps",
  },
  { name: "fall failures after it turn the check down", events: "+--y--", effects: "u rp d" },
  { name: "a command that fails turns it down at once", events: "+--n", effects: "u rd" },
  { name: "a conclusive failure gives it a chance too", events: "+!y+", effects: "urps", fall: 5 },
  { name: "and after it ends that chance", events: "+!y!", effects: "urpd", fall: 5 },
  { name: "a second try", events: "+--n.y+", effects: "u rr ps", attempts: 2 },
  { name: "a second try after failures", events: "+--y--y+", effects: "u rp rps", attempts: 2 },
  { name: "two tries are two", events: "+--n.n", effects: "u rr d", attempts: 2 },
  { name: "one failure after it is not enough", events: "+--y-+", effects: "u rp s" },
  { name: "what was down from the start is not recovered", events: "--++", effects: "d  u" },
  { name: "down, it is not tried again", events: "+--n---", effects: "u rd   " },
  { name: "tries within the period are used up", events: "+--y+--", effects: "u rps d" },
  {
    name: "after the period there are tries again",
    events: "+--y+.............--",
    effects: "u rps              r",
  },
  { name: "back up, the period still counts", events: "+--n++--", effects: "u rd u d" },
  { name: "an end that nobody waits for is nothing", events: "+yn", effects: "u  " },
];

const EVERY_MS = 15_000;

Deno.test("recovery comes before down, with its limits", async (t) => {
  for (const { name, events, effects, attempts = 1, fall = 2 } of CASES) {
    await t.step(name, () => {
      const machine = new CheckMachine({ rise: 2, fall }, { attempts, everyMs: EVERY_MS });
      const seen = Array.from(events, (event, second) => apply(machine, event, second * 1000));
      assert.equal(seen.map(([first = " "]) => first).join("").trimEnd(), effects.trimEnd());
    });
  }
});

/** The letters of what an event brings about that a row of the table shows; at most one. */
function apply(machine: CheckMachine, event: string, nowMs: number): string[] {
  if (event === ".") return [];
  const effects = event === "y" || event === "n"
    ? machine.handle({ kind: "recoveryEnded", ok: event === "y", detail: "exit code 1" }, nowMs)
    : machine.handle({ kind: "result", result: result(event) }, nowMs);
  return effects.flatMap(letter);
}

function result(event: string): ProbeResult {
  return { ok: event === "+", detail: "refused", tookMs: 1, conclusive: event === "!" };
}

function letter(effect: CheckEffect): string[] {
  switch (effect.kind) {
    case "turned":
      return [effect.verdict === "up" ? "u" : "d"];
    case "recover":
      return ["r"];
    case "probe":
      return ["p"];
    case "recoverySucceeded":
      return ["s"];
    case "recoveryFailed":
    case "recoveryExhausted":
      return [];
  }
}

Deno.test("every try that fails is reported with its reason, and that none is left", () => {
  const machine = new CheckMachine({ rise: 1, fall: 1 }, { attempts: 2, everyMs: EVERY_MS });
  machine.handle({ kind: "result", result: result("+") }, 0);
  assert.deepEqual(machine.handle({ kind: "result", result: result("-") }, 1), [
    { kind: "recover", attempt: 1 },
  ]);
  assert.deepEqual(machine.recovery(1), { phase: "running", attempt: 1 });
  machine.handle({ kind: "recoveryEnded", ok: true, detail: "exit code 0" }, 2);
  assert.deepEqual(machine.recovery(2), { phase: "verifying", attempt: 1 });
  assert.deepEqual(machine.handle({ kind: "result", result: result("-") }, 3), [
    { kind: "recoveryFailed", attempt: 1, why: "the check fails still: refused" },
    { kind: "recover", attempt: 2 },
  ]);
  assert.deepEqual(machine.handle({ kind: "recoveryEnded", ok: false, detail: "late" }, 4), [
    { kind: "recoveryFailed", attempt: 2, why: "late" },
    { kind: "recoveryExhausted" },
    { kind: "turned", verdict: "down" },
  ]);
  // A person should look, however long ago it was; not any more once the check is up again.
  for (const nowMs of [4, 2 * EVERY_MS]) {
    assert.deepEqual(machine.recovery(nowMs), { phase: "given_up", attempt: 2 });
  }
  machine.handle({ kind: "result", result: result("+") }, 2 * EVERY_MS);
  assert.equal(machine.recovery(2 * EVERY_MS), null);
});

Deno.test("a recovery that succeeded is reported for as long as its try counts", () => {
  const machine = new CheckMachine({ rise: 1, fall: 1 }, { attempts: 2, everyMs: EVERY_MS });
  machine.handle({ kind: "result", result: result("+") }, 0);
  machine.handle({ kind: "result", result: result("-") }, 1);
  machine.handle({ kind: "recoveryEnded", ok: true, detail: "exit code 0" }, 2);
  machine.handle({ kind: "result", result: result("+") }, 3);
  assert.deepEqual(machine.recovery(EVERY_MS), { phase: "recovered", attempt: 1 });
  assert.equal(machine.recovery(EVERY_MS + 1), null);
  machine.handle({ kind: "result", result: result("-") }, EVERY_MS + 1);
  assert.deepEqual(machine.recovery(EVERY_MS + 1), { phase: "running", attempt: 1 });
});

Deno.test("whatever the results, a verdict turns only after rise or fall in a row", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const [rise, fall] = [1 + Math.floor(random() * 4), 1 + Math.floor(random() * 4)];
    const machine = new CheckMachine({ rise, fall });
    let inARow = 0;
    let last: boolean | null = null;
    for (let at = 0; at < 200; at++) {
      const ok = random() < 0.5;
      inARow = ok === last ? inARow + 1 : 1;
      last = ok;
      const [effect] = machine.handle({ kind: "result", result: result(ok ? "+" : "-") }, at);
      if (at === 0 || effect?.kind !== "turned") continue;
      assert.equal(effect.verdict, ok ? "up" : "down", `seed ${seed}`);
      assert.ok(inARow >= (ok ? rise : fall), `seed ${seed}: turned after ${inARow}`);
    }
  }
});

Deno.test("a check that fails for good turns down within the bound that is documented", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    const [fall, attempts] = [between(1, 4), between(1, 4)];
    const [intervalMs, timeoutMs] = [between(1, 5) * 1000, between(1, 20) * 1000];
    const machine = new CheckMachine({ rise: 1, fall }, { attempts, everyMs: 3_600_000 });
    machine.handle({ kind: "result", result: result("+") }, 0);
    let nowMs = 0;
    let firstTryMs: number | null = null;
    while (machine.verdict === "up") {
      if (machine.recovering) {
        firstTryMs ??= nowMs;
        nowMs += between(0, timeoutMs);
        const event = { kind: "recoveryEnded", ok: random() < 0.7, detail: "" } as const;
        // Only what fails still goes on to the end.
        machine.handle(event, nowMs);
      } else {
        // The first probe after a command is at once; each answers within the interval.
        nowMs += between(0, intervalMs);
        machine.handle({ kind: "result", result: result("-") }, nowMs);
      }
    }
    const boundMs = attempts * (timeoutMs + fall * intervalMs);
    assert.ok(nowMs - firstTryMs! <= boundMs, `seed ${seed}: ${nowMs - firstTryMs!} > ${boundMs}`);
  }
});
