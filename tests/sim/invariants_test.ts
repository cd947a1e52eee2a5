import assert from "node:assert/strict";
import { VIP } from "../../src/sim/cluster.ts";
import { Simulation } from "../../src/sim/simulation.ts";

const PAIR = [{ priority: 150 }, { priority: 100 }];

function started(instances: ConstructorParameters<typeof Simulation>[0] = PAIR): Simulation {
  const simulation = new Simulation(instances, 1);
  simulation.step("start", () => simulation.cluster.start());
  simulation.run(30_000);
  return simulation;
}

/** The invariants that do not hold, each once. */
function violated({ invariants }: Simulation): string[] {
  return [...new Set(invariants.violations.map(({ invariant }) => invariant))];
}

Deno.test("a healthy pair violates nothing", () => {
  assert.deepEqual(violated(started()), []);
});

Deno.test("an address on a backup, or a master without it, is a violation", () => {
  const extra = started();
  extra.step("the backup has it too", () => void extra.cluster.nodes[1]!.host.addAddress(VIP));
  assert.deepEqual(violated(extra), ["address_follows_state"]);
  const missing = started();
  missing.step("the master loses it unseen", () => {
    missing.cluster.nodes[0]!.host.removeAddress(VIP);
  });
  assert.deepEqual(violated(missing), ["address_follows_state"]);
});

Deno.test("two masters that hear each other are a violation; those of a divided link are not", () => {
  const passwords = [150, 100].map((priority) => ({
    priority,
    authentication: { type: "pass", password: `secret${priority}` } as const,
  }));
  assert.deepEqual(violated(started(passwords)), ["one_master"]);
  const divided = started();
  divided.step("cut", () => divided.cluster.network.partition(["lb01"], ["lb02"]));
  divided.run(60_000);
  assert.deepEqual(divided.cluster.holders, ["lb01", "lb02"]);
  assert.deepEqual(violated(divided), []);
});

Deno.test("a node that hears no master and does not become it is a violation", () => {
  const simulation = started();
  const [first, second] = simulation.cluster.nodes;
  simulation.step(
    "the master's machine loses its power, the backup's timers stand still unseen",
    () => {
      first!.powerOff();
      second!.host.hang();
    },
  );
  // Nothing else happens, and the invariants are looked at after events.
  const { time } = simulation.cluster;
  for (let count = 1; count <= 10; count++) time.schedule(time.nowMs + count * 1000, () => {});
  simulation.run(10_000);
  assert.equal(second!.status.state, "backup");
  assert.deepEqual(violated(simulation), ["somebody_serves"]);
});

Deno.test("a change in peace is a violation, but not on a link that loses datagrams", () => {
  for (const [loss, want] of [[0, ["no_flapping"]], [0.01, []]] as const) {
    const simulation = started();
    simulation.cluster.network.setConditions({ loss, duplication: 0, delayMs: 0.1, jitterMs: 0 });
    // Behind the observer's back.
    void simulation.cluster.nodes[1]!.daemon!.command({ kind: "promote", instance: "VI_1" });
    simulation.run(1000);
    assert.deepEqual(violated(simulation), want);
  }
});
