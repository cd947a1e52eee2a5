/**
 * The times of the files that nginx reads when it starts, and the names in the folders from which it includes files. A
 * look at a few of them costs next to nothing, so that ten thousand are watched too.
 *
 * @module
 */

import { maskTest } from "../../nginx/glob.ts";
import type { FolderMask } from "../../nginx/load.ts";

/** Upper bounds of one turn; a thousand files take some milliseconds. */
const A_TURN = { files: 1000, folders: 250 };

/** The time of a file may be so much older than the clock, in milliseconds. */
const CLOCK_MS = 20;

/** The runtime knows to so many milliseconds when a file was changed. */
const CHANGED_MS = 1000;

interface Folder extends FolderMask {
  changedMs: number;
  readonly names: string;
}

/** One file at a moment. */
interface Seen {
  /** In milliseconds since the epoch, when it has changed, be it only its owner; 0 if that is not known. */
  readonly atMs: number;
  /** The same as long as its text is. */
  readonly text: string;
  /** The same as long as nothing of it has changed. */
  readonly state: string;
  /** When that was changed, to a second. */
  readonly changedMs: number;
  /** It may have been read before it changed. */
  readonly unsettled: boolean;
}

export class FileTimes {
  readonly #files: ReadonlyMap<string, Seen>;
  readonly #folders: readonly Folder[];
  readonly #next = { files: 0, folders: 0 };

  private constructor(files: ReadonlyMap<string, Seen>, folders: readonly Folder[]) {
    this.#files = files;
    this.#folders = folders;
  }

  /**
   * The times of now, a turn's worth at a time.
   *
   * @param beganMs when somebody began to read the files, in milliseconds since the epoch
   */
  static async of(
    paths: Iterable<string>,
    masks: readonly FolderMask[],
    beganMs: number,
  ): Promise<FileTimes> {
    const folders = masks.map((each) => ({
      ...each,
      changedMs: settledMs(each.folder),
      names: namesIn(each),
    }));
    const files = new Map<string, Seen>();
    for (const path of paths) {
      const now = seen(path);
      // Not one of the future, by a clock that was set back: it would be read for ever.
      const unsettled = now.atMs >= beganMs - CLOCK_MS && now.atMs <= Date.now();
      files.set(path, { ...now, unsettled });
      if (files.size % A_TURN.files === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return new FileTimes(files, folders);
  }

  /**
   * The file that has changed last, of those whose times can be seen; `null` without any. Leaves out those whose text is the one
   * of `before`.
   */
  newest(before: FileTimes | null): { readonly path: string; readonly atMs: number } | null {
    const known = before === null ? null : before.#files;
    let newest = null;
    for (const [path, { atMs, text }] of this.#files) {
      if (atMs <= (newest?.atMs ?? 0)) continue;
      if (known?.get(path)?.text !== text) newest = { path, atMs };
    }
    return newest;
  }

  /** The files that have changed after a moment. */
  after(moment: number): Set<string> {
    return new Set(
      Array.from(this.#files).flatMap(([path, { atMs }]) => atMs > moment ? [path] : []),
    );
  }

  /** Looks at the next of them: whether one has changed, has gone or has come. */
  hasChanged(): boolean {
    const folders = this.#turn(this.#folders, "folders");
    if (folders.some((folder) => folderHasChanged(folder))) return true;
    return this.#turn(Array.from(this.#files), "files")
      .some(([path, { state, unsettled }]) => unsettled || seen(path).state !== state);
  }

  #turn<T>(all: readonly T[], kind: keyof typeof A_TURN): T[] {
    const count = Math.min(A_TURN[kind], all.length);
    const first = this.#next[kind];
    this.#next[kind] = all.length === 0 ? 0 : (first + count) % all.length;
    return Array.from({ length: count }, (_, index) => all[(first + index) % all.length]!);
  }
}

/**
 * The state of a file: the same as long as its text and its owners are. Empty if nothing can be seen of it, or if it has
 * changed so shortly before this moment, in milliseconds since the epoch, that the next change may not show.
 */
export function settledState(path: string, nowMs: number): string {
  const { state, changedMs } = seen(path);
  return changedMs + CHANGED_MS + CLOCK_MS < nowMs ? state : "";
}

/** A file, or a link together with the file to which it leads. */
function seen(path: string): Omit<Seen, "unsettled"> {
  try {
    const link = Deno.lstatSync(path);
    const both = link.isSymlink ? [link, Deno.statSync(path)] : [link];
    const text = both.map(({ ino, size, mtime }) => `${ino} ${size} ${mtime?.getTime()}`).join();
    return {
      atMs: Math.max(...both.map(changeOf)),
      text,
      state: `${text} ${both.map(({ ctime }) => ctime?.getTime())}`,
      changedMs: Math.max(...both.map(({ ctime }) => ctime?.getTime() ?? Infinity)),
    };
  } catch {
    return { atMs: 0, text: "", state: "", changedMs: 0 };
  }
}

/**
 * The runtime knows to a second when a file was changed, moved or given to another owner, and to a millisecond when its text
 * was written; but that a person may set, also to a time of the future.
 */
function changeOf({ ctime, mtime }: Deno.FileInfo): number {
  const [changedMs, writtenMs] = [ctime, mtime].map((time) => time?.getTime() ?? 0);
  return writtenMs! >= changedMs! && writtenMs! < changedMs! + CHANGED_MS ? writtenMs! : changedMs!;
}

/** An editor's own files change the folder, and not what is included of it. */
function folderHasChanged(folder: Folder): boolean {
  const nowMs = settledMs(folder.folder);
  if (nowMs === folder.changedMs) return false;
  folder.changedMs = nowMs;
  return namesIn(folder) !== folder.names;
}

/** `NaN` for a folder that has just changed: the next change may have the same time. */
function settledMs(folder: string): number {
  const { atMs } = seen(folder);
  return Math.abs(Date.now() - atMs) < CLOCK_MS ? NaN : atMs;
}

function namesIn({ folder, mask }: FolderMask): string {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).filter(maskTest(mask)).sort()
      .join("/");
  } catch {
    return "";
  }
}
