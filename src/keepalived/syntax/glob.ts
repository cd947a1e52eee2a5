/**
 * File name patterns of `include`, as glob(7) reads them: `*`, `?`, `[abc]`, and `{a,b}`.
 *
 * @module
 */

/** The names in a folder; empty if it cannot be read. */
export type ListFolder = (path: string) => Promise<readonly string[]>;

const WILDCARD = /[*?[]/;

/** With more alternatives than this, the file is no configuration. */
const MAX_ALTERNATIVES = 1000;
/** The same for more folders, and more names in them. */
const MAX_FOLDERS = 1000;
const MAX_NAMES = 100_000;

/** True if the pattern may name any number of files, none included. */
export function isPattern(path: string): boolean {
  return WILDCARD.test(path);
}

/** The paths that match, and whether a bound ended the search. */
export interface Matches {
  readonly paths: readonly string[];
  readonly tooMany: boolean;
}

/** In alphabetical order. Returns a path without wildcard without looking at it. */
export async function expandGlob(pattern: string, list: ListFolder): Promise<Matches> {
  const search = new Search(list);
  const paths: string[] = [];
  for (const alternative of alternatives(pattern)) {
    for (const path of (await search.matching(alternative)).sort()) paths.push(path);
  }
  return { paths, tooMany: search.exhausted };
}

/** `a{b,c}d` -> `abd`, `acd`. */
function alternatives(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0 && done.length + open.length <= MAX_ALTERNATIVES) {
    const next = open.shift()!;
    const braces = /\{([^{}]*)\}/.exec(next);
    if (!braces) {
      done.push(next);
      continue;
    }
    const [before, after] = [
      next.slice(0, braces.index),
      next.slice(braces.index + braces[0].length),
    ];
    open.push(...braces[1]!.split(",").map((choice) => before + choice + after));
  }
  return done;
}

/** A search with bounds, because a pattern names files of a configuration, not those of a machine. */
class Search {
  readonly #list: ListFolder;
  #folders = 0;
  #names = 0;

  constructor(list: ListFolder) {
    this.#list = list;
  }

  get exhausted(): boolean {
    return this.#folders > MAX_FOLDERS || this.#names > MAX_NAMES;
  }

  /** The paths that a pattern without braces matches, within the bounds. */
  async matching(pattern: string): Promise<string[]> {
    let bases = [pattern.startsWith("/") ? "/" : ""];
    for (const segment of pattern.split("/").filter((part) => part !== "")) {
      if (!WILDCARD.test(segment)) {
        bases = bases.map((base) => joinPath(base, segment));
        continue;
      }
      const matches = segmentMatcher(segment);
      const next: string[] = [];
      for (const base of bases) {
        for (const name of await this.#namesIn(base)) {
          if (matches(name)) next.push(joinPath(base, name));
        }
      }
      bases = next;
    }
    return bases;
  }

  async #namesIn(folder: string): Promise<readonly string[]> {
    this.#folders++;
    if (this.exhausted) return [];
    const names = await this.#list(folder === "" ? "." : folder);
    this.#names += names.length;
    return this.exhausted ? [] : names;
  }
}

/** A part of a pattern: any number of characters, or one of some kind. */
type Part = "any number" | ((character: string) => boolean);

/** Hidden files match only a pattern that begins with a dot. */
function segmentMatcher(segment: string): (name: string) => boolean {
  const parts = partsOf(segment);
  return (name) => (segment.startsWith(".") || !name.startsWith(".")) && fits(parts, [...name]);
}

function partsOf(segment: string): Part[] {
  const tokens = segment.matchAll(/\[([!^]?)([^\]]+)\]|[^]/gu);
  return Array.from(tokens, ([token, negation, set]): Part => {
    if (set !== undefined) {
      const ranges = rangesOf(set);
      return (character) => ranges.some((range) => inRange(character, range)) !== (negation !== "");
    }
    if (token === "*") return "any number";
    return token === "?" ? () => true : (character) => character === token;
  });
}

/** `a-z_` -> a to z, _ to _. */
function rangesOf(set: string): (readonly [from: string, to: string])[] {
  const ranges = set.matchAll(/([^])-([^])|[^]/gu);
  return Array.from(ranges, ([one, from, to]) => [from ?? one, to ?? one] as const);
}

/** A reversed range (`[z-a]`) contains no character. */
function inRange(character: string, [from, to]: readonly [string, string]): boolean {
  return from <= character && character <= to;
}

/** Takes at most the product of both lengths, because it retries only the last `*`, further on. */
function fits(parts: readonly Part[], name: readonly string[]): boolean {
  let [part, at] = [0, 0];
  let star: { readonly part: number; at: number } | null = null;
  while (at < name.length) {
    const wanted = parts[part];
    if (wanted === "any number") {
      star = { part: ++part, at };
    } else if (wanted?.(name[at]!)) {
      part++;
      at++;
    } else if (star) {
      part = star.part;
      at = ++star.at;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "any number");
}

/** `base/name`, or `name` if it is absolute or there is no base. */
export function joinPath(base: string, name: string): string {
  if (base === "" || name.startsWith("/")) return name;
  return base.endsWith("/") ? base + name : `${base}/${name}`;
}

/** The path without `.` and `folder/..`, so that one file has one path. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/").filter((part) => part !== "" && part !== ".")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

/** The text before the last slash: the folder of a file; empty for the current one. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, Math.max(1, slash));
}
