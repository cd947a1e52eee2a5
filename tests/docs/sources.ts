/** The program's own texts, for the tests of its words. */

import ts from "typescript";

export const ROOT = new URL("../../", import.meta.url);

/** The sources below a folder of the repository. */
export function* sourcesIn(folder: string, named = /\.tsx?$/): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* sourcesIn(`${folder}${name}/`, named);
    else if (named.test(name)) yield `${folder}${name}`;
  }
}

/** A text that a person may read, with its line. */
export interface Literal {
  readonly line: number;
  readonly text: string;
}

/** The texts with a blank in a source: strings, parts of templates, and what the page shows. */
export function literalsOf(path: string, source: string): Literal[] {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kind);
  const found: Literal[] = [];
  const visit = (node: ts.Node) => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) || ts.isTemplateTail(node) || ts.isJsxText(node);
    if (isText && node.text.includes(" ")) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ line: line + 1, text: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
