/**
 * Files in `run_dir` and `state_dir` that are opened again and again. Anyone who could put a link or a pipe in their
 * place gains nothing: vipd neither follows, waits for nor writes it.
 *
 * @module
 */

import { answersMaking, answersOpening } from "../../runtime/file_system.ts";
import { otherKind } from "../../runtime/regular_file.ts";

/**
 * Opens the file with this name, or creates it. It may open a file that somebody has put in its place, see {@link
 * isThere}.
 */
export async function openOrMake(
  path: string,
  options: Deno.OpenOptions,
  mode: number,
): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { ...options, createNew: true, mode });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return await Deno.open(path, options);
}

/** Whether the name leads to this file, and not through a link. */
export async function isThere(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [opened, named] = [await file.stat(), await Deno.lstat(path)];
    return named.isFile && opened.ino === named.ino && opened.dev === named.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Opens a file to append to it, or creates it. Throws if the name leads to anything except vipd's own file. Waits in a
 * thread for a disk that does not answer.
 */
export async function openToAppend(path: string, mode: number): Promise<Deno.FsFile> {
  const found = await Deno.lstat(path).catch(() => null);
  // Opening a pipe would wait.
  if (found !== null && !found.isFile) throw foreign(path, found);
  const file = await openToWrite(path, found === null ? mode : null);
  const info = await file.stat();
  if (info.nlink === 1 && await isThere(file, path)) return file;
  file.close();
  throw foreign(path, await Deno.lstat(path));
}

/** A frozen disk allows opening an existing file, and blocks writing: it creates no such file. */
async function openToWrite(path: string, mode: number | null): Promise<Deno.FsFile> {
  const options = { append: true };
  if (mode === null) {
    await answersOpening(path);
    return await Deno.open(path, options);
  }
  await answersMaking(path);
  return await openOrMake(path, options, mode);
}

function foreign(path: string, info: Deno.FileInfo): Error {
  const kind = info.isSymlink ? "a link" : otherKind(info) ?? "a file with other names";
  return new Error(`${path} is ${kind}: see who has put it there, and remove it`);
}
