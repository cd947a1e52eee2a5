/**
 * What the page offers in each situation of a pair stands in `offers.expected`; `UPDATE_GOLDEN=1` writes it again. And
 * vipd keeps to it: it carries out what is offered, and what is only not advised, and refuses what cannot work.
 */

import assert from "node:assert/strict";
import { offersOf } from "../../../src/front/page/pair/offers.ts";
import type { SimNode } from "../../../src/sim/cluster.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import { knownThree } from "../../node/pair/known_three.ts";
import { exampleStatus } from "../fake_backend.ts";
import { byWeight, fail, pairIn, SITUATIONS } from "./situations.ts";

type Name = keyof typeof SITUATIONS;
type Move = "promote" | "demote" | "release";

const NAMES = Object.keys(SITUATIONS) as Name[];
const EXPECTED = new URL("./offers.expected", import.meta.url);

/** An offer whose end nobody knows beforehand. */
const UNSURE = /, if (another node|that node) takes over$|, if the kernel refuses nothing now$/;

/** `null` if the node does not answer, or has no instance. */
function offersAt({ daemon, hung, host }: SimNode) {
  const status = daemon?.status();
  const [instance] = status?.instances ?? [];
  return !status || !instance || hung ? null : offersOf(instance, status, host.wallClockMs());
}

function told(node: SimNode): string[] {
  const offers = offersAt(node);
  if (offers === null) return [`${node.name}: no page`];
  const { state, override, pair: { verdict, sentence } } = node.status;
  const { offered, highlighted, withheld } = offers;
  const given = override === null ? "" : `, ${override.kind}`;
  return [
    `${node.name}: ${state}${given}, ${verdict}: ${sentence}`,
    ...offered.map(({ command, effect }) =>
      `  ${command === highlighted ? "*" : " "} ${command}: ${effect}`
    ),
    ...(withheld === null ? [] : [`  - ${withheld}`]),
  ];
}

Deno.test("each situation has the commands that can work, and a sentence on the others", async () => {
  const lines: string[] = [];
  for (const name of NAMES) {
    const { lb01, lb02 } = await pairIn(name);
    lines.push(`## ${name}`, ...told(lb01), ...told(lb02), "");
  }
  for (const [name, happens] of Object.entries(THREE)) {
    const { nodes, run } = knownThree(WEIGHED);
    happens(nodes);
    run(12_000);
    lines.push(`## three nodes: ${name}`, ...nodes.flatMap(told), "");
  }
  const actual = lines.join("\n");
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(EXPECTED, actual);
  assert.equal(actual, await Deno.readTextFile(EXPECTED));
});

/** If nginx fails on lb02, lb02 still comes before lb03. */
const WEIGHED = [byWeight(-60), { ...byWeight(-20), priority: 149 }, byWeight(-60)];

const THREE: Readonly<Record<string, (nodes: readonly SimNode[]) => void>> = {
  "all well": () => {},
  "lb02 is gone": ([, lb02]) => lb02!.powerOff(),
  "lb02 and lb03 are gone": ([, lb02, lb03]) => [lb02!, lb03!].forEach((node) => node.powerOff()),
  "lb02's link is down": ([, lb02]) => lb02!.host.setLink(false),
  "lb02 is not well, and would come before lb03": ([, lb02]) => fail(lb02!),
};

for (const name of NAMES) {
  Deno.test(`${name}: vipd does what is offered, and refuses what cannot work`, async () => {
    for (const which of ["lb01", "lb02"] as const) {
      const offers = offersAt((await pairIn(name))[which]);
      if (offers === null) continue;
      const { offered, withheld } = offers;
      for (const { command, effect } of offered) {
        const result = await carriedOut(name, which, command);
        if (!UNSURE.test(effect)) {
          assert.ok(result.ok, `${which} ${command}: ${JSON.stringify(result)}`);
        }
      }
      for (const command of ["promote", "demote"] as const) {
        const verb = command === "promote" ? "Promote" : "Demote";
        if (withheld?.includes(`${verb} cannot work`)) {
          const result = await carriedOut(name, which, command);
          assert.ok(!result.ok, `${which} ${command} works`);
        } else if (withheld?.includes(`${verb} is not offered`)) {
          const result = await carriedOut(name, which, command);
          assert.ok(result.ok, `${which} ${command}: ${JSON.stringify(result)}`);
        }
      }
    }
  });
}

/** The result of a command in a pair of its own. */
async function carriedOut(name: Name, which: "lb01" | "lb02", kind: Move) {
  const pair = await pairIn(name);
  return await pair.cluster.settle(pair[which].daemon!.command({ kind, instance: "VI_1" }));
}

Deno.test("while a master hands over, it is not to do so again", () => {
  const status = exampleStatus();
  const instance: InstanceStatus = { ...status.instances[0]!, handing_over: true };
  const { offered, withheld } = offersOf(instance, status, 0);
  assert.deepEqual(offered.map(({ command }) => command), ["promote"]);
  assert.equal(withheld, "Demote cannot work: VI_1 is handing over already.");
});

Deno.test("a vipd that gives no verdict has commands, too", () => {
  const status = exampleStatus();
  const { pair: _, ...instance } = status.instances[0]!;
  const { offered } = offersOf(instance as InstanceStatus, status, 0);
  assert.deepEqual(offered.map(({ command }) => command), ["demote", "promote"]);
});
