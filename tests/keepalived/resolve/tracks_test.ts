/** What an instance and its sync group track. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith, told } from "../support.ts";

const ask = (more: string) => `vrrp_script ask {\nscript /bin/ask\n${more}\n}\n`;
const TRACK = "track_script {\nask\n}";
const SECOND = instanceWith("").replace("VI_1", "VI_2").replace("id 10", "id 11")
  .replace("10.0.0.100", "10.0.0.101");
const group = (more: string) => `vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n${more}\n}\n`;

const CASES: readonly [
  name: string,
  text: string,
  track: readonly unknown[] | undefined,
  ...findings: readonly RegExp[],
][] = [
  [
    "the owner of a group tracks nothing that has a weight",
    ask("weight 20") + group("") + instanceWith(`priority 255\n${TRACK}`) + SECOND,
    undefined,
    /nothing tracks "ask"/,
    /the members' priorities differ/,
    /note: ask: a weight does not move the priority 255/,
  ],
  [
    "the owner of a group tracks what has none",
    ask("") + group("") + instanceWith(`priority 255\n${TRACK}`) + SECOND,
    [{ check: "ask" }],
    /the members' priorities differ/,
  ],
  [
    "a group's track is its members'",
    ask("") + group(TRACK) + instanceWith("") + SECOND,
    [{ check: "ask" }],
  ],
  [
    "a track of the group and of its member counts once",
    ask("") + group(TRACK) + instanceWith(TRACK) + SECOND,
    [{ check: "ask" }],
    /:11: note: ask: "VI_1" tracks "ask" already; the first one counts/,
  ],
  [
    "a file's own weight in a group is nobody's choice",
    "track_file ask {\nfile /run/a\n}\n" + group("") + instanceWith("track_file {\nask\n}") +
    SECOND,
    [{ check: "ask" }],
    /so the weight of "ask" has no effect: its failure means fault/,
  ],
  [
    "a file that has another weight is not tracked in a group",
    "track_file ask {\nfile /run/a\nweight 2\n}\n" + group("") +
    instanceWith("track_file {\nask\n}") + SECOND,
    undefined,
    /nothing tracks "ask"/,
    /where "ask" is not tracked because of its weight/,
  ],
  [
    "a script that is defined below is not tracked",
    instanceWith(TRACK) + ask(""),
    undefined,
    /"ask" is defined further down, where keepalived does not look/,
    /nothing tracks "ask"/,
  ],
  [
    "a script of a name like it is meant",
    ask("") + instanceWith(`${TRACK}\ntrack_script {\naskk\n}`),
    [{ check: "ask" }],
    /there is no vrrp_script "askk", so nothing is tracked; did you mean ask\?/,
  ],
];

for (const [name, text, track, ...findings] of CASES) {
  Deno.test(name, async () => {
    const { yaml, findings: found } = await importText(text);
    const said = told(found);
    assert.equal(said.length, findings.length, said.join("\n"));
    for (const [index, pattern] of findings.entries()) assert.match(said[index]!, pattern);
    const { instances } = parse(yaml!) as { instances: { track?: unknown }[] };
    assert.deepEqual(instances[0]!.track, track);
  });
}

Deno.test("the line of a track without a program is left out", async () => {
  const result = await importText(
    `vrrp_script none { script "" }\n${instanceWith("track_script {\nnone\n}")}`,
  );
  assert.deepEqual(result.explain()[6]!.becomes, ["left out, with its block"]);
});
