/**
 * All files of an nginx configuration as one tree: each `include` is replaced by what it includes.
 *
 * @module
 */

import { isMask, maskTest } from "./glob.ts";
import { type Directive, parseText } from "./syntax.ts";

/** A file, or why it is not read: a few words to be read after its name. */
export type FileText = { readonly text: string } | NotRead;
export type FolderNames = { readonly names: readonly string[] } | NotRead;

export interface NotRead {
  readonly reason: string;
  /** There is no such file or folder. */
  readonly missing?: true;
  /** nginx cannot read it either, as no user can. */
  readonly unfit?: true;
}

/** How files are read; neither call rejects. */
export interface ConfigFiles {
  read(path: string): Promise<FileText>;
  /** The names in a folder, not sorted. */
  list(folder: string): Promise<FolderNames>;
}

/** A file, or a part of it, that nginx reads and vipd does not know. */
export interface UnreadFile {
  readonly path: string;
  readonly reason: string;
}

/** A file that nginx cannot load either. */
export interface FaultyFile extends UnreadFile {
  /** There is none. */
  readonly missing: boolean;
}

/** The names of a folder that fit a mask decide what nginx includes. */
export interface FolderMask {
  readonly folder: string;
  readonly mask: string;
}

export interface NginxConfig {
  readonly directives: readonly Directive[];
  /** Each file that was read, once. */
  readonly files: readonly string[];
  /** Each file of the tree, whether it was read or not. */
  readonly paths: readonly string[];
  /** Each folder that was listed. */
  readonly masks: readonly FolderMask[];
  /** The missing parts of the tree. */
  readonly unread: readonly UnreadFile[];
  /** Files among them that nginx cannot load either: there is no such file, or it is none of nginx's language. */
  readonly faults: readonly FaultyFile[];
}

/** More than any node has; a file that includes itself in a circle ends before. */
const MAX_FILES = 50_000;
const MAX_DIRECTIVES = 1_000_000;
const MAX_INCLUDE_DEPTH = 32;

/**
 * Reads a configuration from its main file on.
 *
 * @param prefix the folder that relative names of included files start from: that of the main file.
 */
export async function loadNginxConfig(
  path: string,
  prefix: string,
  files: ConfigFiles,
): Promise<NginxConfig> {
  const loader = new Loader(prefix, files);
  const directives = await loader.file(path);
  const { read, paths, masks, unread, faults } = loader;
  return { directives, files: read, paths, masks, unread, faults };
}

class Loader {
  readonly #prefix: string;
  readonly #files: ConfigFiles;
  readonly #trees = new Map<string, readonly Directive[]>();
  readonly #open: string[] = [];
  readonly read: string[] = [];
  readonly unread: UnreadFile[] = [];
  readonly faults: FaultyFile[] = [];
  readonly masks: FolderMask[] = [];
  #directives = 0;

  constructor(prefix: string, files: ConfigFiles) {
    this.#prefix = prefix;
    this.#files = files;
  }

  get paths(): string[] {
    return Array.from(this.#trees.keys());
  }

  async file(path: string): Promise<readonly Directive[]> {
    const known = this.#trees.get(path);
    if (known !== undefined) return known;
    if (this.#open.includes(path)) return this.#miss(path, "it includes itself");
    if (this.#open.length > MAX_INCLUDE_DEPTH) return this.#miss(path, "it is included too deep");
    if (this.#trees.size >= MAX_FILES) return this.#miss(path, "there are too many files");
    this.#open.push(path);
    const tree = await this.#parsed(path);
    this.#open.pop();
    this.#trees.set(path, tree);
    return tree;
  }

  async #parsed(path: string): Promise<readonly Directive[]> {
    const file = await this.#files.read(path);
    if ("reason" in file) {
      const { reason, missing = false, unfit = false } = file;
      if (missing || unfit) this.faults.push({ path, reason, missing });
      return this.#miss(path, file.reason);
    }
    this.read.push(path);
    const { directives, problem } = parseText(file.text, path);
    if (problem !== null) {
      const reason = `line ${problem.line}: ${problem.message}`;
      this.faults.push({ path, reason, missing: false });
      this.#miss(path, reason);
    }
    return await this.#expanded(directives);
  }

  async #expanded(directives: readonly Directive[]): Promise<readonly Directive[]> {
    const result: Directive[] = [];
    for (const directive of directives) {
      const { name, args, block, file, line } = directive;
      if (this.#directives++ > MAX_DIRECTIVES) {
        this.#miss(file, `line ${line}: there are too many directives`);
        break;
      }
      if (name === "include" && args.length === 1) {
        for (const path of await this.#included(args[0]!)) {
          for (const each of await this.file(path)) result.push(each);
        }
      } else if (block === null || block.length === 0) result.push(directive);
      else result.push({ ...directive, block: await this.#expanded(block) });
    }
    this.#directives += result.length;
    return result;
  }

  /** In the order of glob(3). A mask that fits nothing includes nothing; a folder that cannot be listed is unread. */
  async #included(value: string): Promise<readonly string[]> {
    const path = value.startsWith("/") ? value : `${this.#prefix}/${value}`;
    let folders = [""];
    const parts = path.split("/").slice(1);
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const next: string[] = [];
      for (const folder of folders) {
        if (isMask(part)) next.push(...await this.#fitting(folder, part, isLast));
        else next.push(`${folder}/${part}`);
      }
      folders = next;
    }
    return folders;
  }

  async #fitting(folder: string, mask: string, isLast: boolean): Promise<string[]> {
    this.masks.push({ folder: folder === "" ? "/" : folder, mask });
    const listed = await this.#files.list(folder === "" ? "/" : folder);
    if ("reason" in listed) {
      // A mask in the middle goes through files too. In a folder that is not there, nothing fits.
      if (isLast && !listed.missing) this.#miss(`${folder}/${mask}`, listed.reason);
      return [];
    }
    return listed.names.filter(maskTest(mask)).sort().map((name) => `${folder}/${name}`);
  }

  #miss(path: string, reason: string): readonly Directive[] {
    if (!this.unread.some((each) => each.path === path && each.reason === reason)) {
      this.unread.push({ path, reason });
    }
    return [];
  }
}
