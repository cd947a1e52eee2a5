/**
 * Records what vipd 0.1.0 says: `deno run -A tests/frozen/record.ts --binary VIPD [FAMILY...]`, as root.
 *
 * It checks that the executable is the one, checks the commit's tree out, puts this folder into it, and runs
 * `record_families.ts` there: what the executable cannot say is asked of that tree's source. What is recorded is never
 * recorded again together with a change of what vipd does.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { FROZEN } from "./data.ts";

const HERE = new URL("./", import.meta.url).pathname;

/** Ends the recorder with a sentence. */
function refuse(why: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`${why}\n`));
  Deno.exit(1);
}

async function run(argv: readonly string[], cwd?: string): Promise<void> {
  const [program, ...args] = argv;
  const { success } = await new Deno.Command(program!, { args, ...(cwd ? { cwd } : {}) }).spawn()
    .status;
  if (!success) throw new Error(`${argv.join(" ")} failed`);
}

async function checkExecutable(path: string): Promise<void> {
  const { stdout } = await new Deno.Command(path, { args: ["version"] }).output();
  const said = new TextDecoder().decode(stdout).trim();
  const [, version, commit] = /^vipd (\S+) \(commit ([0-9a-f]+), compiled\)$/.exec(said) ?? [];
  if (version !== FROZEN.version || !commit || !FROZEN.commit.startsWith(commit)) {
    refuse(`${path} says "${said}"; only vipd ${FROZEN.version} of ${FROZEN.commit} is recorded`);
  }
}

const { values: { binary }, positionals } = parseArgs({
  args: Deno.args,
  options: { binary: { type: "string" } },
  allowPositionals: true,
});
if (binary === undefined) refuse("--binary is needed: the executable of vipd 0.1.0");
if (Deno.uid() !== 0) {
  refuse("the recorder needs root: it gives the executable a machine of its own");
}
const path = await Deno.realPath(binary);
await checkExecutable(path);
const scratch = await Deno.makeTempDir({ prefix: "vipd-record-" });
const tree = `${scratch}/tree`;
try {
  await run(["git", "worktree", "add", "--quiet", "--detach", tree, FROZEN.commit], HERE);
  await run(["cp", "-rp", HERE, `${tree}/tests/frozen`]);
  const program = "tests/frozen/record_families.ts";
  await run([Deno.execPath(), "run", "-A", "--frozen", program, path, ...positionals], tree);
  await run(["cp", "-rpu", `${tree}/tests/frozen/data`, HERE]);
} finally {
  await run(["git", "worktree", "remove", "--force", tree], HERE).catch(() => {});
  await Deno.remove(scratch, { recursive: true });
}
