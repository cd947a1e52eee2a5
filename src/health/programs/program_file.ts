/**
 * Decides whether vipd may run a file. It must exist and be executable, and only root, vipd and the user that it runs
 * as may be able to change it, because vipd is responsible for what it starts.
 *
 * @module
 */

import { dirname } from "node:path";
import { type Account, userName } from "./accounts.ts";
import { followSafely, trustedUsers, type UnsafePath } from "./safe_path.ts";

/** The folders in which vipd looks for programs without a `/`; also the `PATH` of everything that vipd starts. */
export const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Why a program cannot be run, with a stable code. */
export interface ProgramProblem {
  readonly code: "program_missing" | "program_not_executable" | "program_unsafe";
  /** The problem, to be read after the program's name. */
  readonly message: string;
  readonly hint: string;
}

/** The path by which vipd runs a program; or why it does not. */
export type ProgramFile =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: ProgramProblem };

/** As many nested interpreters as the kernel follows, execve(2). */
const INTERPRETERS_AT_MOST = 4;
/** As much of a script's first line as the kernel reads, execve(2). */
const FIRST_LINE_OCTETS = 256;

const ANY_EXECUTE = 0o111;

/** As many files are remembered; a script that keeps changing its interpreter needs no more memory. */
const REMEMBERED_AT_MOST = 1000;

/**
 * The interpreters of the files that were looked at, with the state of the file. vipd opens a file only if it has
 * changed: opening and closing may wait for its file system in the thread of the adverts, and a check's program is
 * looked at before every round.
 */
const interpreters = new Map<string, { readonly state: string; readonly path: string | null }>();

/**
 * Checks a program, every folder and symbolic link on the way to it, and its interpreter.
 *
 * @param runAs the user that runs it; as vipd runs programs, it has no other groups
 */
export async function findProgram(program: string, runAs: Account): Promise<ProgramFile> {
  try {
    const trusted = await trustedUsers(runAs.uid);
    const path = program.includes("/") ? program : await search(program);
    if (path === null) {
      const message = `there is no such program in ${PROGRAM_PATH}`;
      const hint = "install it, or write its whole path";
      return { ok: false, problem: refusal("program_missing", message, hint) };
    }
    const problem = await inspect(path, trusted, runAs, INTERPRETERS_AT_MOST);
    return problem ? { ok: false, problem } : { ok: true, path };
  } catch (error) {
    return { ok: false, problem: explain(error) };
  }
}

async function search(name: string): Promise<string | null> {
  for (const folder of PROGRAM_PATH.split(":")) {
    const path = `${folder}/${name}`;
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile && ((info.mode ?? 0) & ANY_EXECUTE) !== 0) return path;
  }
  return null;
}

async function inspect(
  path: string,
  trusted: ReadonlySet<number>,
  runAs: Account,
  deeper: number,
): Promise<ProgramProblem | null> {
  const followed = await followSafely(path, trusted);
  if (typeof followed !== "string") return unsafe(followed);
  const info = await Deno.lstat(followed);
  if (!info.isFile) {
    const what = info.isDirectory ? "it is a folder" : "it is not a file";
    return refusal("program_not_executable", what, "name the program itself");
  }
  if (((info.mode ?? 0) & ANY_EXECUTE) === 0) {
    return refusal("program_not_executable", "it is not executable", `chmod +x ${followed}`);
  }
  const closed = await closedTo(runAs, followed, info);
  if (closed) return closed;
  const interpreter = await interpreterOf(followed, info);
  if (interpreter === null) return null;
  if (deeper === 0) {
    return refusal("program_missing", "too many interpreters follow each other", "name a program");
  }
  const problem = await inspect(interpreter, trusted, runAs, deeper - 1).catch(explain);
  return problem && aboutInterpreter(interpreter, problem);
}

/** The folder on the way, or the program itself, that this user may not use; `null` if there is none. */
async function closedTo(
  runAs: Account,
  path: string,
  program: Deno.FileInfo,
): Promise<ProgramProblem | null> {
  // The capabilities of vipd's own user decide, which its programs do not have.
  if (runAs.uid === 0) return null;
  for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
    if (mayExecute(runAs, await Deno.lstat(folder))) continue;
    const message = `user ${await userName(runAs.uid)} may not enter ${folder}`;
    return refusal("program_not_executable", message, `chmod o+x ${folder}, or move the program`);
  }
  if (mayExecute(runAs, program)) return null;
  const message = `user ${await userName(runAs.uid)} may not execute it`;
  return refusal("program_not_executable", message, `chmod o+x ${path}`);
}

/** As path_resolution(7) has it: the first of owner, group and others that fits decides. */
function mayExecute({ uid, gid }: Account, info: Deno.FileInfo): boolean {
  const bit = info.uid === uid ? 0o100 : info.gid === gid ? 0o010 : 0o001;
  return ((info.mode ?? 0) & bit) !== 0;
}

function aboutInterpreter(path: string, problem: ProgramProblem): ProgramProblem {
  const { code, message, hint } = problem;
  if (path.endsWith("\r")) {
    return refusal(
      code,
      "its first line ends with a carriage return, as on Windows, so its interpreter is not found",
      "convert its line ends: sed -i 's/\\r$//' FILE",
    );
  }
  return refusal(code, `its interpreter ${path}: ${message}`, hint);
}

/** The text after `#!`; `null` for a file that is no script, or that cannot be read and so is none (execve(2)). */
async function interpreterOf(path: string, info: Deno.FileInfo): Promise<string | null> {
  const times = [info.mtime, info.ctime].map((time) => time?.getTime());
  const state = [info.dev, info.ino, info.size, ...times].join();
  const known = interpreters.get(path);
  if (known?.state === state) return known.path;
  let start: string;
  try {
    start = await readFirstLine(path);
  } catch {
    return null;
  }
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1] ?? null;
  if (interpreters.size >= REMEMBERED_AT_MOST) interpreters.clear();
  interpreters.set(path, { state, path: interpreter });
  return interpreter;
}

/** As much of it as the kernel reads. */
async function readFirstLine(path: string): Promise<string> {
  using file = await Deno.open(path);
  const octets = new Uint8Array(FIRST_LINE_OCTETS);
  return new TextDecoder().decode(octets.subarray(0, await file.read(octets) ?? 0));
}

/** Explains the system's error for a path; any other error is a defect and is thrown again. */
function explain(error: unknown): ProgramProblem {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return refusal("program_missing", "there is no such file", "install it, or correct the path");
  }
  if (error instanceof Deno.errors.FilesystemLoop) {
    return refusal("program_missing", "its symbolic links go round", "correct the links");
  }
  if (error instanceof Error && "code" in error) {
    return refusal(
      "program_not_executable",
      `it cannot be looked at: ${error.message}`,
      "let vipd's user reach it",
    );
  }
  throw error;
}

function unsafe({ message, remedy, ofAnother }: UnsafePath): ProgramProblem {
  const other = ofAnother ? ", or let `user` be that user" : "";
  return refusal("program_unsafe", message, `${remedy}${other}`);
}

function refusal(code: ProgramProblem["code"], message: string, hint: string): ProgramProblem {
  return { code, message, hint };
}
