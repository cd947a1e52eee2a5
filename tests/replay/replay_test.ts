/** What an engine heard in the field, today's engine hears again, and does the same. */

import assert from "node:assert/strict";
import { encodeLine } from "../../src/recording/line.ts";
import { differenceText, readRuns, replay } from "./replay.ts";
import { KEY, PASSWORD, recordSimulated, SCENARIOS } from "./record_simulated.ts";

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
    assert.ok(run!.turns.length > 50);
    const { difference } = await replay(run!);
    assert.ok(difference === null, difference && differenceText(difference) || "");
  });
}
