/** A command for a sync group: all of its members or none, and what is answered. */

import assert from "node:assert/strict";
import { GroupOverrides } from "../../../src/node/overrides/group_overrides.ts";
import type { OverrideResult, Overrides } from "../../../src/node/overrides/overrides.ts";
import type { CommandErrorCode } from "../../../src/status/commands/commands.ts";

/** The rejections of the members a, b, which the command names, and c; one that is missing has none. */
type Refusals = Partial<Record<"a" | "b" | "c", CommandErrorCode>>;

function group(refusals: Refusals, at: "obstacle" | "command") {
  const said: string[] = [];
  const members = (["a", "b", "c"] as const).map((name) => {
    const code = refusals[name];
    const refusal = code === undefined ? null : { ok: false, code, message: `${name} ${code}` };
    const obstacle = () => at === "obstacle" ? refusal : null;
    const outcome = () => (at === "command" ? refusal : null) ?? { ok: true, name };
    const does = (what: string) => () => {
      said.push(`${what} ${name}`);
      return outcome();
    };
    return {
      nowMs: () => 7,
      promoteObstacle: obstacle,
      demoteObstacle: obstacle,
      endHold: does("end hold of"),
      promote: does("promote"),
      beginDemote: does("begin demote of"),
      handOver: () => Promise.resolve(at === "command" ? refusal : null),
      takeBack: does("take back"),
      demoteFailed: does("demote failed of"),
      standDemoted: (_: unknown, startedMs: number) => {
        said.push(`demoted ${name} since ${startedMs}`);
        return { ok: true, name };
      },
      release: does("release"),
      setPriority: does("set priority of"),
      clearPriority: does("clear priority of"),
    };
  }) as unknown as Overrides[];
  return { overrides: new GroupOverrides(members[1]!, members), said };
}

const each = (...whats: string[]) =>
  whats.flatMap((what) => ["a", "c", "b"].map((name) => what.replace("*", name)));

/** What the member that answers says, or the rejection. */
function answer(result: OverrideResult): string {
  return result.ok ? (result as unknown as { name: string }).name : result.message;
}

const [NOBODY, LATE] = ["no_other_master", "superseded"] as const;
const ROWS: readonly (readonly [Refusals, string])[] = [
  [{}, "b"],
  [{ a: NOBODY }, "a no_other_master"],
  [{ b: NOBODY }, "b no_other_master"],
  [{ a: NOBODY, b: NOBODY, c: NOBODY }, "b no_other_master; a no_other_master; c no_other_master"],
  [{ a: LATE, b: LATE, c: NOBODY }, "c no_other_master"],
  [{ a: LATE, c: LATE }, "a superseded; c superseded"],
];

Deno.test("a promote or a demote to which a member has an obstacle is refused, with the sentences of all", async () => {
  for (const [refusals, expected] of ROWS) {
    const { overrides, said } = group(refusals, "obstacle");
    assert.equal(answer(overrides.promote({})), expected);
    const isFree = expected === "b";
    assert.deepEqual(said.splice(0), isFree ? each("end hold of *", "promote *") : []);
    assert.equal(answer(await overrides.demote({})), expected);
    assert.deepEqual(said, isFree ? each("begin demote of *", "demoted * since 7") : []);
  }
});

Deno.test("a demote that a member cannot carry out is taken back by all", async () => {
  for (const [refusals, expected] of ROWS.slice(1)) {
    const { overrides, said } = group(refusals, "command");
    assert.equal(answer(await overrides.demote({})), expected);
    const back = ["a", "c", "b"].flatMap((
      name,
    ) => [`take back ${name}`, `demote failed of ${name}`]);
    assert.deepEqual(said, [...each("begin demote of *"), ...back]);
  }
});

Deno.test("every other command is given to each member, and answered with what is refused, or by the one named", () => {
  const commands = {
    "promote": (overrides: GroupOverrides) => overrides.promote({}),
    "release": (overrides: GroupOverrides) => overrides.release({}),
    "set priority of": (overrides: GroupOverrides) => overrides.setPriority(120, {}),
    "clear priority of": (overrides: GroupOverrides) => overrides.clearPriority({}),
  };
  for (const [what, give] of Object.entries(commands)) {
    for (const [refusals, expected] of ROWS) {
      const { overrides, said } = group(refusals, "command");
      assert.equal(answer(give(overrides)), expected);
      assert.deepEqual(said.slice(-3), each(`${what} *`));
    }
  }
});
