/**
 * File name patterns of `include`, as glob(7) reads them: `*`, `?`, `[abc]`, and `{a,b}`.
 *
 * @module
 */

/** The names in a folder; empty when it cannot be read. */
export type ListFolder = (path: string) => Promise<readonly string[]>;

const WILDCARD = /[*?[]/;

/** More alternatives than this are no configuration. */
const MAX_ALTERNATIVES = 1000;

/** True when the pattern may name any number of files, none included. */
export function isPattern(path: string): boolean {
  return WILDCARD.test(path);
}

/** The paths that match, in alphabetical order; a path without wildcard is returned unseen. */
export async function expandGlob(pattern: string, list: ListFolder): Promise<string[]> {
  const found: string[] = [];
  for (const alternative of alternatives(pattern)) {
    found.push(...(await matching(alternative, list)).sort());
  }
  return found;
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

async function matching(pattern: string, list: ListFolder): Promise<string[]> {
  let bases = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((part) => part !== "")) {
    if (!WILDCARD.test(segment)) {
      bases = bases.map((base) => joinPath(base, segment));
      continue;
    }
    const matches = segmentMatcher(segment);
    const next: string[] = [];
    for (const base of bases) {
      const names = await list(base === "" ? "." : base);
      next.push(...names.filter(matches).map((name) => joinPath(base, name)));
    }
    bases = next;
  }
  return bases;
}

/** Hidden files match only a pattern that begins with a dot. */
function segmentMatcher(segment: string): (name: string) => boolean {
  const source = segment.replace(
    /\[([!^]?)([^\]]+)\]|[*?]|[^*?[]+|\[/g,
    (part, negation: string | undefined, set: string | undefined) => {
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      if (set === undefined) return part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
      return `[${negation ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`;
    },
  );
  const expression = compiled(`^${source}$`);
  return (name) =>
    (segment.startsWith(".") || !name.startsWith(".")) && (expression?.test(name) ?? false);
}

/** `null` for a range in reverse (`[z-a]`), which matches nothing. */
function compiled(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** `base/name`, or `name` when it is absolute or there is no base. */
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

/** What stands before the last slash: the folder of a file; empty for the current one. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, Math.max(1, slash));
}
