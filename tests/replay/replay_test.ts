/** What an engine heard in the field, today's engine hears again, and does the same. */

import assert from "node:assert/strict";
import { decodeLine, encodeLine, type Turn } from "../../src/recording/line.ts";
import { KEY, PASSWORD, recordSimulated, SCENARIOS } from "./record_simulated.ts";
import { differenceText, readRuns, replay, type Run } from "./replay.ts";

const RECORDINGS = new URL("recordings/", import.meta.url);

/** What is done now is what is to be done from now on. */
async function update(file: URL): Promise<void> {
  const lines: string[] = [];
  for (const run of readRuns(await Deno.readTextFile(file))) {
    lines.push(encodeLine(run.head), ...(await replay(run)).turns.map(encodeLine));
  }
  await Deno.writeTextFile(file, lines.map((line) => `${line}\n`).join(""));
}

for (
  const { name } of [...Deno.readDirSync(RECORDINGS)].filter((it) => it.name.endsWith(".jsonl"))
) {
  Deno.test(`${name} is replayed with the same effects at the same times`, async () => {
    const file = new URL(name, RECORDINGS);
    if (Deno.env.get("UPDATE_GOLDEN") === "1") await update(file);
    for (const run of readRuns(await Deno.readTextFile(file))) {
      const { difference } = await replay(run);
      assert.ok(difference === null, `${name}: ${difference && differenceText(difference)}`);
    }
  });
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  Deno.test(`simulated ${name}: what is recorded now is replayed, and holds no secret`, async () => {
    const text = await recordSimulated(scenario);
    for (const secret of [PASSWORD, new TextEncoder().encode(PASSWORD).toHex(), KEY.toHex()]) {
      assert.ok(!text.includes(secret));
    }
    const [run] = readRuns(text);
    const file = new URL(`simulated-${name}.jsonl`, RECORDINGS);
    const [kept] = readRuns(await Deno.readTextFile(file));
    assert.deepEqual(run!.turns.map(happening), kept!.turns.map(happening));
    const { difference } = await replay(run!);
    assert.ok(difference === null, difference && differenceText(difference) || "");
  });
}

/** What was heard and done, without the configuration: that has more keys with each version. */
function happening({ atMs, joined, heard, did }: Turn): unknown {
  return { atMs, joined, heard: "config" in heard ? heard.kind : heard, did };
}

/** A recorded run whose turns of this kind are changed. */
async function changed(change: (turn: Turn) => Turn | null): Promise<Run> {
  const [run] = readRuns(await Deno.readTextFile(new URL("simulated-life.jsonl", RECORDINGS)));
  return { ...run!, turns: run!.turns.flatMap((turn) => change(turn) ?? []) };
}

function edited(turn: Turn, text: string, other: string): Turn {
  return decodeLine(encodeLine(turn).replaceAll(text, other)) as Turn;
}

const CHANGES: readonly (readonly [string, (turn: Turn) => Turn | null, RegExp])[] = [
  [
    "an advert that was another one",
    (turn) => turn.atMs > 3400 ? edited(turn, "2137960101", "2137970101") : turn,
    /^line 19, 3\.415 s after the start \(2030-01-01T00:00:03\.415Z\), on timer:\n {2}recorded: send .*21379701.*\n {2}replayed: send .*21379601/,
  ],
  [
    "an address that was not put on",
    ({ did = [], ...turn }) => ({ ...turn, did: did.filter((it) => it.do !== "addAddress") }),
    /^line 19, 3\.415 s .*\n {2}recorded: announce .*\n {2}replayed: addAddress .*192\.168\.31\.5/,
  ],
  [
    "a state that changed otherwise",
    (turn) => edited(turn, '"to":"fault"', '"to":"backup"'),
    /recorded: journal .*"to":"backup","reason":"fault".*\n {2}replayed: journal .*"to":"fault"/,
  ],
  [
    "a check that did not fail in the field",
    (turn) => turn.atMs >= 8000 ? edited(turn, '"ok":false', '"ok":true') : turn,
    /on probe:\n {2}recorded: send .*\n {2}replayed: nothing more/,
  ],
  [
    "a timer that nobody saw fire",
    (turn) => turn.heard.kind === "timer" && turn.atMs > 3400 && turn.atMs < 3416 ? null : turn,
    /recorded: .*\n {2}replayed: send/,
  ],
];

Deno.test("what differs is named with its time and both effects, the first first", async (t) => {
  for (const [name, change, text] of CHANGES) {
    await t.step(name, async () => {
      const { difference } = await replay(await changed(change));
      assert.match(differenceText(difference!), text);
    });
  }
});

Deno.test("a line that was cut off ends its run, and one in the middle is damage", () => {
  const head = `{"format":"vipd-recording","version":1,"secrets":"","vipd":"x"}`;
  const turn = `{"atMs":1,"wallMs":1,"heard":{"kind":"routing"}}`;
  const counts = (text: string) => readRuns(text).map(({ turns }) => turns.length);
  assert.deepEqual(counts(`${head}\n${turn}\n${turn.slice(9)}`), [1]);
  assert.deepEqual(counts(`${head}\n${turn}\n${turn.slice(9)}\n${head}\n${turn}\n`), [1, 1]);
  assert.throws(() => readRuns(`${head}\n${turn.slice(9)}\n${turn}\n`), /line 2 is damaged/);
  assert.throws(() => readRuns("{}\n"), /no line begins a recording/);
  assert.throws(
    () => readRuns(head.replace("1", "2")),
    /line 1 is no recording of a known version/,
  );
});
