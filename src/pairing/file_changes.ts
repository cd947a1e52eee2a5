/**
 * Several files that change together: all of them, or none. Until `commit` nothing on the disk is touched, so a process
 * that is ended before leaves everything as it was.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";

/** User and group, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A file as it is to be. */
export interface FileChange {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
  /** The text that the file must still contain; without it any. */
  readonly expected?: string;
}

/** A file as it was: `null` if there was none. */
interface Before {
  readonly path: string;
  readonly file: Omit<FileChange, "path" | "text"> & { readonly octets: Uint8Array } | null;
}

/** Modes of the folders that are made: nobody else looks into them. */
const FOLDER_MODE = 0o700;

export class FileChanges {
  readonly changes: readonly FileChange[];
  /** Undoes what was done, in reverse order. */
  #undo: (() => void)[] = [];

  /** In the order in which they are written: what another one names comes first. */
  constructor(changes: readonly FileChange[]) {
    this.changes = changes;
  }

  /** Writes all files. If one cannot be written, all are as before, and the error of that one is thrown. */
  commit(): void {
    try {
      for (const change of this.changes) {
        this.#makeFolder(dirname(change.path), change.owner);
        const before = fileAt(change.path);
        requireExpected(change, before);
        this.#undo.push(() => putBack(before));
        writeWhole(change, new TextEncoder().encode(change.text));
      }
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Puts everything back as it was before `commit`. */
  rollback(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #makeFolder(path: string, owner: Owner): void {
    if (exists(path)) return;
    this.#makeFolder(dirname(path), owner);
    Deno.mkdirSync(path, { mode: FOLDER_MODE });
    this.#undo.push(() => Deno.removeSync(path));
    Deno.chownSync(path, owner.uid, owner.gid);
  }
}

/** Whether the file is not as it is to be. One that this user may not read is taken for another one. */
export function isNews({ path, text, mode, owner }: FileChange): boolean {
  try {
    const { file } = fileAt(path);
    return file === null || new TextDecoder().decode(file.octets) !== text || file.mode !== mode ||
      file.owner.uid !== owner.uid || file.owner.gid !== owner.gid;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}

function requireExpected({ path, expected }: FileChange, { file }: Before): void {
  if (expected === undefined) return;
  if (file !== null && new TextDecoder().decode(file.octets) === expected) return;
  throw new Error(`${path} was changed meanwhile`);
}

function fileAt(path: string): Before {
  if (!exists(path)) return { path, file: null };
  const { mode, uid, gid } = Deno.statSync(path);
  const octets = Deno.readFileSync(path);
  const owner = { uid: uid ?? 0, gid: gid ?? 0 };
  return { path, file: { octets, owner, mode: (mode ?? 0o600) & 0o7777 } };
}

function putBack({ path, file }: Before): void {
  if (file !== null) writeWhole({ path, ...file }, file.octets);
  else if (exists(path)) Deno.removeSync(path);
}

/** By rename, so that nobody ever reads a part; on the disk before the name is. */
function writeWhole(
  { path, mode, owner }: Pick<FileChange, "path" | "mode" | "owner">,
  octets: Uint8Array,
): void {
  const temporary = join(dirname(path), `.${basename(path)}.new-${Deno.pid}`);
  try {
    using file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
    for (let at = 0; at < octets.length;) at += file.writeSync(octets.subarray(at));
    Deno.chownSync(temporary, owner.uid, owner.gid);
    Deno.chmodSync(temporary, mode);
    file.syncSync();
    Deno.renameSync(temporary, path);
  } catch (error) {
    if (exists(temporary)) Deno.removeSync(temporary);
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
