/**
 * Lives of a pair, written line by line: what its nodes do to their machines, and what they say. `UPDATE_GOLDEN=1` writes them
 * again; the difference is to be read.
 */

import assert from "node:assert/strict";
import { STORIES } from "./stories.ts";
import { ToldPair } from "./transcript.ts";

for (const [name, { configs, steps }] of Object.entries(STORIES)) {
  Deno.test(`the story of ${name} is as it was, and leaves no timer`, async () => {
    const pair = new ToldPair(configs);
    const transcript = await pair.tell(steps);
    const file = new URL(`transcripts/${name.replaceAll(" ", "_")}.txt`, import.meta.url);
    if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(file, transcript);
    const [now, before] = [transcript, await Deno.readTextFile(file)].map((text) =>
      text.split("\n")
    );
    const at = now!.findIndex((line, index) => line !== before![index]);
    assert.ok(
      at < 0 && now!.length === before!.length,
      `line ${at + 1}: "${before!.at(at)}" is now "${now!.at(at)}"`,
    );
    // One that is abandoned writes its marks until its process ends.
    assert.deepEqual([pair.timersOf(pair.lb01), pair.timersOf(pair.lb02)], [0, 1]);
  });
}
