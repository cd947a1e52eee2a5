/** The sites of a file: every break that its syntax tree allows, each with a name that survives other changes. */

import ts from "typescript";
import { type Break, breaksOf, holdsNoCode } from "./breaks.ts";

/** What a break is known by, whatever is inserted above it. */
export interface SiteName {
  /** Below the repository. */
  readonly file: string;
  /** The functions around it, the outermost first, with points between; empty at the top of the file. */
  readonly function: string;
  /** The lines that the break touches, with single spaces, before and after it. */
  readonly before: string;
  readonly after: string;
}

export interface Site extends SiteName, Break {
  /** From 1. */
  readonly line: number;
  /** Which one of those with the same name, from 0. */
  readonly nth: number;
  /** The lines as a diff without a head. */
  readonly diff: string;
}

/** All sites of one source text, in its order. */
export function sitesOf(file: string, text: string): Site[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const sites: Site[] = [];
  const seen = new Map<string, number>();
  const visit = (node: ts.Node, functions: readonly string[]): void => {
    if (holdsNoCode(node)) return;
    const name = nameOf(node);
    const around = name === undefined ? functions : [...functions, name];
    for (const found of breaksOf(node)) {
      const site = named(source, found, around.join("."));
      const key = nameKey(site);
      const nth = seen.get(key) ?? 0;
      seen.set(key, nth + 1);
      sites.push({ ...site, nth });
    }
    ts.forEachChild(node, (child) => visit(child, around));
  };
  visit(source, []);
  return sites;
}

/** The source text with this break in it. */
export function broken(text: string, { start, end, replacement }: Break): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Equal for equal names only. */
export function nameKey(name: SiteName): string {
  return JSON.stringify([name.file, name.function, name.before, name.after]);
}

/** Text as names hold it: what the formatter changes makes no difference. */
export function singleSpaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function named(source: ts.SourceFile, found: Break, around: string): Omit<Site, "nth"> {
  const { text, fileName } = source;
  const from = text.lastIndexOf("\n", found.start - 1) + 1;
  const next = text.indexOf("\n", found.end);
  const to = next < 0 ? text.length : next;
  const before = text.slice(from, to);
  const after = broken(text, found).slice(
    from,
    to - (found.end - found.start) +
      found.replacement.length,
  );
  const marked = (sign: string, lines: string) =>
    lines.split("\n").filter((line) => line.trim() !== "").map((line) => `${sign} ${line}`);
  return {
    ...found,
    file: fileName,
    function: around,
    line: source.getLineAndCharacterOfPosition(found.start).line + 1,
    before: singleSpaced(before),
    after: singleSpaced(after),
    diff: [...marked("-", before), ...marked("+", after)].join("\n"),
  };
}

/** What a node adds to the names around it: functions, classes, and what is declared at the top of a file. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const named = ts.isFunctionLike(node) || ts.isClassLike(node) ||
    ts.isPropertyDeclaration(node) ||
    (ts.isVariableDeclaration(node) && (isTop(node) || holdsFunction(node.initializer))) ||
    (ts.isPropertyAssignment(node) && holdsFunction(node.initializer));
  return named && node.name !== undefined ? node.name.getText() : undefined;
}

function isTop(node: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(node.parent.parent.parent);
}

function holdsFunction(value: ts.Expression | undefined): boolean {
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
}
