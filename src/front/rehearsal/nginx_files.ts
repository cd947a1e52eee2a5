/**
 * nginx's own files, as far as the front's user may read them.
 *
 * @module
 */

import { dirname } from "node:path";
import {
  type ConfigFiles,
  type FaultyFile,
  type FileText,
  type FolderMask,
  loadNginxConfig,
  type NotRead,
} from "../../nginx/load.ts";
import { type NginxServer, serversOf } from "../../nginx/servers.ts";
import { deniedTo } from "../../rehearsal/denied.ts";
import {
  type FileKind,
  otherKind,
  readRegular,
  UnfitFileError,
} from "../../runtime/regular_file.ts";
import { settledState } from "./file_times.ts";

/** A file of a person is a thousandth of it. */
const MAX_OCTETS = 8 * 1024 * 1024;
/** So much of the files stays in memory, in UTF-16 code units; the rest is read each time. */
const MAX_KEPT = 16 * 1024 * 1024;
/** Upper bound of the files that are read without a wait; then other work of the process has its turn. */
const A_TURN = 250;
const MISSING = "there is no such file";
/** The kinds that nginx cannot read either; of the devices, /dev/null includes nothing. */
const UNFIT: ReadonlySet<FileKind | null> = new Set(["a folder", "a named pipe", "a socket"]);

export interface ReadNginx {
  /** `null`: the main file is not read. */
  readonly servers: readonly NginxServer[] | null;
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
  /** The files that nginx cannot load either. */
  readonly faults: readonly FaultyFile[];
  /** The files of its configuration, as nginx reads them when it starts. */
  readonly paths: readonly string[];
  /** And the files of their keys. */
  readonly certificates: readonly string[];
  /** The folders of which it includes what fits. */
  readonly masks: readonly FolderMask[];
}

export interface NginxFilesOptions {
  /** The name of the user who runs this process. */
  readonly user: string;
  readonly read?: (path: string, maxOctets: number) => Promise<string>;
  /** In milliseconds since the epoch. */
  readonly nowMs?: () => number;
}

interface Kept {
  readonly state: string;
  readonly text: string;
}

/** Keeps the text of each file as long as its state is the same: of an unchanged tree of ten thousand, none is read again. */
export class NginxFiles {
  readonly #user: string;
  readonly #read: NonNullable<NginxFilesOptions["read"]>;
  readonly #nowMs: () => number;
  #kept: ReadonlyMap<string, Kept> = new Map();

  constructor({ user, read = readRegular, nowMs = Date.now }: NginxFilesOptions) {
    this.#user = user;
    this.#read = read;
    this.#nowMs = nowMs;
  }

  /** Reads the configuration from its main file on; never rejects. A named pipe or a device is not read. */
  async load(config: string): Promise<ReadNginx> {
    const prefix = dirname(config);
    const kept = new Map<string, Kept>();
    const { directives, files, unread, faults, ...tree } = await loadNginxConfig(
      config,
      prefix,
      this.#disk(kept),
    );
    // Without the files that are no part of the tree any more.
    this.#kept = kept;
    const servers = files.length === 0 ? null : serversOf(directives, prefix);
    const certificates = Array.from(
      new Set((servers ?? []).flatMap((server) => server.certificates)),
    );
    const lost = certificates.map(unusable).filter((fault) => fault !== null);
    return { servers, unread, faults: [...faults, ...lost], ...tree, certificates };
  }

  /** The files of this machine; adds to `kept` those that need not be read the next time. */
  #disk(kept: Map<string, Kept>): ConfigFiles {
    let turn = 0;
    let left = MAX_KEPT;
    const keep = (path: string, file: Kept) => {
      left -= file.text.length;
      if (left >= 0) kept.set(path, file);
    };
    return {
      read: async (path): Promise<FileText> => {
        if (++turn % A_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        const state = settledState(path, this.#nowMs());
        const known = this.#kept.get(path);
        if (state !== "" && known?.state === state) {
          keep(path, known);
          return known;
        }
        const file = await outcome(this.#user, async () => ({
          text: await this.#read(path, MAX_OCTETS),
        }));
        // It may have changed while it was read.
        if (state !== "" && "text" in file && state === settledState(path, this.#nowMs())) {
          keep(path, { state, text: file.text });
        }
        return file;
      },
      list: (folder) =>
        outcome(this.#user, async () => {
          const names: string[] = [];
          for await (const { name } of Deno.readDir(folder)) names.push(name);
          return { names };
        }),
    };
  }
}

/** A file that is not read here: why nginx cannot read it either; `null` if it can, or that is not known. */
function unusable(path: string): FaultyFile | null {
  try {
    const kind = otherKind(Deno.statSync(path));
    return UNFIT.has(kind) ? { path, reason: `it is ${kind}, not a file`, missing: false } : null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? { path, reason: MISSING, missing: true } : null;
  }
}

async function outcome<T>(
  user: string,
  operation: () => Promise<T>,
): Promise<T | NotRead> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof UnfitFileError) {
      const { message: reason, kind } = error;
      return UNFIT.has(kind) ? { reason, unfit: true } : { reason };
    }
    if (error instanceof Deno.errors.NotFound) return { reason: MISSING, missing: true };
    if (error instanceof Deno.errors.PermissionDenied) return { reason: deniedTo(user) };
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
