/** Whether adverts would leave: one question a second for each link, for all that cannot know it otherwise. */

import assert from "node:assert/strict";
import type { HostError } from "../../../../src/host/errors.ts";
import { OutwardQuestions } from "../../../../src/node/instance/adverts/outward_questions.ts";
import type { Instance } from "../../../../src/node/instance/instance.ts";
import { instanceConfig, SimCluster } from "../../../../src/sim/cluster.ts";

Deno.test("one instance on each link asks once a second, and all on it that ask get the answer", () => {
  const { time, nodes } = new SimCluster([{}]);
  const { host } = nodes[0]!;
  const heard: string[] = [];
  const instance = (name: string, device: string, asksWayOut = true) =>
    ({
      config: instanceConfig({ name, interface: device }),
      asksWayOut,
      askWayOut: (): HostError => ({ code: "EPERM", message: `${name} asked` }),
      wayOutAnswered: (error: HostError) => heard.push(`${time.nowMs} ${name}: ${error.message}`),
    }) as unknown as Instance;
  const instances = [
    instance("master", "eth1", false),
    instance("a", "eth1"),
    instance("b", "eth2"),
    instance("c", "eth1"),
  ];
  const questions = new OutwardQuestions(host, () => instances);
  questions.start();
  time.runUntil(2500);
  const turn = (atMs: number) => [
    `${atMs} a: a asked`,
    `${atMs} c: a asked`,
    `${atMs} b: b asked`,
  ];
  assert.deepEqual(heard, [...turn(1000), ...turn(2000)]);
  questions.stop();
  time.runUntil(10_000);
  assert.equal(heard.length, 6);
});
