/**
 * Reads files that a user has named: only regular ones, and no more than a limit. A named pipe would block its reader
 * for ever, and a device never ends.
 *
 * @module
 */

import { answersOpening } from "./file_system.ts";

/** Why vipd does not read a file, in a few words to be read after its name. */
export class UnfitFileError extends Error {
  override readonly name = "UnfitFileError";
  /** The kind of a file that is not regular; `null` for one that is too large. */
  readonly kind: FileKind | null;

  constructor(message: string, kind: FileKind | null = null) {
    super(message);
    this.kind = kind;
  }
}

export type FileKind = "a folder" | "a named pipe" | "a socket" | "a device";

/** The kind of a file that is not regular: `a folder`; `null` for a regular file. */
export function otherKind(info: Deno.FileInfo): FileKind | null {
  if (info.isFile) return null;
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a named pipe";
  return info.isSocket ? "a socket" : "a device";
}

/** Throws an {@link UnfitFileError} if this is no regular file, or is larger than `maxOctets`. */
export function requireRegular(info: Deno.FileInfo, maxOctets: number): void {
  const kind = otherKind(info);
  if (kind !== null) throw new UnfitFileError(`it is ${kind}, not a file`, kind);
  if (info.size > maxOctets) throw new UnfitFileError(`it has ${info.size} octets`);
}

/**
 * The text of a regular file of at most so many octets. It checks the kind before it opens the file, because opening a
 * named pipe waits for a writer, and on the runtime's line 2.6 the whole program waits.
 *
 * @throws {UnfitFileError} for anything else, and the system's errors.
 */
export async function readRegular(path: string, maxOctets: number): Promise<string> {
  requireRegular(await Deno.stat(path), maxOctets);
  await answersOpening(path);
  using file = await Deno.open(path);
  requireRegular(await file.stat(), maxOctets);
  return await readText(file, maxOctets);
}

/** Stops at the limit if the file grows meanwhile. */
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
