/**
 * A text in nginx's syntax as a tree of directives.
 *
 * @module
 */

import { NginxSyntaxError, Tokenizer } from "./tokens.ts";

/** One directive with its place. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** The directives between its braces; `null` without any. The code of a Lua block is the last of `args`. */
  readonly block: readonly Directive[] | null;
  readonly file: string;
  readonly line: number;
}

export interface ParsedText {
  /** Up to the problem, if there is one. */
  readonly directives: readonly Directive[];
  readonly problem: { readonly line: number; readonly message: string } | null;
}

/** nginx itself has no bound; no file of a person comes near. */
const MAX_DEPTH = 64;
const LUA_BLOCK = /_by_lua_block$/;

/** Reads the text of one file; `include` is a directive like any other. */
export function parseText(text: string, file: string): ParsedText {
  const open: Directive[][] = [[]];
  try {
    readDirectives(new Tokenizer(text), file, open);
    return { directives: open[0]!, problem: null };
  } catch (error) {
    if (!(error instanceof NginxSyntaxError)) throw error;
    const { line, message } = error;
    return { directives: open[0]!, problem: { line, message } };
  }
}

/** `open`: the blocks that are not closed yet, the innermost last. */
function readDirectives(tokenizer: Tokenizer, file: string, open: Directive[][]): void {
  let words: string[] = [];
  let line = 0;
  const add = (block: Directive[] | null) => {
    const [name = "", ...args] = words;
    open.at(-1)!.push({ name, args, block, file, line });
    words = [];
  };
  for (let token = tokenizer.next(); token !== null; token = tokenizer.next()) {
    if (token.kind === "word") {
      if (words.length === 0) line = token.line;
      words.push(token.text);
      continue;
    }
    if ((token.kind === "}") !== (words.length === 0)) {
      throw new NginxSyntaxError(`unexpected "${token.kind}"`, token.line);
    }
    if (token.kind === ";") {
      add(null);
    } else if (token.kind === "}") {
      if (open.length === 1) throw new NginxSyntaxError('unexpected "}"', token.line);
      open.pop();
    } else if (LUA_BLOCK.test(words[0]!)) {
      words.push(tokenizer.luaBlock());
      add(null);
    } else {
      if (open.length > MAX_DEPTH) throw new NginxSyntaxError("too deep", token.line);
      const block: Directive[] = [];
      add(block);
      open.push(block);
    }
  }
  if (words.length > 0) throw new NginxSyntaxError('";" is missing at the end', tokenizer.line);
  if (open.length > 1) throw new NginxSyntaxError('"}" is missing at the end', tokenizer.line);
}
