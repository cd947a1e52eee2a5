/**
 * Lines into words: comments, quotation marks, and the two-level quoting of scripts.
 *
 * @module
 */

/** A line without its comment. */
export interface Decommented {
  readonly text: string;
  /** True if the comment begins in the middle of a word, as in `auth_pass pa!ss`. */
  readonly cutsWord: boolean;
}

/** Removes the text after `#` or `!` outside double quotes (keepalived.conf(5), "Comments"). */
export function stripComment(text: string): Decommented {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    if (quoted || (character !== "#" && character !== "!")) continue;
    return { text: text.slice(0, i), cutsWord: i > 0 && !/[\s{}]/.test(text[i - 1]!) };
  }
  return { text, cutsWord: false };
}

/** True if a double quotation mark has no partner. */
export function hasOpenQuote(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 1;
}

/** Words separated by blanks; `"` keeps blanks in a word and is removed. */
export function splitWords(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}

/**
 * Program and arguments of a script. keepalived takes the first word of the value, which double quotes may span, and
 * splits that at blanks; single quotes keep blanks in an argument. `ignored` are further words after it, which are no
 * arguments.
 */
export function splitScript(value: string): {
  readonly text: string;
  readonly words: readonly string[];
  readonly ignored: readonly string[];
} {
  const { first, after } = firstWord(value.trim());
  const words = first.match(/(?:'[^']*'?|\\.|[^\s'\\])+/g) ?? [];
  return {
    text: first.replace(/\\(["\\])/g, "$1"),
    words: words.map(unescapeWord),
    ignored: splitWords(after),
  };
}

/** The value's first word; a backslash protects a quotation mark. */
function firstWord(value: string): { first: string; after: string } {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") {
    const first = /^\S*/.exec(value)![0];
    return { first, after: value.slice(first.length) };
  }
  const pattern = quote === '"' ? /^"((?:[^"\\]|\\.)*)"?/ : /^'((?:[^'\\]|\\.)*)'?/;
  const match = pattern.exec(value)!;
  return { first: match[1]!, after: value.slice(match[0].length) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  E: "\x1b",
};

function unescapeWord(word: string): string {
  return word.replace(
    /'([^']*)'?|\\(.)/g,
    (_, quoted?: string, escaped?: string) => quoted ?? ESCAPES[escaped!] ?? escaped!,
  );
}
