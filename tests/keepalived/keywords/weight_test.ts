/** How the weight of an entry of `track_script` and similar is read. */

import { deepStrictEqual } from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { readTrackEntry, type Weight } from "../../../src/keepalived/keywords/weight.ts";
import { parseText } from "../support.ts";

/** Words after the name, the weight, and what is said of them. */
const ENTRIES: readonly (readonly [words: string, weight: Weight | null, says: string | null])[] = [
  ["", null, null],
  ["weight 1", { weight: 1, reverse: false }, null],
  ["weight 0", { weight: 0, reverse: false }, null],
  ["weight -0", { weight: 0, reverse: false }, null],
  ["weight +5", { weight: 5, reverse: false }, null],
  ["weight 253", { weight: 253, reverse: false }, null],
  ["weight -253", { weight: -253, reverse: false }, null],
  ["weight 254", { weight: 253, reverse: false }, "254 becomes 253"],
  ["weight -254", { weight: -253, reverse: false }, "-254 becomes -253"],
  ["weight 255", null, '"255" is not a weight'],
  ["weight -255", null, '"-255" is not a weight'],
  ["weight", null, '"" is not a weight'],
  ["weight 5.5", null, '"5.5" is not a weight'],
  ["weight 5 reverse", { weight: 5, reverse: true }, null],
  ["weight 5 noreverse", { weight: 5, reverse: false }, null],
  ["weight 5 no_reverse", { weight: 5, reverse: false }, null],
  ["weight 5 backwards", null, '"5 backwards" is not a weight'],
  ["weight 5 reverse 6", null, '"5 reverse 6" is not a weight'],
  ["5", null, '"5" after the name'],
];

for (const [words, weight, says] of ENTRIES) {
  Deno.test(`an entry that tracks: ${words || "a name alone"}`, () => {
    const report = new Report();
    const [statement] = parseText(`ask ${words}`).statements;
    deepStrictEqual(readTrackEntry(statement!, report), { name: "ask", weight });
    const said = report.sorted([]).map(({ message }) => message.slice(0, says?.length));
    deepStrictEqual(said, says === null ? [] : [says]);
  });
}
