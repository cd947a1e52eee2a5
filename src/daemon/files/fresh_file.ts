/**
 * Files that replace others.
 *
 * @module
 */

import { answersMaking } from "../../runtime/file_system.ts";

/**
 * Creates a file that nobody else has open, instead of any file with that name: a stale one of an earlier run, or a
 * link that somebody has put there (O_EXCL follows none, open(2)). Waits in a thread for a disk that does not answer.
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

/** Replaces a file as a whole: a reader has the old text or the new one. Is not flushed to the disk. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  {
    using file = await openFresh(temporary, mode);
    await writeAll(file, text);
  }
  await Deno.rename(temporary, path);
}

/** Writes all of it, because one write may take only a part (write(2)). */
export async function writeAll(
  file: Deno.FsFile,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  let rest = typeof content === "string" ? new TextEncoder().encode(content) : content;
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
}
