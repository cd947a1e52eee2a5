/**
 * May this file be run? It must be there, be executable, and nobody may be able to change it who is neither root
 * nor vipd nor the user that it runs as: what vipd starts, it answers for.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { hasOnly, userName } from "./accounts.ts";

/** Where programs without a `/` are looked for; also the `PATH` of everything that vipd starts. */
export const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Why a program cannot be run, with a stable code. */
export interface ProgramProblem {
  readonly code: "program_missing" | "program_not_executable" | "program_unsafe";
  /** What is wrong, to be read after the program's name. */
  readonly message: string;
  readonly hint: string;
}

/** The path by which a program is run; or why it is not. */
export type ProgramFile =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: ProgramProblem };

/** As many symbolic links as the kernel follows, path_resolution(7). */
const LINKS_AT_MOST = 40;
/** As many interpreters of interpreters as the kernel follows, execve(2). */
const INTERPRETERS_AT_MOST = 4;
/** As much of a script's first line as the kernel reads, execve(2). */
const FIRST_LINE_OCTETS = 256;

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;
const ANY_EXECUTE = 0o111;

/**
 * Looks at a program, every folder and symbolic link on the way to it, and its interpreter.
 *
 * @param runAs the number of the user that runs it
 */
export async function findProgram(program: string, runAs: number): Promise<ProgramFile> {
  try {
    const root = await Deno.lstat("/");
    // Who owns / owns everything; in a user namespace that is not user 0.
    const trusted = new Set([0, root.uid ?? 0, Deno.uid() ?? 0, runAs]);
    const path = program.includes("/") ? program : await search(program);
    if (path === null) {
      const message = `there is no such program in ${PROGRAM_PATH}`;
      const hint = "install it, or write its whole path";
      return { ok: false, problem: refusal("program_missing", message, hint) };
    }
    const problem = await inspect(path, trusted, INTERPRETERS_AT_MOST);
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
  interpreters: number,
): Promise<ProgramProblem | null> {
  const walked = await walk(path, trusted);
  if (typeof walked !== "string") return walked;
  const info = await Deno.lstat(walked);
  if (!info.isFile) {
    const what = info.isDirectory ? "it is a folder" : "it is not a file";
    return refusal("program_not_executable", what, "name the program itself");
  }
  if (((info.mode ?? 0) & ANY_EXECUTE) === 0) {
    return refusal("program_not_executable", "it is not executable", `chmod +x ${walked}`);
  }
  const interpreter = await interpreterOf(walked);
  if (interpreter === null) return null;
  if (interpreters === 0) {
    return refusal("program_missing", "too many interpreters follow each other", "name a program");
  }
  const problem = await inspect(interpreter, trusted, interpreters - 1).catch(explain);
  return problem && aboutInterpreter(interpreter, problem);
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

/** What stands after `#!`; `null` for what is no script, or cannot be read and so is none (execve(2)). */
async function interpreterOf(path: string): Promise<string | null> {
  let start: string;
  try {
    using file = await Deno.open(path);
    const octets = new Uint8Array(FIRST_LINE_OCTETS);
    start = new TextDecoder().decode(octets.subarray(0, await file.read(octets) ?? 0));
  } catch {
    return null;
  }
  return /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1] ?? null;
}

/**
 * Follows a path as the kernel does, one name at a time, and looks at each folder on the way.
 *
 * @returns the path without symbolic links, or what is unsafe about it
 * @throws where the system does not let it be followed
 */
async function walk(path: string, trusted: ReadonlySet<number>): Promise<string | ProgramProblem> {
  let at = "/";
  let links = 0;
  const names = namesOf(path);
  let folder = await Deno.lstat(at);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === "..") {
      at = dirname(at);
      folder = await Deno.lstat(at);
      continue;
    }
    const next = join(at, name);
    const info = await Deno.lstat(next);
    if (info.isSymlink) {
      // In a folder that is safe, nobody else can put a link in another's place, whoever owns it.
      if (((folder.mode ?? 0) & OTHERS_WRITE) !== 0 && !trusted.has(info.uid ?? -1)) {
        return await ownedByOthers(next, info);
      }
      if (++links > LINKS_AT_MOST) throw new Deno.errors.FilesystemLoop(next);
      const target = await Deno.readLink(next);
      names.unshift(...namesOf(target));
      if (target.startsWith("/")) {
        at = "/";
        folder = await Deno.lstat(at);
      }
      continue;
    }
    const problem = await writableByOthers(next, info, trusted);
    if (problem) return problem;
    at = next;
    folder = info;
  }
  return at;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

async function writableByOthers(
  path: string,
  info: Deno.FileInfo,
  trusted: ReadonlySet<number>,
): Promise<ProgramProblem | null> {
  if (!trusted.has(info.uid ?? -1)) return await ownedByOthers(path, info);
  const mode = info.mode ?? 0;
  // In a sticky folder everybody can add, but nobody can replace what belongs to another (inode(7)).
  if (info.isDirectory && (mode & STICKY) !== 0) return null;
  if ((mode & OTHERS_WRITE) !== 0) return writable(path, "every user", "o-w");
  if ((mode & GROUP_WRITES) === 0 || await hasOnly(info.gid ?? -1, trusted)) return null;
  return writable(path, `group ${info.gid}`, "g-w");
}

function writable(path: string, who: string, change: string): ProgramProblem {
  return refusal("program_unsafe", `${who} can write ${path}`, `chmod ${change} ${path}`);
}

async function ownedByOthers(path: string, { uid }: Deno.FileInfo): Promise<ProgramProblem> {
  return refusal(
    "program_unsafe",
    `${path} belongs to user ${await userName(uid ?? -1)}, who can change it`,
    `chown root ${path}, or let \`user\` be that user`,
  );
}

/** What the system says of a path; anything that it does not say is a defect and goes on. */
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

function refusal(code: ProgramProblem["code"], message: string, hint: string): ProgramProblem {
  return { code, message, hint };
}
