/** A row of a table is read at a glance: what has more to say stands in a list or a section next to the table. */

import assert from "node:assert/strict";
import { ROW_TEXT_MAX, textLength } from "./fresh.ts";
import { ROOT } from "./sources.ts";

/** What an editor or a terminal shows of a line before it is cut off, padding included. */
const LINE_MAX = 512;

/** Tables of figures, which are read cell by cell: ranges of five runs make their rows long. */
const MEASURED = /<!-- written by deno task bench[^]*?<!-- end of/g;

interface Row {
  /** Counted from 1. */
  readonly line: number;
  readonly isMeasured: boolean;
  readonly source: string;
  readonly cells: readonly string[];
}

/** The rows of a document's tables, heads included, rules below the heads with no text. */
function rowsIn(document: string): Row[] {
  const shown = document.replace(
    /^( *)```[^]*?^ *```$/gm,
    (fence) => fence.replace(/[^\n]/g, " "),
  );
  const measured = Array.from(shown.matchAll(MEASURED), ({ index, 0: text }) => {
    const from = lineAt(shown, index);
    return { from, to: from + lineAt(text, text.length) };
  });
  return shown.split("\n").flatMap((source, index) => {
    if (!/^\s*\|/.test(source)) return [];
    const cells = source.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replace(/^:?-+:?$/, "").replaceAll("\\|", "|"));
    const isMeasured = measured.some(({ from, to }) => index >= from && index <= to);
    return [{ line: index + 1, isMeasured, source, cells }];
  });
}

/** Counted from 0. */
function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length - 1;
}

/** The rows that nobody can read, with what is too long about them. */
function tooLong(document: string): string[] {
  return rowsIn(document).flatMap(({ line, isMeasured, source, cells }) => [
    ...(!isMeasured && textLength(cells) > ROW_TEXT_MAX
      ? [`${line}: ${textLength(cells)} of text`]
      : []),
    ...(source.length > LINE_MAX ? [`${line}: ${source.length} with its padding`] : []),
  ]);
}

function documents(): Map<string, string> {
  const docs = Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => `docs/${name}`);
  const root = ["README.md", "CONTRIBUTING.md", "RELEASING.md", "CHANGELOG.md"];
  const paths = [...root, ...docs.filter((path) => path.endsWith(".md")).sort()];
  return new Map(paths.map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]));
}

Deno.test(`no row of a document has more than ${ROW_TEXT_MAX} characters of text, or ${LINE_MAX} with its padding`, () => {
  const texts = [...documents()];
  assert.ok(texts.flatMap(([, text]) => rowsIn(text)).length > 1000);
  const found = texts.flatMap(([path, text]) => tooLong(text).map((row) => `${path}:${row}`));
  assert.deepEqual(found, [], `\n${found.join("\n")}`);
});

Deno.test("a row is measured by the text of its cells, a line by its padding too", () => {
  const word = "x".repeat(ROW_TEXT_MAX - 1);
  const url = `https://example.org/${"y".repeat(200)}`;
  const cases: readonly (readonly [document: string, found: readonly string[]])[] = [
    [`| a | b |\n| - | - |\n| ${word} | z |\n`, []],
    [`| a | b |\n| - | - |\n| ${word} | zz |\n`, ["3: 241 of text"]],
    [`| ${word} | zz |\n`, ["1: 241 of text"]],
    [`| ${word} | [z](${url}) |\n`, []],
    [`| a | b |\n| ${"-".repeat(400)} | - |\n`, []],
    [`| a${" ".repeat(600)} | b |\n`, ["1: 609 with its padding"]],
    [`| ${"-".repeat(600)} | - |\n`, ["1: 608 with its padding"]],
    [`  | ${word}\\|zz |\n`, ["1: 242 of text"]],
    [
      `<!-- written by deno task bench -->\n| ${word} | zz |\n<!-- end of it -->\n| ${word} | zz |\n`,
      ["4: 241 of text"],
    ],
    [`\`\`\`text\n| ${word}${word} |\n\`\`\`\n${word}${word}\n`, []],
  ];
  for (const [document, found] of cases) assert.deepEqual(tooLong(document), found, document);
});
