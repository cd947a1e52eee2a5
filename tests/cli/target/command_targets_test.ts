import assert from "node:assert/strict";
import { commandTargets } from "../../../src/cli/target/command_targets.ts";
import { CliError, EXIT } from "../../../src/exit.ts";
import { exampleInstance, exampleStatus } from "../../front/fake_backend.ts";

/** VI_1 and VI_3 move together. */
const STATUS = exampleStatus({
  instances: [
    exampleInstance({ name: "VI_1", sync_group: "web" }),
    exampleInstance({ name: "VI_2" }),
    exampleInstance({ name: "VI_3", sync_group: "web" }),
  ],
});
const WEB = { instance: "VI_1", moved: ["VI_1", "VI_3"] };
const SECOND = { instance: "VI_2", moved: ["VI_2"] };

const CHOSEN: readonly [operands: string[], all: boolean, targets: unknown[], many: boolean][] = [
  [[], true, [WEB, SECOND], true],
  [["VI_2"], false, [SECOND], false],
  [["VI_3"], false, [{ instance: "VI_3", moved: ["VI_3", "VI_1"] }], false],
  [["web"], false, [WEB], true],
  [["VI_2", "web"], false, [SECOND, WEB], true],
  [["VI_1", "web", "VI_3", "VI_1"], false, [WEB], true],
  [["web", "VI_2", "VI_2"], false, [WEB, SECOND], true],
];

Deno.test("names, groups and --all choose each instance once, and a sync group by one command", async (t) => {
  for (const [operands, all, targets, many] of CHOSEN) {
    await t.step([...operands, ...(all ? ["--all"] : [])].join(" "), () => {
      assert.deepEqual(commandTargets(operands, all, STATUS), { targets, many });
    });
  }
});

Deno.test("the only instance needs no name", () => {
  const targets = [{ instance: "VI_1", moved: ["VI_1"] }];
  assert.deepEqual(commandTargets([], false, exampleStatus()), { targets, many: false });
});

Deno.test("it must be clear what is meant", () => {
  const isUsage = (message: RegExp) => (error: unknown) =>
    error instanceof CliError && error.exitCode === EXIT.usage && message.test(error.message);
  assert.throws(() => commandTargets([], false, STATUS), isUsage(/VI_1, VI_2, VI_3/));
  assert.throws(() => commandTargets(["VI_1"], true, STATUS), isUsage(/--all and a name/));
  const unknown = isUsage(/lb01 has no instance "VI_9x"; there are VI_1, VI_2, VI_3/);
  assert.throws(() => commandTargets(["VI_9x"], false, STATUS), unknown);
  assert.throws(() => commandTargets(["VI_2", "VI_9x"], false, STATUS), unknown, "nothing is done");
});
