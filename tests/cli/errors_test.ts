import assert from "node:assert/strict";
import { exitCodeOf } from "../../src/cli/errors.ts";
import { EXIT } from "../../src/exit.ts";
import { inFolder } from "./captured_context.ts";

/** What this operation throws. */
const thrownBy = async (operation: () => unknown): Promise<unknown> => {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  assert.fail("it throws nothing");
};

Deno.test("what the system refuses is a plain error; what is wrong with vipd is a defect", async () => {
  await inFolder(async (folder) => {
    const cases: readonly (readonly [what: string, () => unknown, number | null])[] = [
      ["a missing file", () => Deno.readTextFile(`${folder}/x`), EXIT.failure],
      ["a file in the place of a folder", () => [...Deno.readDirSync("/dev/null")], EXIT.failure],
      ["a full disk", () => Deno.writeTextFile("/dev/full", "x"), EXIT.failure],
      ["a defect", () => (null as unknown as string).length, null],
      ["a defect with a code of the runtime", () => structuredClone(() => {}), null],
    ];
    for (const [what, operation, code] of cases) {
      assert.equal(exitCodeOf(await thrownBy(operation)), code, what);
    }
  });
});
