/**
 * Each line of a source and its outcome: for people who compare the two files.
 *
 * @module
 */

import { printable } from "../wire/printable.ts";
import { isSecretKey } from "../config/secrets/secret_places.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { FileData } from "./resolve/resolve.ts";
import { withoutSecretArguments } from "./secret_arguments.ts";
import { ByPlace } from "./syntax/by_place.ts";
import type { Place, SourceLine, Statement } from "./syntax/statement.ts";
import { stripComment } from "./syntax/words.ts";

/** One line of the source. */
export interface ExplainedLine extends Place {
  /** As it is written, without passwords. */
  readonly text: string;
  /** Keys of the result with their values, and findings; empty for comments and braces. */
  readonly becomes: readonly string[];
}

function grouped<T>(values: Iterable<T>, placeOf: (value: T) => Place): ByPlace<T[]> {
  const groups = new ByPlace<T[]>();
  for (const value of values) {
    const place = placeOf(value);
    const group = groups.get(place);
    if (group) group.push(value);
    else groups.set(place, [value]);
  }
  return groups;
}

/** The meaning of each line's keywords in the tables, for lines that the result does not point to. */
export class Meanings {
  readonly #keys = new ByPlace<readonly string[]>();
  readonly #notes = new ByPlace<readonly string[]>();
  /** Lists of one meaning, which many lines share. */
  readonly #alone = new Map<string, readonly string[]>();
  /** Entries of lists mean what their block means. */
  readonly #inherited = new ByPlace<string>();

  /** `key` is vipd's, or empty; `note` is what the reference says. */
  add(statement: Statement, key: string, note: string): void {
    const meaning = key === "" ? note : key;
    if (meaning === "") return;
    const meanings = key === "" ? this.#notes : this.#keys;
    const known = meanings.get(statement);
    if (!known) meanings.set(statement, this.#listOf(meaning));
    else if (!known.includes(meaning)) meanings.set(statement, [...known, meaning]);
    this.#inherit(statement, key === "" ? AS_BLOCK : key);
  }

  /** vipd's keys for a place. */
  keys(place: Place): readonly string[] {
    return this.#keys.get(place) ?? [];
  }

  /** The reference about keywords without such a key. */
  notes(place: Place): readonly string[] {
    return this.#notes.get(place) ?? [];
  }

  inherited(place: Place): readonly string[] {
    const meaning = this.#inherited.get(place);
    return meaning === undefined ? [] : [meaning];
  }

  #listOf(meaning: string): readonly string[] {
    const list = this.#alone.get(meaning) ?? [meaning];
    this.#alone.set(meaning, list);
    return list;
  }

  #inherit({ block }: Statement, meaning: string): void {
    for (const inner of block ?? []) {
      this.#inherited.set(inner, meaning);
      this.#inherit(inner, meaning);
    }
  }
}

const AS_BLOCK = "as its block";
const LEFT_OUT = "left out, with its block";

/** Of these kinds is a finding about a line that is without effect in the result, unless the result points to it. */
const WITHOUT_EFFECT: ReadonlySet<FindingKind> = new Set<FindingKind>([
  ...["error", "not_carried", "out_of_scope", "ignored"] as const,
]);

/** Explains every line; `result` is `null` if nothing is written. Nothing of the lines `leftOut` is in it. */
export function explainLines(
  lines: readonly SourceLine[],
  findings: readonly Finding[],
  meanings: Meanings,
  result: FileData | null,
  leftOut: ByPlace<true> = new ByPlace(),
): ExplainedLine[] {
  const byPlace = grouped(findings, (finding) => finding);
  const origins = grouped(result?.origins ?? [], ([, statement]) => statement);
  const secretParameters = parametersOfSecrets(lines);
  /** The reference about a line that the result does not point to. */
  const meant = (place: Place, here: readonly Finding[]) => {
    const keys = here.some(({ kind }) => WITHOUT_EFFECT.has(kind)) ? [] : meanings.keys(place);
    // A finding says more exactly what the reference says.
    return here.length > 0 ? keys : [...keys, ...meanings.notes(place)];
  };
  return lines.map((place, index) => {
    const { file, line, text } = place;
    const values = (origins.get(place) ?? []).map(([path]) => resultText(result!.data, path));
    const here = byPlace.get(place) ?? [];
    const said = [
      ...(values.length > 0 ? values : leftOut.get(place) ? [LEFT_OUT] : meant(place, here)),
      ...here.map(findingText),
    ];
    const becomes = said.length > 0 ? said : meanings.inherited(place);
    return {
      file,
      line,
      text: withoutSecrets(text, secretParameters),
      becomes: becomes.length > 0 ? becomes : withoutStatement(place, lines[index - 1]),
    };
  });
}

/** With the remedy of what is missing in the result. */
function findingText({ severity, keyword, message, remedy }: Finding): string {
  const subject = keyword === "" ? "" : `${keyword}: `;
  return `${severity}: ${subject}${message}${severity === "note" ? "" : `; ${remedy}`}`;
}

/** Lines of two columns, for a terminal. */
export function explainedText(lines: readonly ExplainedLine[]): string {
  const rows: string[] = [];
  let before = "";
  for (const { file, line, text, becomes } of lines) {
    if (file !== before) rows.push(printable(`${file}:`));
    before = file;
    const [first = "", ...more] = becomes;
    const left = text.trimEnd().slice(0, LEFT_COLUMN).padEnd(LEFT_COLUMN);
    rows.push(printable(`${String(line).padStart(5)}  ${left}  ${first}`.trimEnd()));
    for (const each of more) rows.push(printable(`${" ".repeat(LEFT_COLUMN + 9)}${each}`));
  }
  return `${rows.join("\n")}\n`;
}

/** The same as a table in Markdown, without comments and braces. */
export function explainedTable(lines: readonly ExplainedLine[]): string {
  const rows = lines.filter(({ becomes }) => becomes.length > 0).map(({ line, text, becomes }) =>
    `| ${line} | ${code(text.trim())} | ${becomes.map(escaped).join("<br>")} |`
  );
  return ["| line | keepalived | becomes |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** Characters of the source's line that are shown. */
const LEFT_COLUMN = 44;

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** `auth_pass` and `key ID SECRET`, also with a condition before them. */
const SECRET = /\b(auth_pass|key\s+\S+)(\s+)(?:"[^"]*"?|\$\{[^}]*\}?|[^\s{}]+)/g;

/** In each line with a secret: {@link SECRET}, or the definition of a parameter. */
const HAS_SECRET = /auth_pass|key|\$/;

/** The parameters whose values are secrets: by their use, or by their name. */
function parametersOfSecrets(lines: readonly SourceLine[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { text } of lines) {
    const defined = /\$(\w+)=/.exec(text)?.[1];
    if (defined !== undefined && isSecretKey(defined)) names.add(defined);
    for (const [use] of text.matchAll(SECRET)) {
      for (const [, name] of use.matchAll(/\$\{?(\w+)/g)) names.add(name!);
    }
  }
  return names;
}

/** The line without the secrets in it; `parameters` are those of {@link parametersOfSecrets}. */
function withoutSecrets(text: string, parameters: ReadonlySet<string>): string {
  const shown = withoutSecretArguments(text);
  if (!HAS_SECRET.test(shown)) return shown;
  const plain = shown.replace(SECRET, "$1$2***");
  // A list before it may hold the secrets.
  const listed = plain === shown ? shown : plain.replace(/~LST\s*\([^)]*\)?/g, "~LST(***)");
  return listed.replace(
    /\$(\w+)=.*$/,
    (definition, name: string) => parameters.has(name) ? `$${name}=***` : definition,
  );
}

/** Of a line that nothing was reported of: a condition, a definition, or nothing that means anything. */
function withoutStatement(
  { text, read }: SourceLine,
  above: SourceLine | undefined,
): string[] {
  if (read === null) return ["its lines follow"];
  if (/\\\s*$/.test(above?.text ?? "")) return ["a part of the definition above"];
  const meant = stripComment(text).text.trim();
  if (meant.startsWith("@")) return ["for another node"];
  return meant.startsWith("$") ? ["replaced where it is used"] : [];
}

/** `vrid: 51`; for a part with keys of its own its path alone. */
function resultText(data: unknown, path: string): string {
  const value = valueAt(data, path.split(/[.[\]]+/).filter((part) => part !== ""));
  const name = path.replace(/^instances\[\d+\]\./, "");
  const inline = value === undefined || name === path && typeof value === "object"
    ? ""
    : `: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
  const secret = /password|keys/.test(name) || /"(?:password|keys)":/.test(inline);
  return secret ? name : `${name}${withoutSecretArguments(inline)}`;
}

function valueAt(data: unknown, parts: readonly string[]): unknown {
  return parts.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Readonly<Record<string, unknown>>)[part]
        : undefined,
    data,
  );
}
