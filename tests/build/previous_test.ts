import assert from "node:assert/strict";
import { join } from "node:path";
import { PREVIOUS, previousExecutable } from "../../build/previous.ts";
import { BuildError, runProgram } from "../../build/process.ts";

const VARIABLE = "VIPD_PREVIOUS_BINARY";
const ROOT = new URL("../..", import.meta.url).pathname;

Deno.test("a clone without the previous version's commit is refused with the remedy", async () => {
  const clone = await Deno.makeTempDir();
  try {
    await runProgram("git", ["init", "--quiet", clone]);
    await Deno.mkdir(join(clone, "build"));
    for (const file of ["build/previous.ts", "build/process.ts"]) {
      await Deno.copyFile(join(ROOT, file), join(clone, file));
    }
    const args = ["run", "-A", "--no-config", join(clone, "build/previous.ts")];
    const { code, stderr } = await runProgram(Deno.execPath(), args);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${PREVIOUS.commit}.*git fetch --unshallow`));
  } finally {
    await Deno.remove(clone, { recursive: true });
  }
});

Deno.test("what VIPD_PREVIOUS_BINARY names is taken only if it is the previous version", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "vipd");
  const named = Deno.env.get(VARIABLE);
  const says = (commit: string) =>
    `echo '${JSON.stringify({ vipd: PREVIOUS.version, commit: commit.slice(0, 12) })}'`;
  try {
    Deno.env.set(VARIABLE, path);
    const refused = (error: Error) => error instanceof BuildError && error.message.includes(path);
    await assert.rejects(previousExecutable(), refused, "nothing is there");
    for (const script of ["echo usage", "exit 2", says("0".repeat(40))]) {
      await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      await assert.rejects(previousExecutable(), refused, script);
    }
    await Deno.writeTextFile(path, `#!/bin/sh\n${says(PREVIOUS.commit)}\n`);
    assert.equal(await previousExecutable(), path);
  } finally {
    if (named === undefined) Deno.env.delete(VARIABLE);
    else Deno.env.set(VARIABLE, named);
    await Deno.remove(folder, { recursive: true });
  }
});
