/**
 * Lines into words: comments, quotation marks, and the two-level quoting of scripts.
 *
 * @module
 */

/** Octets of a line that keepalived reads at once, MAXBUF without the end of a string. */
export const LINE_OCTETS = 1023;

/** A line without its comment. */
export interface Decommented {
  readonly text: string;
  /** True if the comment begins in the middle of a word, as in `auth_pass pa!ss`. */
  readonly cutsWord: boolean;
  /** True if a backslash keeps a # or ! from beginning a comment. */
  readonly escapes?: boolean;
}

/**
 * Removes the text after `#` or `!` outside double quotes (keepalived.conf(5), "Comments"), and the backslash before one
 * that begins no comment.
 */
export function stripComment(text: string): Decommented {
  if (!text.includes("#") && !text.includes("!")) return { text, cutsWord: false };
  let quoted = false;
  let before = "";
  let from = 0;
  const kept = (end?: number) => before + text.slice(from, end);
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "\\") {
      i++;
      if (quoted || (text[i] !== "#" && text[i] !== "!")) continue;
      before = kept(i - 1);
      from = i;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "#" || character === "!")) {
      const cutsWord = i > 0 && !/[\s{}]/.test(text[i - 1]!);
      return { text: kept(i), cutsWord, ...(from > 0 && { escapes: true }) };
    }
  }
  return { text: kept(), cutsWord: false, ...(from > 0 && { escapes: true }) };
}

/** Keywords whose values are scripts. In them a backslash takes away the meaning of a quotation mark. */
const OF_SCRIPTS = /^\s*(?:script|notify(?:_\w+)?|\w+_script)\s/;

/** True if a double quotation mark has no partner. */
export function hasOpenQuote(text: string): boolean {
  if (!text.includes('"')) return false;
  const plain = OF_SCRIPTS.test(text) ? text.replace(/\\./g, "") : text;
  return (plain.split('"').length - 1) % 2 === 1;
}

/** Without the blanks around it. Those that only Unicode knows are letters for keepalived. */
export function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  // Beyond its ends there is no character, which is no blank.
  while (isBlank(text.charCodeAt(from))) from++;
  while (isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** As isspace(3) has it. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Words separated by blanks; `"` keeps blanks in a word and is removed. */
export function splitWords(text: string): string[] {
  if (!text.includes('"')) return text.match(/[^ \t-\r]+/g) ?? [];
  const words = text.match(/(?:"[^"]*"?|[^ \t-\r"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}

/** A `script` or `notify` as keepalived takes it apart. */
export interface Script {
  /** The program with its arguments, without the quotation marks around both. */
  readonly text: string;
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Further words after the first one of the value, which are no arguments. */
  readonly ignored: readonly string[];
  /** True if a quotation mark has no partner, so that keepalived runs nothing. */
  readonly open: boolean;
}

/**
 * Program and arguments of a script. keepalived takes the first word of the value, and takes that apart into words once
 * more; both times quotation marks of either kind hold a word together, and a backslash escapes a character.
 */
export function splitScript(value: string): Script {
  const outer = escapedWords(value);
  const text = outer.words[0] ?? "";
  const inner = escapedWords(text);
  return {
    text: text.trim(),
    words: inner.words,
    ignored: outer.words.slice(1),
    open: outer.open || inner.open,
  };
}

/** A word: quoted parts, escaped characters and others. */
const WORD = /(?:'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|\\.|[^ \t-\r'"\\]|\\$)+/gs;
const PART = /(['"])((?:[^\\]|\\.)*?)(\1|\\?$)|((?:\\.|[^'"\\]|\\$)+)/gs;

function escapedWords(text: string): { readonly words: readonly string[]; readonly open: boolean } {
  if (!/['"\\]/.test(text)) return { words: text.match(/[^ \t-\r]+/g) ?? [], open: false };
  if (/^"[^'"\\]*"$/.test(text)) return { words: [text.slice(1, -1)], open: false };
  let open = false;
  const unquoted = (_: string, quote?: string, inside?: string, end?: string, other?: string) => {
    if (quote === undefined) return unescape(other!);
    // keepalived lets a mark at the very end pass.
    open ||= end !== quote && inside !== "";
    return unescape(inside!);
  };
  const words = Array.from(text.matchAll(WORD), ([word]) => word.replace(PART, unquoted));
  return { words, open };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** `\n`, `\101`, `\x41`, `\cA`, and any other character for itself. */
function unescape(text: string): string {
  return !text.includes("\\") ? text : text.replace(
    /\\(?:([0-3][0-7]{2})|x([0-9a-fA-F]{2})|c([@-_a-z])|(.))/gs,
    (_, octal?: string, hex?: string, control?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (control !== undefined) {
        return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 31);
      }
      return ESCAPES[other!] ?? other!;
    },
  );
}
