import assert from "node:assert/strict";
import { answersMaking, answersOpening } from "../../src/runtime/file_system.ts";
import { inFolder } from "../cli/captured_context.ts";

Deno.test("a question leaves nothing behind, not even what an earlier one has left", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/new.asked`);
    await answersMaking(`${folder}/new`);
    await answersOpening(`${folder}/old`);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
    await answersMaking(`${folder}/nowhere/new`);
    await answersOpening(`${folder}/nowhere/old`);
  });
});
