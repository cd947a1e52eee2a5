/**
 * Files that replace others.
 *
 * @module
 */

import { answersMaking } from "../../runtime/file_system.ts";

/**
 * Makes a file that nobody else has open, instead of whatever has that name: what an earlier run has left there, or a
 * link that somebody has put there (O_EXCL follows none, open(2)). A disk that does not answer is waited for in a thread.
 */
export async function openFresh(path: string, mode: number): Promise<Deno.FsFile> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await answersMaking(path);
  return await Deno.open(path, { read: true, write: true, createNew: true, mode });
}

/** Writes all of it: one write may take a part (write(2)). */
export async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
}
