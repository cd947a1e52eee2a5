import assert from "node:assert/strict";
import { inPresentWords } from "./import_words.ts";

const CASES: Readonly<Record<string, readonly [before: string, now: string]>> = {
  "a finding": [
    "k.conf:3: not carried over: vrf: text; remedy",
    "k.conf:3: loss: vrf: text; remedy",
  ],
  "a finding in a comment": [
    "# - k.conf:3: advice: text; remedy",
    "# - k.conf:3: note: text; remedy",
  ],
  "a keyword that keepalived ignores": [
    "k.conf:3: not carried over: vip: keepalived does not know it; the line is without effect; remedy",
    "k.conf:3: note: vip: keepalived does not know it; the line is without effect; remedy",
  ],
  "the same as a diagnostic": [
    "k.conf:3:1: error: vip: its value is missing; add it and import again [keepalived_not_carried]",
    "k.conf:3:1: warning: vip: its value is missing; add it and import again [keepalived_carried]",
  ],
  "a loss as a diagnostic": [
    "k.conf:3:1: error: vrf: text; remedy [keepalived_not_carried]",
    "k.conf:3:1: error: vrf: text; remedy [keepalived_not_carried]",
  ],
  "another text": ["it is not carried over: see", "it is not carried over: see"],
};

for (const [name, [before, now]] of Object.entries(CASES)) {
  Deno.test(`an import's words: ${name}`, () => {
    assert.deepEqual(inPresentWords({ err: [`first\n${before}\n`] }), { err: [`first\n${now}\n`] });
  });
}
