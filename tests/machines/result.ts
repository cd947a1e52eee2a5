/** What a run on whole machines came to, for the file that is committed: nobody waits for such a run at each change. */

import { runProgram } from "../../build/process.ts";

/** Names the file. */
const FILE_VARIABLE = "VIPD_MACHINES_RESULT";

const PREAMBLE = `# The last run on whole machines

\`deno task test:long\` writes this file. Two guests with an emulated processor each: the times say how
long a reader waits, not how fast vipd is.
`;

/** A step that has run. */
export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number;
}

/** Writes the file if one is named. `guest` is what the guests are. */
export async function writeResult(steps: readonly StepResult[], guest: string): Promise<void> {
  const file = Deno.env.get(FILE_VARIABLE);
  if (file === undefined) return;
  const tookMs = steps.reduce((sum, step) => sum + step.tookMs, 0);
  const rows = steps.map(({ name, ok, tookMs }) =>
    `| ${ok ? "✓" : "✗"} | ${name} | ${(tookMs / 1000).toFixed(0)} s |`
  );
  const failed = steps.filter(({ ok }) => !ok).length;
  const text = `${PREAMBLE}
- Commit: ${await commit(file)}
- Date: ${new Date().toISOString().slice(0, 10)}
- Guests: ${guest}
- ${steps.length - failed} passed, ${failed} failed, in ${(tookMs / 60_000).toFixed(1)} minutes

|   | step | time |
| - | ---- | ---- |
${rows.join("\n")}
`;
  await Deno.writeTextFile(file, text);
  await runProgram(Deno.execPath(), ["fmt", "--quiet", file]);
}

/** The commit, and whether anything but this file differs from it. */
async function commit(file: string): Promise<string> {
  const head = (await runProgram("git", ["rev-parse", "--short=12", "HEAD"])).stdout.trim();
  const changes = await runProgram("git", ["status", "--porcelain", "--", ".", `:!${file}`]);
  return changes.stdout.trim() === "" ? head : `${head}, with changes`;
}
