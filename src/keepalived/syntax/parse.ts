/**
 * Lines into statements: comments, conditions, parameters, braces.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import { Conditions } from "./conditions.ts";
import { Parameters } from "./parameters.ts";
import { isSequence, readSequence, type Sequence } from "./sequences.ts";
import type { Place, SourceLine, Statement } from "./statement.ts";
import { hasOpenQuote, LINE_OCTETS, splitWords, stripComment, trimBlanks } from "./words.ts";

/** How many characters parameters may add; nested parameters multiply. */
const MAX_EXPANSION = 1024 * 1024;

/** Each line of a sequence costs so many characters in addition to its own. */
const ROUND_COST = 32;

/** Blocks in each other; keepalived knows six. */
const MAX_DEPTH = 100;

/** Blocks that only the file itself has. */
const BLOCK_OF_FILE =
  /^(?:global_defs|vrrp_\w+|virtual_server\w*|static_\w+|bfd_instance|track_file|garp_group|interface_up_down_delays)$/;

interface OpenBlock {
  readonly statements: Statement[];
  /** The statement that the block belongs to; `null` for the file itself, and if no keyword precedes the brace. */
  readonly opener: Statement | null;
}

/** Variables of the environment, for `${_ENV NAME}`. */
export type EnvironmentValues = ReadonlyMap<string, string>;

/** The next thing to read: a line, or one that stands for several. */
type Pending = SourceLine | RepeatedLine;

interface RepeatedLine extends Place, Sequence {}

/** Reads statements. `@id` conditions are compared with `id` (keepalived's `--config-id`). */
export function parseStatements(
  lines: readonly SourceLine[],
  id: string,
  report: Report,
  environment: EnvironmentValues = new Map(),
): Statement[] {
  return new Parser(id, report, environment).parse(lines);
}

class Parser {
  readonly #report: Report;
  readonly #parameters: Parameters;
  readonly #open: OpenBlock[] = [{ statements: [], opener: null }];
  /** Lines still to read, the next one last. */
  #pending: Pending[] = [];
  #expansionLeft = MAX_EXPANSION;
  #count = 0;
  readonly #conditions: Conditions;
  /** The variables of the environment that were reported. */
  readonly #reported = new Set<string>();
  /** Braces that close nothing, and how many statements of the file precede each. */
  readonly #surplus: { readonly place: Place; readonly statements: number }[] = [];

  constructor(id: string, report: Report, environment: EnvironmentValues) {
    this.#report = report;
    this.#parameters = new Parameters(id, (name, place) => {
      const value = environment.get(name);
      if (value !== undefined) this.#reportVariable(name, place);
      return value;
    });
    this.#conditions = new Conditions(id);
  }

  parse(lines: readonly SourceLine[]): Statement[] {
    this.#pending = lines.toReversed();
    while (this.#pending.length > 0) {
      const line = this.#nextLine(this.#pending.pop()!);
      if (line === null) continue;
      this.#readLine(line);
      const endless = this.#endless();
      if (endless === null) continue;
      this.#error(line, "", ...endless);
      // The result so far is thousands of lines that nobody wrote; reporting each is useless.
      return [];
    }
    this.#conditions.report(this.#report);
    const last = this.#open.length === 2;
    while (this.#open.length > 1) {
      const block = this.#open.pop()!;
      const { opener } = block;
      if (opener) this.#reportOpen(opener, last, block.statements);
      this.#attach(block);
    }
    this.#reportSurplus();
    return this.#open[0]!.statements;
  }

  /** The value is not shown: it may be a password. */
  #reportVariable(name: string, place: Place): void {
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    const message = `${quote(name)} is taken from the environment of vipd, not of keepalived`;
    const remedy = "look whether it is the same in both";
    this.#report.addAt("carried_differently", place, "_ENV", message, remedy);
  }

  /** `null` after the last round of a line that stands for several. */
  #nextLine(pending: Pending): SourceLine | null {
    if (!("rounds" in pending)) return pending;
    const { file, line, rounds, rest } = pending;
    const round = rounds.next();
    if (round.done) return null;
    this.#pending.push(pending);
    for (const [name, value] of round.value) this.#parameters.set(name, value);
    this.#expansionLeft -= rest.length + ROUND_COST;
    return { file, line, text: rest };
  }

  /** Why reading on is useless, and what to do; `null` if it is not. */
  #endless(): readonly [message: string, remedy: string] | null {
    if (this.#expansionLeft <= 0) {
      return this.#pending.some((pending) => "rounds" in pending)
        ? ["sequences and lists stand for too many lines", "is the end of each sequence right?"]
        : ["parameters in parameters have no end", "write the lines instead of the parameters"];
    }
    if (this.#open.length <= MAX_DEPTH) return null;
    return [`more than ${MAX_DEPTH} blocks are open`, "close each with a }"];
  }

  /** keepalived closes the last block at the end of the file; a brace that is missing earlier swallows what follows. */
  #reportOpen(opener: Statement, last: boolean, statements: readonly Statement[]): void {
    const remedy = "add the missing }";
    if (!last || statements.some(({ keyword }) => BLOCK_OF_FILE.test(keyword))) {
      return this.#error(opener, opener.keyword, "its block is not closed", remedy);
    }
    const message = "its block is not closed; it ends with the file";
    this.#report.addAt("advice", opener, opener.keyword, message, remedy);
  }

  /** Surplus braces between whole blocks mean nothing; others have closed a block too early. */
  #reportSurplus(): void {
    const read = this.#open[0]!.statements;
    const isWhole = (statement: Statement | undefined) =>
      statement === undefined ||
      (statement.block !== null && BLOCK_OF_FILE.test(statement.keyword));
    for (const { place, statements } of this.#surplus) {
      const isLast = statements === read.length;
      const before = read[statements - 1];
      if (isLast ? before?.block !== null : isWhole(before) && isWhole(read[statements])) {
        const where = isLast ? "after the last block" : "between two blocks";
        const message = `a } without its { ${where} has no effect`;
        this.#report.addAt("ignored", place, "}", message, "remove it");
        continue;
      }
      const remedy = "remove it; if it should close a block, look for one closed too early above";
      this.#error(place, "}", "a } without its {", remedy);
    }
  }

  #readLine(line: SourceLine): void {
    const { text, cutsWord, escapes } = stripComment(line.read ?? line.text);
    if (trimBlanks(text) === "") return;
    if (isTooLong(text)) return this.#tooLong(line);
    const conditional = this.#conditions.apply(text, line);
    if (conditional === null || line.read === null) return;
    if (escapes) this.#tellEscape(conditional, line);
    if (/^\s*\$\w+=/.test(conditional)) {
      this.#parameters.define(this.#continued(conditional));
      return;
    }
    if (isSequence(conditional)) return this.#repeat(conditional, line);
    const expanded = this.#parameters.expand(conditional, line);
    if (!expanded.ok) {
      this.#error(line, firstWord(conditional), expanded.message, expanded.remedy);
      // Nothing else is known of the line.
      this.#report.silence(line);
      // The braces of parameters are no blocks.
      this.#readPieces(conditional.replace(/\$\{[^{}]*\}/g, "_"), line, cutsWord);
      return;
    }
    if (expanded.text !== conditional) {
      this.#expansionLeft -= expanded.text.length;
      // The value may be a condition, a definition, or several lines.
      const parts = expanded.text.split("\n");
      if (parts.length > 1 || /^\s*[@$~]/.test(expanded.text)) {
        const { file, line: number } = line;
        this.#pending.push(...parts.map((text) => ({ file, line: number, text })).reverse());
        return;
      }
      if (isTooLong(expanded.text)) return this.#tooLong(line);
    }
    this.#readPieces(expanded.text, line, cutsWord);
  }

  /** keepalived ignores a line of which it cannot read how often it is to be repeated. */
  #repeat(text: string, place: Place): void {
    const sequence = readSequence(text, (inside) => {
      const expanded = this.#parameters.expand(inside, place);
      return expanded.ok ? expanded.text : null;
    });
    if (sequence !== null) {
      this.#pending.push({ file: place.file, line: place.line, ...sequence });
      return;
    }
    this.#report.addAt(
      "ignored",
      place,
      /~\w*/.exec(text)?.[0] ?? "",
      "the sequence or list is not written as it should be; the line is without effect",
      "write ~SEQ(NAME, START, STEP, END) or ~LST(NAME, VALUE, VALUE) before it",
    );
  }

  #tooLong(line: SourceLine): void {
    const message =
      `with its parameters the line has ${LINE_OCTETS} octets or more, which keepalived does not read`;
    this.#error(line, "", message, "shorten their values, or the line");
  }

  /** A definition's further lines: each except the last ends with a backslash. */
  #continued(text: string): string {
    let value = text;
    const parts: string[] = [];
    while (/\\\s*$/.test(value)) {
      const next = this.#pending.at(-1);
      if (next === undefined || "rounds" in next) break;
      this.#pending.pop();
      parts.push(value.replace(/\\\s*$/, ""));
      value = stripComment(next.read ?? next.text).text;
    }
    return [...parts, value].join("\n");
  }

  /** Splits at braces outside quotation marks, which may occur anywhere in a line. */
  #readPieces(text: string, line: SourceLine, cutsWord: boolean): void {
    if (hasOpenQuote(text)) {
      const remedy = 'put quotation marks in pairs: "..."';
      this.#error(line, firstWord(text), "a quotation mark has no partner", remedy);
    }
    const hasBraces = text.includes("{") || text.includes("}");
    const pieces = hasBraces ? text.match(/(?:"[^"]*"?|[^{}"])+|[{}]/g) ?? [] : [text];
    for (const [index, piece] of pieces.entries()) {
      if (piece === "{") this.#openBlock(line);
      else if (piece === "}") this.#closeBlock(line);
      else if (trimBlanks(piece) !== "") this.#add(piece, line);
      if (cutsWord && index === pieces.length - 1) this.#warnOfCut(piece, line);
    }
  }

  #tellEscape(text: string, line: SourceLine): void {
    this.#report.addAt(
      "carried_differently",
      line,
      firstWord(text),
      "a # or ! after a backslash begins no comment, as in keepalived 2.4; to earlier ones it does",
      'put the word in double quotes for all of them: "..."',
    );
  }

  #warnOfCut(piece: string, line: SourceLine): void {
    this.#report.addAt(
      "advice",
      line,
      firstWord(piece),
      "a # or ! in the middle of a word begins a comment, so the word ends there",
      'put the word in double quotes if the character belongs to it: "..."',
    );
  }

  #add(piece: string, { file, line }: Place): void {
    const trimmed = trimBlanks(piece);
    const [keyword = "", ...words] = splitWords(trimmed);
    const written = trimmed.includes('"')
      ? /^(?:"[^"]*"?|[^ \t-\r"])+/.exec(trimmed)?.[0] ?? ""
      : keyword;
    const rest = trimmed.slice(written.length).trim();
    const order = this.#count++;
    this.#open.at(-1)!.statements.push({ keyword, words, rest, file, line, order, block: null });
  }

  #openBlock(line: SourceLine): void {
    const siblings = this.#open.at(-1)!.statements;
    // A brace on a separate line belongs to the statement before it.
    const opener = siblings.at(-1)?.block === null ? siblings.pop()! : null;
    if (opener === null) {
      const remedy = "remove it, or write the keyword before it";
      this.#error(line, "{", "a { that no keyword stands before", remedy);
    }
    this.#open.push({ statements: [], opener });
  }

  #closeBlock(line: SourceLine): void {
    const closed = this.#open.length > 1 ? this.#open.pop()! : null;
    if (closed === null) {
      this.#surplus.push({ place: line, statements: this.#open[0]!.statements.length });
    } else this.#attach(closed);
  }

  /** Puts the statement that opened a block back in its place, now with the block. */
  #attach({ opener, statements }: OpenBlock): void {
    if (opener) this.#open.at(-1)!.statements.push({ ...opener, block: statements });
  }

  #error(at: Place, keyword: string, message: string, remedy: string): void {
    this.#report.addAt("error", at, keyword, message, remedy);
  }
}

/** More than this is not what anybody wrote: a parameter's value has no other bound. */
function isTooLong(text: string): boolean {
  return text.length * 3 >= LINE_OCTETS && new TextEncoder().encode(text).length >= LINE_OCTETS;
}

function firstWord(text: string): string {
  return splitWords(text)[0] ?? "";
}
