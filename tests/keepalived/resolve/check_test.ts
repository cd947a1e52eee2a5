/** From scripts, processes and files to checks: their names, their users, and what is said of them. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith, told } from "../support.ts";

interface Case {
  readonly name: string;
  /** Blocks before the instance. */
  readonly blocks: string;
  /** In the instance. */
  readonly tracked: string;
  readonly checks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly findings?: readonly RegExp[];
}

const script = (more: string, command = "/bin/ask") =>
  `vrrp_script ask {\nscript "${command}"\n${more}\n}\n`;
const TRACK_SCRIPT = "track_script {\nask\n}";

const CASES: readonly Case[] = [
  {
    name: "blocks of one name become checks of several, none twice",
    blocks: "vrrp_script a {\nscript /bin/a\n}\nvrrp_track_process a {\nprocess a\n}\n" +
      "track_file a {\nfile /run/a\n}\nvrrp_track_process a-2 {\nprocess a2\n}\n" +
      "track_file a-2 {\nfile /run/a2\n}\n",
    tracked: "track_script {\na\n}\ntrack_process {\na\na-2\n}\ntrack_file {\na\na-2\n}",
    checks: {
      a: { type: "exec" },
      "a-2": { process: "a" },
      "a-3": { path: "/run/a" },
      "a-2-2": { process: "a2" },
      "a-2-3": { path: "/run/a2" },
    },
    findings: [/"a" is named "a-2"/, /"a" is named "a-3"/, /"a-2" is named "a-2-2"/, /"a-2-3"/],
  },
  {
    name: "the user of a script that becomes a program",
    blocks: script("user nobody"),
    tracked: TRACK_SCRIPT,
    checks: { ask: { type: "exec", user: "nobody" } },
  },
  {
    name: "the user of a script that starts no program",
    blocks: script("user nobody", "/usr/bin/killall -0 nginx"),
    tracked: TRACK_SCRIPT,
    checks: { ask: { type: "process", user: undefined } },
    findings: [/becomes a check of type process/, /:3: note: user: a check of type process starts/],
  },
  {
    name: "times and counts that nobody wrote",
    blocks: script(""),
    tracked: TRACK_SCRIPT,
    checks: { ask: { interval: "1s", timeout: "1s", rise: 1, fall: 1, grace: undefined } },
  },
  {
    name: "times and counts",
    blocks: script("interval 3\ntimeout 2\nrise 4\nfall 5"),
    tracked: TRACK_SCRIPT,
    checks: { ask: { interval: "3s", timeout: "2s", rise: 4, fall: 5 } },
  },
  {
    name: "without a timeout the interval is it",
    blocks: script("interval 3"),
    tracked: TRACK_SCRIPT,
    checks: { ask: { interval: "3s", timeout: "3s" } },
  },
  {
    name: "a file that is empty for a moment",
    blocks: "track_file ask {\nfile /run/a\n}\n",
    tracked: "track_file {\nask\n}",
    checks: { ask: { type: "file", fall: 2, rise: 1 } },
  },
  {
    name: "a process that may be away for a while",
    blocks: "vrrp_track_process ask {\nprocess nginx\ndelay 2\n}\n",
    tracked: "track_process {\nask\n}",
    checks: { ask: { type: "process", grace: "2s", fall: 1 } },
  },
  {
    name: "a process that may be away for no time",
    blocks: "vrrp_track_process ask {\nprocess nginx\ndelay 0\n}\n",
    tracked: "track_process {\nask\n}",
    checks: { ask: { type: "process", grace: undefined } },
  },
  {
    name: "a process that may be away for less than vipd counts",
    blocks: "vrrp_track_process ask {\nprocess nginx\ndelay 0.001\n}\n",
    tracked: "track_process {\nask\n}",
    checks: { ask: { type: "process", grace: "10ms" } },
  },
  {
    name: "the shortest timeout",
    blocks: script("timeout 0.01"),
    tracked: TRACK_SCRIPT,
    checks: { ask: { timeout: "10ms" } },
  },
  {
    name: "a process with one parameter",
    blocks: 'vrrp_track_process ask {\nprocess "/usr/sbin/nginx -g"\n}\n',
    tracked: "track_process {\nask\n}",
    checks: { ask: { process: "nginx" } },
    findings: [/:2: loss: process: the check looks at a process's name, not at "-g"/],
  },
  {
    name: "a process without a parameter",
    blocks: "vrrp_track_process ask {\nprocess /usr/sbin/nginx\n}\n",
    tracked: "track_process {\nask\n}",
    checks: { ask: { process: "nginx" } },
  },
];

for (const { name, blocks, tracked, checks, findings = [] } of CASES) {
  Deno.test(name, async () => {
    const { yaml, findings: found } = await importText(blocks + instanceWith(tracked));
    const said = told(found);
    assert.equal(said.length, findings.length, said.join("\n"));
    for (const [index, pattern] of findings.entries()) assert.match(said[index]!, pattern);
    const { checks: written } = parse(yaml!) as { checks: Record<string, Record<string, unknown>> };
    assert.deepEqual(Object.keys(written).sort(), Object.keys(checks).sort());
    for (const [check, wanted] of Object.entries(checks)) {
      for (const [key, value] of Object.entries(wanted)) {
        assert.deepEqual(written[check]![key], value, `${check}.${key}`);
      }
    }
  });
}

Deno.test("the weight of a definition is without effect if each entry has one of its own", async () => {
  const ignored = async (...entries: readonly string[]) => {
    const text = script("weight 20") + instanceWith(`track_script {\n${entries[0]}\n}`) +
      entries.slice(1).map((entry, index) =>
        instanceWith(`track_script {\n${entry}\n}`).replace("VI_1", `VI_${index + 2}`)
          .replace("10.0.0.100", `10.0.0.${index + 101}`).replace("id 10", `id ${index + 11}`)
      ).join("");
    return told((await importText(text)).findings)
      .filter((line) => line.includes("a weight of its own")).length;
  };
  assert.equal(await ignored("ask weight 30"), 1);
  assert.equal(await ignored("ask"), 0);
  assert.equal(await ignored("ask weight 30", "ask"), 0);
  assert.equal(await ignored("ask weight 30", "ask weight 40"), 1);
});

Deno.test("a weight beyond what priorities reach becomes the highest, and is one in keepalived", async (t) => {
  const cases: readonly [string, string, RegExp][] = [
    ["a script", script("weight 254"), /"254" is not a weight.*failure means fault/],
    [
      "a process",
      "vrrp_track_process ask {\nprocess nginx\nweight 254\n}\n",
      /254 becomes 253, which is as far/,
    ],
    [
      "a process, more",
      "vrrp_track_process ask {\nprocess nginx\nweight 255\n}\n",
      /"255" is not a weight.*failure means fault/,
    ],
    ["a file", "track_file ask {\nfile /run/a\nweight 255\n}\n", /255 becomes 253, which is/],
  ];
  for (const [name, blocks, pattern] of cases) {
    await t.step(name, async () => {
      const tracked = ["script", "process", "file"].map((kind) =>
        blocks.includes(kind) ? `track_${kind} {\nask\n}` : ""
      ).join("\n");
      const { findings } = await importText(blocks + instanceWith(tracked));
      assert.ok(told(findings).some((line) => pattern.test(line)), told(findings).join("\n"));
    });
  }
});
