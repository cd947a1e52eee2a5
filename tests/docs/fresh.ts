/** Documents, or parts of them, that are written from the code. `UPDATE_GOLDEN=1` writes them anew. */

import assert from "node:assert/strict";

/**
 * Fails when the document is another than `make` makes of it; what the formatter does to it does not count.
 *
 * @param by the tests that write it
 */
export async function assertFresh(
  file: URL,
  make: (present: string) => string,
  by = "tests/docs",
): Promise<void> {
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    const before = await Deno.readTextFile(file).catch(() => "");
    await Deno.writeTextFile(file, make(before));
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file.pathname] }).output();
  }
  const present = await Deno.readTextFile(file);
  const [found, wanted] = [words(present), words(make(present))];
  const at = found.findIndex((word, index) => word !== wanted[index]);
  const excerpt = (text: readonly string[]) => text.slice(at, at + 12).join(" ");
  assert.ok(
    at === -1 && found.length === wanted.length,
    `${file.pathname} is stale: UPDATE_GOLDEN=1 deno test -A ${by}; it has "${
      excerpt(found)
    }", the code "${excerpt(wanted)}"`,
  );
}

/** Replaces what stands between two markers; throws when they are not there. */
export function between(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new SyntaxError(`the markers of ${name} are missing`);
  return `${text.slice(0, from)}${begin}\n\n${content}\n${text.slice(to)}`;
}

/** More text than this in a row of a table is not read any more; the formatter's padding doubles it. */
export const ROW_TEXT_MAX = 240;

/** The characters of a row that a person reads: of a link its text alone. */
export function textLength(cells: readonly string[]): number {
  return cells.join("").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").length;
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

function words(text: string): string[] {
  return text.replace(/-{3,}/g, "---").trim().split(/\s+/);
}
