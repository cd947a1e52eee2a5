/** The words that README, docs and comments do without, and what they say instead. */

/** A word or a turn of phrase, and what to write in its place. */
export interface Word {
  readonly pattern: RegExp;
  readonly instead: string;
}

export const WORDS: readonly Word[] = [
  { pattern: /\b(?:tells?|telling|told)\b/gi, instead: "report, log, show or say" },
  { pattern: /\bmend(?:s|ed|ing)?\b/gi, instead: "fix" },
  { pattern: /\banew\b/gi, instead: "again" },
  { pattern: /\bshall\b/gi, instead: "must or should" },
  { pattern: /\b(?:leav(?:e|es|ing)|left)\s+(?:\w+\s+)?away\b/gi, instead: "omit" },
  { pattern: /\bbeside\b/gi, instead: "next to" },
  { pattern: /\bwho(?:m)?ever\b/gi, instead: "anyone who" },
  { pattern: /\bby\s+hand\b/gi, instead: "manually; its result is an override" },
  { pattern: /[,;]\s+for\s+(?:he|it|she|they|there|you|we|nobody)\b/g, instead: "because" },
  { pattern: /\broster\b/gi, instead: "instance manager" },
  { pattern: /\brival(?:s|ry)?\b/gi, instead: "other master, or address conflict" },
  { pattern: /\bstrangers?\b/gi, instead: "another host, a client or foreign traffic" },
  { pattern: /\brefusals?\b/gi, instead: "rejection; with `accept: false`, to block packets" },
  { pattern: /\b(?:left|leaves?|leaving)\s+behind\b/gi, instead: "stale" },
  { pattern: /\bside\s+by\s+side\b/gi, instead: "peer comparison" },
  { pattern: /\bobservers?\b/gi, instead: "VRRP monitor" },
  {
    pattern: /\bhold(?:ings|ers?)\b/gi,
    instead: "instance resources; the node that has the address",
  },
  { pattern: /\bpass(?:es|ed)?\s+(?:\w+\s+)?connections\s+on\b/gi, instead: "forward connections" },
  {
    // A list has an order too; what a person gives vipd is a command, and what stands of it an override.
    pattern:
      /\borders\b|\bordered\b|(?<!\bin\s+)\b(?:an|any|no|each|every|standing|last|next|another|the|this|that|your|by)\s+order\b(?!\s+(?:of|in|that\s+counts)\b)/gi,
    instead: "override for what stands, command or call for what is sent",
  },
  {
    pattern:
      /(?<=^ *|^#+ +|[.!?:]\s+|\| +|- +|\d\. +|\*\* *)(?:Where|What|Whom?)\b(?![^.!?|]*\?)/gm,
    instead: "begin with the subject, or with If",
  },
];

/** What comments, messages and the documents for operators say of addresses, in addition. */
export const ADDRESS_WORDS: readonly Word[] = [
  {
    pattern: /\b(?:lets?|letting)\s+go\b/gi,
    instead: "remove or give up the addresses, or give way; in comments release, end or close",
  },
  { pattern: /\b(?:tak(?:es?|en|ing)|took)\s+(?:\w+\s+){0,3}off\b/gi, instead: "remove" },
  {
    pattern:
      /\bputs?\s+(?:\w+\s+){0,3}address(?:es)?\s+on\b|\baddress(?:es)?\s+(?:\w+\s+){1,3}put\s+on\b/gi,
    instead: "add",
  },
];

/** A word that a document has and should not have. */
export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** The banned words of a document in Markdown, by line. */
export function bannedWords(document: string, words: readonly Word[] = WORDS): Finding[] {
  const prose = joined(proseOf(document));
  return words.flatMap(({ pattern, instead }) =>
    Array.from(prose.matchAll(pattern), ({ 0: found, index }) => ({ index, found, instead }))
  ).toSorted((a, b) => a.index - b.index).map(({ index, found, instead }) => ({
    line: document.slice(0, index).split("\n").length,
    found: found.replace(/\s+/g, " "),
    instead,
  }));
}

/** The document with blanks for all that is quoted or generated: code, output, names of tests, targets of links. */
function proseOf(document: string): string {
  const exempt = [
    /<!-- (?:generated|written)(?:(?!-->)[^])*-->[^]*?(?:<!-- (?:(?!-->)[^])*\bend\b[^]*?-->|$(?![^]))/gm,
    /^( *)```[^]*?^ *```$/gm,
    /`tests\/[\w/]+\.ts`: [^;|\n]+(?:\n +(?!- )[^;|\n]+)*/g,
    /(`+)(?:(?!\n\n)[^`])+\1/g,
    /(?<=\]\()[^)\s]+(?=\))/g,
  ];
  return exempt.reduce((text, pattern) => text.replace(pattern, blank), document);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** A sentence goes on over the end of its line; places stay the same. */
function joined(prose: string): string {
  return prose.replace(/(?<=\S *)\n(?= *(?!-|\*\*|#|\||\d+\.)\S)/g, " ");
}
