/**
 * A file of the system that a command changes: whole or not at all, with a copy of what was there.
 *
 * @module
 */

import { createFile, exists, systemReason } from "../../new_files.ts";

/** The mode of a file that was not there. */
const NEW_MODE = 0o644;

/**
 * Changes the text of a file, or makes the file. A link stays one: what it points to is changed. Owner and mode stay.
 *
 * @returns the path of the copy, in the folder of what was changed; `null` if there was no file
 * @throws {Error} with the reason; nothing is changed then, and no copy stays
 */
export async function changeFile(
  path: string,
  change: (text: string) => string,
): Promise<string | null> {
  const place = await placeOf(path);
  const info = await exists(place) ? await Deno.stat(place) : null;
  if (info !== null && !info.isFile) throw new Error(`${place} is no regular file`);
  const before = info === null ? null : await Deno.readFile(place);
  const text = change(before === null ? "" : textOf(before, place));
  const copy = `${place}.before-${new Date().toISOString().replace(/[-:]|\..*/g, "")}`;
  const temporary = `${place}.new-${Deno.pid}`;
  if (before !== null) {
    await createLike(copy, before, info).catch((error) => {
      throw unchanged(`no copy of ${place} can be kept`, error);
    });
  }
  try {
    await createLike(temporary, new TextEncoder().encode(text), info);
    await Deno.rename(temporary, place);
  } catch (error) {
    for (const made of before === null ? [temporary] : [temporary, copy]) {
      await Deno.remove(made).catch(() => {});
    }
    throw unchanged(`cannot write ${place}`, error);
  }
  return before === null ? null : copy;
}

/** The path of the text: `path`, or what it points to as a link. */
async function placeOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (!await exists(path)) return path;
    throw new Error(`${path} is a link to ${await Deno.readLink(path)}, which is not there`);
  }
}

function textOf(octets: Uint8Array, path: string): string {
  try {
    // Octets that a decoder replaces would be lost.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw new Error(`${path} is not UTF-8`);
  }
}

/** Makes a file with the owner and the mode of another one. */
async function createLike(
  path: string,
  octets: Uint8Array,
  like: Deno.FileInfo | null,
): Promise<void> {
  await createFile(path, octets, 0o600);
  try {
    if (like !== null) await Deno.chown(path, like.uid, like.gid);
    await Deno.chmod(path, like === null ? NEW_MODE : like.mode! & 0o7777);
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

function unchanged(what: string, error: unknown): unknown {
  if (error instanceof Deno.errors.PermissionDenied) return error;
  return new Error(`${what}: ${systemReason(error)}; the file is as it was`);
}
