/**
 * Tables in Markdown as `deno fmt` wants them, and those that stand in a document between two comments.
 *
 * @module
 */

/** Cells of a row; the first one is its title. */
export type Cells = readonly string[];

/** Two comments that begin and end a table in a document. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
}

/** The first row is the head. */
export function tableText(rows: readonly Cells[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(3, ...rows.map((row) => row[at]!.length)));
  const written = rows.map((row) =>
    `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [written[0], rule, ...written.slice(1)].join("\n");
}

/**
 * The document with these rows between the markers. A row with the same title is replaced; the others stay, for
 * `--only` measures some of them.
 *
 * @param titles all rows that there are, in the table's order: what is none of them any more goes.
 * @throws {RangeError} When the document has no such markers.
 */
export function updateTable(
  document: string,
  { begin, end }: Markers,
  head: Cells,
  rows: readonly Cells[],
  titles: readonly string[],
): string {
  const [beginAt, endAt] = placeOf(document, { begin, end });
  const known = [...readTable(document, { begin, end }), ...rows];
  const latest = new Map(known.map((row) => [row[0], row]));
  const ordered = titles.map((title) => latest.get(title)).filter((row) => row !== undefined);
  const table = tableText([head, ...ordered]);
  return `${document.slice(0, beginAt)}${begin}\n\n${table}\n\n${document.slice(endAt)}`;
}

/**
 * The rows of the table between the markers, without its head.
 *
 * @throws {RangeError} When the document has no such markers.
 */
export function readTable(document: string, markers: Markers): Cells[] {
  const text = document.slice(...placeOf(document, markers));
  const rows = text.split("\n").filter((line) => line.startsWith("|")).slice(2);
  return rows.map((row) => row.slice(1, -1).split("|").map((cell) => cell.trim()));
}

function placeOf(document: string, { begin, end }: Markers): [beginAt: number, endAt: number] {
  const beginAt = document.indexOf(begin);
  const endAt = document.indexOf(end, beginAt);
  if (beginAt < 0 || endAt < 0) {
    throw new RangeError(`No place for the table: "${begin}" and "${end}" belong there`);
  }
  return [beginAt, endAt];
}
