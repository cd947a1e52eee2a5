import assert from "node:assert/strict";
import { pairOfNodes } from "../../../src/status/pair/answer.ts";
import type { Verdict } from "../../../src/status/status.ts";
import { exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";
import { instanceWith } from "./example.ts";

/** The verdicts on the instances A, B and C, or `null` without one; the verdict on all, and the sentence. */
const CASES: readonly (readonly [
  name: string,
  verdicts: readonly (Verdict | null)[],
  verdict: Verdict,
  sentence: string,
])[] = [
  ["none", [], "unverified", "this node has no instance"],
  ["one that is safe", ["protected"], "protected", "A is served by lb01; lb02 is ready"],
  ["one that is not", ["unprotected"], "unprotected", "A is served by lb01; nobody is ready"],
  [
    "several that are safe",
    ["protected", "protected"],
    "protected",
    "all 2 instances are served, with a standby ready",
  ],
  [
    "the gravest of two",
    ["protected", "unprotected"],
    "unprotected",
    "B is served by lb01; nobody is ready",
  ],
  [
    "two that are equally grave",
    ["protected", "unserved", "unserved"],
    "unserved",
    "B is served by lb01; nobody is ready; 1 more is unserved",
  ],
  [
    "three",
    ["contested", "contested", "contested"],
    "contested",
    "A is served by lb01; nobody is ready; 2 more are contested",
  ],
  [
    "one besides those without a verdict",
    [null, "protected"],
    "protected",
    "B is served by lb01; lb02 is ready",
  ],
];

for (const [name, verdicts, verdict, sentence] of CASES) {
  Deno.test(`the pair's sentence is about ${name}`, () => {
    const instances = verdicts.map((it, at) => instanceWith(it, { name: "ABC".charAt(at) }));
    const pair = pairOfNodes({ ...exampleStatus(), instances });
    assert.deepEqual([pair.verdict, pair.sentence], [verdict, sentence]);
  });
}

Deno.test("the pair has this node first, then its peers, and for an instance those that have it", () => {
  const peers = [
    examplePeer({ state: "backup", priority: { configured: 100, effective: 90 } }, {
      clock_offset_ms: 7,
    }),
    examplePeer({}, { name: "lb03", reachable: false, version: null, instances: [] }),
  ];
  const own = instanceWith("protected", {
    priority: { configured: 150, effective: 140, reasons: [] },
  });
  const { nodes, instances } = pairOfNodes({ ...exampleStatus(), instances: [own], peers });
  assert.deepEqual(nodes.map(({ version: _, ...node }) => node), [
    { name: "lb01", reachable: true, clock_offset_ms: 0 },
    { name: "lb02", reachable: true, clock_offset_ms: 7 },
    { name: "lb03", reachable: false, clock_offset_ms: peers[1]!.clock_offset_ms ?? null },
  ]);
  assert.deepEqual(instances.map((instance) => instance.nodes), [[
    { name: "lb01", state: own.state, priority: { configured: 150, effective: 140 } },
    { name: "lb02", state: "backup", priority: { configured: 100, effective: 90 } },
  ]]);
});
