/**
 * The version before this one, made from its own commit: what this one must understand, and be understood by.
 * `deno task compile:previous` makes it as that commit's own `deno task compile` does.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { BuildError, runDeno, runProgram } from "./process.ts";

/** The version before this one, and the whole id of the commit that it is. */
export const PREVIOUS = {
  version: "0.1.0",
  commit: "6e2e07935ab184318e39c1a4ba132cb9ac92947f",
} as const;

/** Names an executable of {@link PREVIOUS}, which is then used as it is. */
const BINARY_VARIABLE = "VIPD_PREVIOUS_BINARY";

const ROOT = resolve(import.meta.dirname!, "..");
const FOLDER = join(ROOT, "dist/previous");
const EXECUTABLE = join(FOLDER, "vipd");

/** The task of that commit that makes an executable. */
type Task = "compile" | "compile:portable";

/** A commit's files in a folder of their own, which goes with it. */
export interface SourceTree extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Path of an executable of {@link PREVIOUS}: the one that `VIPD_PREVIOUS_BINARY` names, else the one in dist/previous,
 * which is made if it is not there; portable, because that needs nothing but packages from npm. It has been started
 * once, so that a portable one is unpacked.
 *
 * @throws {BuildError} If it cannot be made, or the variable names something else.
 */
export async function previousExecutable(): Promise<string> {
  const named = Deno.env.get(BINARY_VARIABLE);
  const path = named === undefined ? EXECUTABLE : resolve(named);
  if (await isPrevious(path)) return path;
  if (named === undefined) {
    await makePrevious("compile:portable");
    if (await isPrevious(path)) return path;
  }
  throw new BuildError(
    `${path} is not vipd ${PREVIOUS.version} of commit ${PREVIOUS.commit}; ` +
      `make it: deno task compile:previous, and name dist/previous/vipd in ${BINARY_VARIABLE}`,
  );
}

/**
 * Checks the previous version out, next to no other files: git-worktree(1).
 *
 * @throws {BuildError} If this repository does not have its commit.
 */
export async function previousSource(): Promise<SourceTree> {
  const { version, commit } = PREVIOUS;
  const git = (...args: string[]) => runProgram("git", args, { cwd: ROOT });
  if ((await git("cat-file", "-e", `${commit}^{commit}`)).code !== 0) {
    throw new BuildError(
      `vipd ${version} cannot be made: this clone lacks its commit ${commit}. ` +
        `Fetch it: git fetch --unshallow; or name an executable of it in ${BINARY_VARIABLE}`,
    );
  }
  const scratch = await Deno.makeTempDir({ prefix: "vipd-previous-" });
  const folder = join(scratch, "source");
  const { code, stderr } = await git("worktree", "add", "--detach", folder, commit);
  if (code !== 0) {
    await Deno.remove(scratch, { recursive: true });
    throw new BuildError(`commit ${commit} cannot be checked out:\n${stderr.trim()}`);
  }
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await git("worktree", "remove", "--force", folder);
      await Deno.remove(scratch, { recursive: true });
    },
  };
}

/** Makes dist/previous/vipd; returns what the build said. */
async function makePrevious(task: Task): Promise<string> {
  await using source = await previousSource();
  const args = ["task", "--quiet", task, "--output", FOLDER];
  const { code, stdout, stderr } = await runDeno(args, source.folder);
  if (code !== 0) {
    throw new BuildError(`vipd ${PREVIOUS.version} cannot be made:\n${stderr.trim()}`);
  }
  return stdout.trim();
}

/** Whether there is an executable of {@link PREVIOUS}, by its own word. */
async function isPrevious(path: string): Promise<boolean> {
  try {
    const { stdout } = await runProgram(path, ["version", "--json"]);
    const { vipd, commit } = JSON.parse(stdout);
    return vipd === PREVIOUS.version && PREVIOUS.commit.startsWith(commit);
  } catch (error) {
    if (error instanceof BuildError || error instanceof SyntaxError) return false;
    throw error;
  }
}

if (import.meta.main) {
  try {
    const said = await makePrevious("compile");
    Deno.stdout.writeSync(new TextEncoder().encode(`${said}\n`));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(1);
  }
}
