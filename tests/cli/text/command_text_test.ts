import assert from "node:assert/strict";
import { demoteText, priorityText, releaseText } from "../../../src/cli/text/command_text.ts";
import type {
  InstancePair,
  InstanceStatus,
  OverrideStatus,
  PairReason,
} from "../../../src/status/status.ts";
import { timesIn } from "../../../src/cli/text/times.ts";
import { exampleInstance } from "../../front/fake_backend.ts";

const SINCE = "2026-03-01T10:00:00.000Z";
const UNTIL = "2026-03-01T12:00:00.000Z";
const TIMES = timesIn("Europe/Berlin");
const LOCAL = "2026-03-01 13:00:00";
const DEMOTED: OverrideStatus = { kind: "demoted", priority: 1, since: SINCE, until: null };
const LIMITED = { ...DEMOTED, until: UNTIL };
const PAIR: InstancePair = {
  verdict: "protected",
  since: SINCE,
  sentence: "VI_1 is served by lb01; lb02 is ready",
  served_by: "lb01",
  ready: ["lb02"],
  reasons: [],
};
const UNSERVED: InstancePair = { ...PAIR, verdict: "unserved", sentence: "nobody serves VI_1" };

type Case = readonly [
  what: string,
  now: Partial<InstanceStatus>,
  before: Partial<InstanceStatus>,
  want: string,
];

const DEMOTES: readonly Case[] = [
  ["without an end", { override: DEMOTED }, {}, ", until released"],
  ["with an end", { override: LIMITED }, {}, `, until ${LOCAL}`],
  [
    "in place of one with an end",
    { override: DEMOTED },
    { override: LIMITED },
    `, until released; replaces demoted until ${LOCAL}`,
  ],
  [
    "of a protected pair",
    { override: DEMOTED, pair: PAIR },
    {},
    ", until released; unprotected in 3 s and for as long as it is demoted",
  ],
  [
    "of an unserved pair",
    { override: DEMOTED, pair: UNSERVED },
    {},
    ", until released; unserved: nobody serves VI_1",
  ],
];

Deno.test("a demote says until when, what it replaces and what the verdict becomes", async (t) => {
  for (const [what, now, before, want] of DEMOTES) {
    await t.step(what, () => {
      const instance = exampleInstance({ state: "backup", master: null, ...now });
      const answer = { took_ms: 612, instance, peers: [] };
      const text = demoteText("lb01", answer, exampleInstance(before), TIMES);
      assert.equal(text, `VI_1: lb01 is backup now, 612 ms${want}`);
    });
  }
});

Deno.test("a release does not name its own demote as a reason", () => {
  const reasonOf = (code: PairReason["code"], message: string): PairReason => ({
    ...{ code, node: "lb01", message, hint: "", since: SINCE, verdict: "unprotected" },
  });
  const demote = reasonOf("standby_demoted", "lb01 is demoted");
  const fault = reasonOf("standby_fault", "lb01 is in fault");
  const verdictAfter = (reasons: readonly PairReason[]) => {
    const pair: InstancePair = { ...PAIR, verdict: "unprotected", reasons: [...reasons] };
    const instance = exampleInstance({ state: "backup", master: null, pair });
    const answer = { took_ms: 1, instance, peers: [] };
    return releaseText("lb01", answer, exampleInstance({ override: DEMOTED })).split("; ").at(-1);
  };
  assert.equal(verdictAfter([demote]), "not unprotected for its demote any more");
  assert.equal(verdictAfter([fault, demote]), "unprotected: lb01 is in fault");
});

Deno.test("a release of nothing says so, and one whose past is not known says released", () => {
  const answer = { took_ms: 1, instance: exampleInstance(), peers: [] };
  const what = (before: InstanceStatus | undefined) =>
    releaseText("lb01", answer, before).split(";")[0];
  assert.equal(what(exampleInstance()), "VI_1: nothing to release");
  assert.equal(what(exampleInstance({ override: DEMOTED })), "VI_1: released");
  assert.equal(what(undefined), "VI_1: released");
});

Deno.test("a backup that is to take over says so, after a priority and after a release", () => {
  const master = { address: "192.168.31.11", priority: 150 };
  const { timers } = exampleInstance();
  const own = (effective: number, preempt: boolean, delay = {}) => {
    const priority = { configured: 100, effective, reasons: [] };
    const held = { ...timers, ...delay };
    return exampleInstance({ state: "backup", master, preempt, priority, timers: held });
  };
  const set = (effective: number, preempt: boolean, delay = {}) => {
    const answer = { took_ms: 1, instance: own(effective, preempt, delay), peers: [] };
    return priorityText("lb02", answer, undefined, TIMES);
  };
  assert.match(
    set(200, true),
    /; takes over from 192\.168\.31\.11 \(200 > 150\) within 3\.6 s$/,
  );
  assert.match(
    set(200, true, { preempt_delay_ms: 60_000 }),
    /; takes over from 192\.168\.31\.11 \(200 > 150\) within 64\.6 s, 60 s of which are preempt_delay$/,
  );
  assert.match(set(200, false), /preempt is off, so 192\.168\.31\.11 serves on \(200 > 150\)/);
  assert.doesNotMatch(set(150, true), /takes over|serves on/);
  const released = { took_ms: 1, instance: own(200, true), peers: [] };
  assert.match(releaseText("lb02", released, undefined), /takes over from 192\.168\.31\.11 \(200/);
});
