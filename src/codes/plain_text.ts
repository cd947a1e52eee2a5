/**
 * Markdown of the documents as plain text, for terminals and for browsers that show text.
 *
 * Knows what vipd's documents use: headings, paragraphs, lists, fenced code, tables. In a table each row becomes its
 * first cell and, below it, the others.
 *
 * @module
 */

import { DOCUMENT_NAMES } from "./document_names.ts";

/** Columns of a page if nobody says how wide it is. */
export const PAGE_COLUMNS = 80;

const FENCE = /^\s*```/;
const ITEM = /^(\s*(?:[-*]|\d+\.) )(.*)$/;
const ROW = /^\s*\|/;

/** The text in lines of at most `columns` characters, except for code and words that are longer. */
export function plainText(markdown: string, columns: number = PAGE_COLUMNS): string {
  const blocks = blocksOf(markdown.replace(/<!--[\s\S]*?-->\n?/g, "").split("\n"));
  return blocks.map((block) => blockText(block, columns)).filter((text) => text !== "").join(
    "\n\n",
  );
}

/** Words in lines of at most `columns` characters; the first begins with `first`, the others with `rest`. */
export function wrapped(text: string, columns: number, first = "", rest = first): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}

/** Lines that belong together: those of a fence, a table, an item of a list, a paragraph; some blocks are empty. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  let block: string[] = [];
  let fenced = false;
  const end = () => {
    blocks.push(block);
    block = [];
  };
  for (const line of lines) {
    const fence = FENCE.test(line);
    if (fence && !fenced) end();
    if (!fenced && (line.trim() === "" || line.startsWith("#"))) end();
    if (!fenced && ITEM.test(line) && !ITEM.test(block[0] ?? "")) end();
    if (fenced || line.trim() !== "") block.push(line);
    if (fence) fenced = !fenced;
    if (fence && !fenced || line.startsWith("#") && !fenced) end();
  }
  end();
  return blocks;
}

function blockText(block: readonly string[], columns: number): string {
  const [first = ""] = block;
  if (FENCE.test(first)) return code(block);
  if (ROW.test(first)) return tableText(block, columns);
  if (ITEM.test(first)) return listText(block, columns);
  if (first.startsWith("#")) return inline(first.replace(/^#+ */, ""));
  return wrapped(inline(block.join(" ")), columns);
}

function code(block: readonly string[]): string {
  return block.slice(1).filter((line) => !FENCE.test(line)).map((line) => `  ${line}`.trimEnd())
    .join("\n");
}

function listText(block: readonly string[], columns: number): string {
  const items: string[] = [];
  for (const line of block) {
    if (ITEM.test(line)) items.push(line);
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items.map((item) => {
    const [, mark = "", text = item] = ITEM.exec(item) ?? [];
    return wrapped(inline(text), columns, mark, " ".repeat(mark.length));
  }).join("\n");
}

function tableText(block: readonly string[], columns: number): string {
  const [head = [], ...rows] = block.filter((line) => !/^[\s|:-]+$/.test(line)).map(cellsOf);
  return rows.map(([name = "", ...others]) => {
    const titled = others.map((cell, index) => ({ cell, title: head[index + 1] ?? "" }))
      .filter(({ cell }) => cell !== "");
    const lines = titled.map(({ cell, title }) =>
      wrapped(others.length > 1 ? `${title}: ${cell}` : cell, columns, "  ")
    );
    return [name, ...lines].join("\n");
  }).join("\n");
}

/** `\|` is a bar within a cell. */
function cellsOf(line: string): string[] {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim().replaceAll("\\|", "|")));
}

/** A link to a document that is in the executable. */
const DOCUMENT_LINK = new RegExp(`\\[(${DOCUMENT_NAMES.join("|")})\\.md\\]\\([^)]*\\)`, "g");

/** Without pictures, the targets of links and the marks of bold text. */
function inline(text: string): string {
  return text.replace(/!\[[^\]]*\]\([^)]*\)/g, "").replace(DOCUMENT_LINK, "`vipd man $1`").replace(
    /\[([^\]]+)\]\([^)]*\)/g,
    "$1",
  )
    .replaceAll("**", "").trim();
}
