/**
 * Reads files that somebody else has named: regular ones alone, and no more of them than they may hold. A named pipe
 * would keep its reader for ever, a device never ends.
 *
 * @module
 */

import { answersOpening } from "./file_system.ts";

/** Why a file is not read, in a few words to be read after its name. */
export class UnfitFileError extends Error {
  override readonly name = "UnfitFileError";
}

/** What a path leads to that is no regular file: `a folder`; `null` for one. */
export function otherKind(info: Deno.FileInfo): string | null {
  if (info.isFile) return null;
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a named pipe";
  return info.isSocket ? "a socket" : "a device";
}

/** Throws an {@link UnfitFileError} for what is no regular file, or is larger than `maxOctets`. */
export function requireRegular(info: Deno.FileInfo, maxOctets: number): void {
  const kind = otherKind(info);
  if (kind !== null) throw new UnfitFileError(`it is ${kind}, not a file`);
  if (info.size > maxOctets) throw new UnfitFileError(`it has ${info.size} octets`);
}

/**
 * The text of a regular file of at most so many octets. It is looked at before it is opened: the opening of a named
 * pipe waits for a writer, and on the runtime's line 2.6 the whole program does.
 *
 * @throws {UnfitFileError} for anything else, and what the system says.
 */
export async function readRegular(path: string, maxOctets: number): Promise<string> {
  requireRegular(await Deno.stat(path), maxOctets);
  await answersOpening(path);
  using file = await Deno.open(path);
  requireRegular(await file.stat(), maxOctets);
  return await readText(file, maxOctets);
}

/** A file that grows meanwhile is read no further. */
async function readText(file: Deno.FsFile, maxOctets: number): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let left = maxOctets; left > 0;) {
    const count = await file.read(buffer.subarray(0, Math.min(left, buffer.length)));
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    left -= count;
  }
  return text + decoder.decode();
}
