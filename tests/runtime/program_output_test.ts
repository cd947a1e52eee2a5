import assert from "node:assert/strict";
import { programEnd } from "../../src/runtime/program_output.ts";

function shell(script: string, piped: "stdout" | "stderr"): Deno.Command {
  const outputs = { stdout: "null", stderr: "null", [piped]: "piped" } as const;
  return new Deno.Command("/bin/sh", { args: ["-c", script], stdin: "null", ...outputs });
}

Deno.test("a program's end and what it wrote", async () => {
  const rows = [
    ["stdout", "printf 'one\\ntwo'", 0, "one\ntwo"],
    ["stdout", "echo nothing >&2; exit 3", 3, ""],
    ["stderr", "echo nothing; printf w\u00e4r >&2; exit 1", 1, "w\u00e4r"],
    ["stdout", "yes | head -c 300000", 0, "y\n".repeat(150_000)],
    // Characters of two octets, of which the first buffer's end splits one.
    ["stdout", `printf %s "x$(yes ä | head -n 5000 | tr -d '\\n')"`, 0, `x${"ä".repeat(5000)}`],
    ["stdout", "kill -KILL $$", 137, ""],
  ] as const;
  for (const [output, script, code, written] of rows) {
    const { status, text } = await programEnd(shell(script, output), output);
    assert.deepEqual([status.code, text], [code, written], script);
  }
});

Deno.test("a program that takes too long is ended", async () => {
  const command = new Deno.Command("/bin/sleep", {
    ...{ args: ["60"], stdin: "null", stdout: "piped", stderr: "null" },
    signal: AbortSignal.timeout(50),
  });
  const { status, text } = await programEnd(command, "stdout");
  assert.deepEqual([status.signal, text], ["SIGTERM", ""]);
});

Deno.test("a program that is not there rejects", async () => {
  const missing = new Deno.Command("/nowhere/program", { stdout: "piped" });
  await assert.rejects(programEnd(missing, "stdout"), Deno.errors.NotFound);
});
