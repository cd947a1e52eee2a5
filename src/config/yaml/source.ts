/**
 * A configuration file as YAML: its data, and where in the text each part of it stands.
 * With `secret_ranges.ts` the only file that knows the YAML library.
 *
 * @module
 */

import {
  type Document,
  type ErrorCode,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import type { Path } from "../path.ts";
import type { ConfigSource, Position } from "../plain_source.ts";
import { findSecrets, type Secrets } from "./secret_ranges.ts";
import { maskPasswords, maskRanges } from "../masking.ts";
import { MAX_ALIAS_COUNT, MAX_DEPTH } from "./limits.ts";
import type { CountFaults } from "./indentation.ts";
import { slipBefore } from "./slips.ts";

/** A problem of the text itself. */
export interface SyntaxProblem extends Position {
  readonly code: "yaml_syntax" | "duplicate_key";
  readonly message: string;
  readonly hint: string;
}

/** A parsed file. */
export class YamlSource implements ConfigSource {
  /** The faults of the text, in its order. */
  readonly problems: readonly SyntaxProblem[];
  /** Plain values: mappings, lists, texts, numbers, booleans, null; null where the text is no YAML. */
  readonly data: unknown;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #text: string;
  /** Both are made when they are asked for: most files are right, and nothing of them is shown. */
  #secrets: Secrets | null = null;
  #maskedLines: readonly string[] | null = null;
  readonly #pairs = new WeakMap<YAMLMap, Map<string, Pair>>();

  /** @param countFaults judges the data that a text with a slip in its layout was to have */
  constructor(text: string, countFaults: CountFaults = () => 0) {
    // Core schema (YAML 1.2): `no` and `08:30` stay text. Diagnostics are ours, hence no pretty errors.
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: "error",
      schema: "core",
      version: "1.2",
      // The library compares each key with each other: a hundred thousand take minutes. See #duplicateKeys.
      uniqueKeys: false,
    });
    this.#text = text;
    const problems = this.#syntaxProblems(text, countFaults);
    this.data = this.#read(problems);
    this.problems = problems;
  }

  /** The texts in the places of secrets, for messages that quote the text. */
  get secrets(): ReadonlySet<string> {
    return this.#found.values;
  }

  /** True when the data is worth checking although there are problems: only keys stand twice. */
  get readable(): boolean {
    return this.problems.every((problem) => problem.code === "duplicate_key");
  }

  /** The problems up to this offset, at which another reader has found one: that one alone if there is no other. */
  problemsUntil(offset: number): readonly SyntaxProblem[] {
    const at = this.#at(offset);
    const before = this.problems.filter(({ line }) => line <= at.line);
    return before.length > 0 ? before : [{ ...at, ...NOT_YAML }];
  }

  /** The place of a value; of its key when nothing stands there, of the nearest parent when it is absent. */
  valuePosition(path: Path): Position {
    const { node, pair } = this.#find(path);
    const range = rangeOf(node);
    if (range && range[1] > range[0]) return this.#at(range[0]);
    return this.#at(rangeOf(pair?.key)?.[0] ?? range?.[0] ?? 0);
  }

  /** The place of the key that ends `path`; of the value where it ends with a list's index. */
  keyPosition(path: Path): Position {
    const { pair } = this.#find(path);
    const range = rangeOf(pair?.key);
    return range ? this.#at(range[0]) : this.valuePosition(path);
  }

  /** A scalar as it is written, without quotes: the `0123` of a number 123; `null` for what is no scalar. */
  written(path: Path): string | null {
    const { node, found } = this.#find(path);
    return found && isScalar(node) ? node.source ?? null : null;
  }

  /** One line of the text, passwords masked. */
  excerpt(line: number): string {
    // Both: what is broken is no document, and what a document holds may look like anything.
    this.#maskedLines ??= maskPasswords(maskRanges(this.#text, this.#found.ranges))
      .split(/\r?\n|\r(?!\n)/);
    return this.#maskedLines[line - 1] ?? "";
  }

  get #found(): Secrets {
    return this.#secrets ??= findSecrets(this.#document);
  }

  #syntaxProblems(text: string, countFaults: CountFaults): SyntaxProblem[] {
    const problems: SyntaxProblem[] = [];
    const lines = new Set<number>();
    const faults = [...this.#document.errors, ...this.#document.warnings];
    const slip = this.#slip(text, faults, countFaults);
    if (slip !== null) return [slip];
    for (const { code, pos } of faults.toSorted((a, b) => a.pos[0] - b.pos[0])) {
      const at = this.#at(pos[0]);
      const explained = explain(code);
      // One slip makes the parser stumble several times; the first place is the one to look at.
      if (lines.has(at.line) || explained === NOT_YAML && problems.length > 0) continue;
      if (code === "BAD_INDENT" && problems.some(({ message }) => message === explained.message)) {
        continue;
      }
      lines.add(at.line);
      problems.push({ ...at, ...explained });
    }
    const deep = this.#deepNode();
    if (deep !== null) problems.push({ ...this.#at(deep), ...TOO_DEEP });
    for (const offset of this.#duplicateKeys()) {
      problems.push({ ...this.#at(offset), ...duplicate(text.slice(offset, offset + 80)) });
    }
    return problems.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** The slip in the layout at the first fault or above it: everything that follows may come from it. */
  #slip(
    text: string,
    faults: readonly Fault[],
    countFaults: CountFaults,
  ): SyntaxProblem | null {
    const [first] = faults.toSorted((a, b) => a.pos[0] - b.pos[0]);
    if (first === undefined) return null;
    const at = this.#at(first.pos[0]);
    if (first.code === "TAB_AS_INDENT") return { ...at, ...explain(first.code) };
    const slip = LAYOUT_FAULTS.has(first.code) ? slipBefore(text, at.line, countFaults) : null;
    return slip && { ...slip, code: "yaml_syntax" };
  }

  /** The offset of the first list or mapping that stands in too many others. */
  #deepNode(): number | null {
    let offset: number | null = null;
    visit(this.#document, {
      Collection: (_, node, path) => {
        if (path.filter(isCollection).length < MAX_DEPTH) return;
        offset = rangeOf(node)?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    return offset;
  }

  /** The offsets of keys that stand a second time in their mapping. */
  #duplicateKeys(): number[] {
    const offsets: number[] = [];
    visit(this.#document, {
      Map: (_, map) => {
        const known = new Set<string>();
        for (const { key } of map.items) {
          const name = keyText(key);
          if (name === null) continue;
          if (known.has(name)) offsets.push(rangeOf(key)?.[0] ?? 0);
          known.add(name);
        }
      },
    });
    return offsets;
  }

  #read(problems: SyntaxProblem[]): unknown {
    const severe = problems.some((problem) => problem.code !== "duplicate_key");
    if (severe) return null;
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    } catch (error) {
      // Aliases that point nowhere, or that multiply beyond all reason.
      if (!(error instanceof ReferenceError)) throw error;
      problems.push({ ...this.#firstAlias(), ...explain("BAD_ALIAS") });
      return null;
    }
  }

  #firstAlias(): Position {
    let offset = 0;
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document)) return;
        offset = alias.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    return this.#at(offset);
  }

  #find(path: Path): { node: unknown; pair: Pair | null; found: boolean } {
    let node: unknown = this.#document.contents;
    let pair: Pair | null = null;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      let next: unknown;
      if (isMap(node)) {
        const inner = this.#pairsOf(node).get(String(step));
        if (!inner) return { node, pair, found: false };
        pair = inner;
        next = inner.value;
      } else if (isSeq(node) && typeof step === "number") {
        next = node.items[step];
        pair = null;
      }
      if (next === undefined) return { node, pair, found: false };
      node = next;
    }
    return { node, pair, found: true };
  }

  #pairsOf(map: YAMLMap): Map<string, Pair> {
    const known = this.#pairs.get(map);
    if (known) return known;
    // If a key stands twice the last one counts, as in the data.
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      const name = keyText(pair.key);
      if (name !== null) pairs.set(name, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** `null` for a key that is a list or a mapping: written out, a deep one would take all memory. */
function keyText(key: unknown): string | null {
  if (isScalar(key)) return String(key.value ?? "");
  if (isAlias(key)) return `*${key.source}`;
  return isNode(key) ? null : "";
}

function rangeOf(node: unknown): readonly [number, number, number] | null {
  return isNode(node) ? node.range ?? null : null;
}

type Fault = Pick<Document.Parsed["errors"][number], "code" | "pos">;

/** Faults that a wrong blank can lead to. */
const LAYOUT_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...["BAD_INDENT", "MISSING_CHAR", "BAD_COLLECTION_TYPE", "UNEXPECTED_TOKEN"] as const,
  ...["MULTILINE_IMPLICIT_KEY", "BLOCK_AS_IMPLICIT_KEY", "BAD_SCALAR_START"] as const,
]);

const TOO_DEEP = syntax(
  "lists and mappings stand in each other deeper than in any configuration",
  "look for brackets that are not closed; is it a configuration of vipd?",
);

const NOT_YAML = syntax(
  "this is not YAML",
  "compare with the examples: `key: value` lines, lists with dashes, indentation with spaces",
);

/** The library's errors in the words of somebody who edits a configuration. */
function explain(code: ErrorCode): Pick<SyntaxProblem, "code" | "message" | "hint"> {
  switch (code) {
    case "TAB_AS_INDENT":
      return syntax("a tab in the indentation", "indent with spaces; YAML does not allow tabs");
    case "BAD_INDENT":
      return syntax(
        "this line does not fit the indentation above it",
        "indent the keys of one mapping, and the dashes of one list, by the same number of spaces; " +
          "close every [ and {",
      );
    case "BAD_ALIAS":
      return syntax(
        "an alias (*name) that cannot be resolved",
        "define its anchor (&name) above it, or put a text that begins with * in quotes",
      );
    case "MISSING_CHAR":
    case "BAD_COLLECTION_TYPE":
      return syntax(
        "something is missing here or above",
        "look for an unclosed quote, [ or {, a missing comma between them, or a missing `: ` after a key",
      );
    case "MULTILINE_IMPLICIT_KEY":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return syntax(
        "this is no `key: value`",
        "put a colon and a blank after each key, one key a line, nested keys on lines of their own",
      );
    case "BAD_SCALAR_START":
      return syntax(
        "a text cannot begin with this character",
        'put the text in quotes: "..."',
      );
    case "BAD_DQ_ESCAPE":
      return syntax(
        "an unknown escape sequence",
        "write \\\\ for a backslash, or use single quotes",
      );
    case "MULTIPLE_DOCS":
      return syntax("a second document begins here", "remove the line `---` and what follows it");
    case "TAG_RESOLVE_FAILED":
      return syntax(
        "a tag (!name) that YAML does not know",
        "remove it, or put a text that begins with ! in quotes",
      );
    default:
      return NOT_YAML;
  }
}

function duplicate(textFromKey: string) {
  const name = /^["']?([\w.-]+)/.exec(textFromKey)?.[1];
  return {
    code: "duplicate_key",
    message: `${name ? `the key "${name}"` : "a key"} stands a second time in the same mapping`,
    hint: "keep one of the two",
  } as const;
}

function syntax(message: string, hint: string) {
  return { code: "yaml_syntax", message, hint } as const;
}
