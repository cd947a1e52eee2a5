/**
 * The words of an nginx configuration, as nginx itself splits them (ngx_conf_file.c, `ngx_conf_read_token`).
 *
 * @module
 */

/** A word, or one of the three characters that end a directive or a block. `line` counts from 1. */
export interface Token {
  readonly kind: "word" | ";" | "{" | "}";
  readonly text: string;
  readonly line: number;
}

/** Why a text is no configuration of nginx. */
export class NginxSyntaxError extends Error {
  override readonly name = "NginxSyntaxError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** A backslash that nginx removes when it copies a word; it keeps every other. */
const ESCAPE = /\\(["'\\trn])/g;
const ESCAPED: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

const SPACE = /[ \t\r\n]*/y;
const COMMENT = /#[^\n]*/y;
/** `${name}` opens no block, and a backslash protects what follows it. */
const PLAIN_WORD = /(?:\\[^]|\$\{|[^\\ \t\r\n;{])+/y;
const QUOTED_WORD = /"((?:\\[^]|[^\\"])*)"|'((?:\\[^]|[^\\'])*)'/y;
/** The characters that may follow a quoted word. */
const AFTER_QUOTED = /[ \t\r\n;{)]/;

export class Tokenizer {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  /** The line that was reached. */
  get line(): number {
    return this.#line;
  }

  /**
   * The next token; `null` at the end.
   *
   * @throws {NginxSyntaxError}
   */
  next(): Token | null {
    while (this.#take(SPACE) !== "" || this.#take(COMMENT) !== "");
    const first = this.#text[this.#at];
    if (first === undefined) return null;
    const line = this.#line;
    if (first === ";" || first === "{" || first === "}") {
      this.#at++;
      return { kind: first, text: first, line };
    }
    const word = first === '"' || first === "'" ? this.#quoted() : this.#plain();
    return { kind: "word", text: word.replace(ESCAPE, (_, it) => ESCAPED[it] ?? it), line };
  }

  /**
   * The Lua code up to the brace that closes its block; the opening one was the last token (lua-nginx-module,
   * `content_by_lua_block`).
   *
   * @throws {NginxSyntaxError}
   */
  luaBlock(): string {
    const start = this.#at;
    for (let depth = 1; depth > 0;) {
      const token = this.#take(LUA);
      if (token === "") throw new NginxSyntaxError("the Lua block does not end", this.#line);
      if (token === "{") depth++;
      if (token === "}") depth--;
    }
    return this.#text.slice(start, this.#at - 1);
  }

  #plain(): string {
    return this.#take(PLAIN_WORD) || this.#rest();
  }

  #quoted(): string {
    const word = this.#take(QUOTED_WORD);
    if (word === "") throw new NginxSyntaxError("a quote is not closed", this.#line);
    const next = this.#text[this.#at];
    if (next !== undefined && !AFTER_QUOTED.test(next)) {
      throw new NginxSyntaxError(`unexpected ${JSON.stringify(next)} after a quote`, this.#line);
    }
    return word.slice(1, -1);
  }

  /** A backslash at the very end. */
  #rest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return rest;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text] = pattern.exec(this.#text) ?? [""];
    this.#at += text.length;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#line++;
    return text;
  }
}

/** Lua 5.1 manual, 2.1: long brackets, comments, strings, or else a brace, or what holds none of these. */
const LUA = new RegExp(
  [
    String.raw`(?:--)?\[(?<level>=*)\[[^]*?\]\k<level>\]`,
    String.raw`--[^\n]*`,
    String.raw`"(?:\\[^]|[^\\"])*"`,
    String.raw`'(?:\\[^]|[^\\'])*'`,
    String.raw`[{}]`,
    String.raw`[^-\["'{}]+`,
    String.raw`[-\[]`,
  ].join("|"),
  "y",
);
