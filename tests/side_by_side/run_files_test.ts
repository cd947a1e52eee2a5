import assert from "node:assert/strict";
import { join } from "node:path";
import { type FileResult, runRounds } from "./run_files.ts";

/** Runs files with this code, all of them at a time, the last ones as quiet ones; resolves with what came of each, in their order. */
async function run(
  codes: readonly string[],
  limitMs = 60_000,
  quiet = 0,
): Promise<FileResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "vipd-side-by-side-" });
  try {
    const files = codes.map((_, index) => join(folder, `${index}_test.ts`));
    await Promise.all(files.map((file, index) => Deno.writeTextFile(file, codes[index]!)));
    const results: FileResult[] = [];
    const options = ["--no-check", "--no-config"];
    const loud = files.slice(0, files.length - quiet);
    const rounds = [{ files: loud, atATime: loud.length, quiet: files.slice(loud.length) }];
    await runRounds(rounds, { options, limitMs }, (result) => void results.push(result));
    return files.map((file) => results.find((result) => result.file === file)!);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lines that .ci/run adds up. */
const counted = ({ output }: FileResult) => output.match(/\d+ passed.* \d+ failed/g);

for (const quiet of [0, 1]) {
  Deno.test(`files run in parallel, ${quiet} of them quiet, and each one's output is one piece`, async () => {
    const meet = (own: number, other: number) =>
      `Deno.test("meets", async () => {
      const file = (n) => new URL("./" + n, import.meta.url);
      await Deno.writeTextFile(file(${own}), "");
      while (!await Deno.stat(file(${other})).catch(() => null));
      console.log("met by ${own}");
    });`;
    const results = await run([meet(0, 1), meet(1, 0)], 60_000, quiet);
    results.forEach((result, index) => {
      assert.ok(result.passed, result.output);
      assert.deepEqual(result.output.match(/met by \d/g), [`met by ${index}`]);
      assert.deepEqual(counted(result), ["1 passed | 0 failed"]);
    });
  });
}

Deno.test("a file that does not end well is counted once", async (t) => {
  const cases = [
    [
      "a test fails",
      'Deno.test("x", () => { throw 1; }); Deno.test("y", () => {});',
      "1 passed | 1",
    ],
    ["it does not load", "throw 1;", "0 passed | 1"],
    ["its process ends", 'Deno.test("x", () => Deno.kill(Deno.pid, "SIGKILL"));', "0 passed | 1"],
    ["it says that all is well", 'Deno.test("x", () => Deno.exit(0));', "0 passed | 1"],
  ] as const;
  const hang = ["it hangs", 'Deno.test("x", () => { for (;;); });', "0 passed | 1"] as const;
  const [results, hung] = await Promise.all([
    run(cases.map(([, code]) => code)),
    run([hang[1]], 2000),
  ]);
  for (const [index, result] of [...results, ...hung].entries()) {
    const [name, , line] = [...cases, hang][index]!;
    await t.step(name, () => {
      assert.equal(result.passed, false);
      assert.deepEqual(counted(result), [`${line} failed`]);
    });
  }
});

Deno.test("a file that fails next to others runs once more for itself, and only that run counts", async (t) => {
  const once = `Deno.test("x", () => {
    const mark = new URL("./mark", import.meta.url);
    try { Deno.statSync(mark); } catch { Deno.writeTextFileSync(mark, ""); throw "the first time"; }
  });`;
  const results = await run([
    'Deno.test("x", () => {});',
    once,
    'Deno.test("x", () => { throw 1; });',
  ]);
  const cases = [
    ["it passes at once", true, false, ["1 passed | 0 failed"]],
    ["it passes for itself", true, true, ["1 passed | 0 failed"]],
    ["it fails again", false, true, ["0 passed | 1 failed"]],
  ] as const;
  for (const [index, [name, passed, failedNextToOthers, counts]] of cases.entries()) {
    await t.step(name, () => {
      const result = results[index]!;
      assert.deepEqual([result.passed, result.failedNextToOthers], [passed, failedNextToOthers]);
      assert.deepEqual(counted(result), counts);
    });
  }
  assert.match(results[1]!.output, /the first time[^]*1_test\.ts failed next to others/);
});
