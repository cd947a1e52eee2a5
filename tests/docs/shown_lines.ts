/**
 * The lines that README, docs and help show a person to type, whichever program they run.
 *
 * @module
 */

import { COMMANDS } from "../../src/cli/commands.ts";
import { helpText } from "../../src/cli/text/help.ts";
import { joinedLines } from "./commands.ts";

const ROOT = new URL("../../", import.meta.url);
/** A prompt, or the other machine. */
const BEFORE = /^(?:\w+@(\w+):\S*[#$] |[$#] |ssh \w+@(\w+) )/;
/** Behind the line. A `#` in quotes has no two blanks before it, or no blank behind it. */
const COMMENT = / {2,}# .*$| # [a-z*].*$/;

/** A line as it is typed, without its prompt and its comment. */
export interface ShownLine {
  readonly place: string;
  /** The node that the text names; `null`: either. */
  readonly host: string | null;
  readonly line: string;
}

/** README and the documents for operators, without those for developers. */
export function operatorsDocuments(): readonly { readonly name: string; readonly text: string }[] {
  const docs = Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => `docs/${name}`);
  return ["README.md", ...docs.filter((name) => name.endsWith(".md")).sort()]
    .map((name) => ({ name, text: Deno.readTextFileSync(new URL(name, ROOT)) }));
}

/** Those in the blocks of a document that show a shell: all lines of `sh`, and in others those behind a prompt. */
export function shownLines(document: string, text: string): ShownLine[] {
  const found: ShownLine[] = [];
  let block: string | null = null;
  for (const [index, line] of joinedLines(text).entries()) {
    const fence = /^ *```(\w*)/.exec(line);
    if (fence) block = block === null ? fence[1]! : null;
    else if (block !== null && line.trim() !== "" && (block === "sh" || isPrompted(line.trim()))) {
      found.push(shown(`${document}:${index + 1}`, line.trim()));
    }
  }
  return found;
}

/** A comment in a block of YAML or INI is no prompt of root. */
function isPrompted(line: string): boolean {
  return /^(?:\w+@\w+:\S*[#$]|\$|# (?:vipd|systemctl)(?= (?:run|enable|disable))) ?/.test(line);
}

/** Those under `Examples:` in the help of each command, which the man pages repeat. */
export function helpLines(): ShownLine[] {
  return [undefined, ...COMMANDS.map(({ name }) => name)].flatMap((name) => {
    const examples = /^Examples:\n((?: {2}.*\n)+)/m.exec(helpText(name, COMMANDS))?.[1] ?? "";
    return examples.split("\n").filter((line) => line.trim() !== "")
      .map((line) => shown(`vipd help ${name ?? ""}`.trim(), line.trim().replace(/ {3,}.*/, "")));
  });
}

function shown(place: string, line: string): ShownLine {
  const before = BEFORE.exec(line);
  const typed = before === null ? line : line.slice(before[0].length);
  return {
    place,
    host: before?.[1] ?? before?.[2] ?? null,
    line: typed.replace(COMMENT, "").trim(),
  };
}

/** All that a reader is shown, in the order of the documents. */
export function allShownLines(): ShownLine[] {
  return [
    ...operatorsDocuments().flatMap(({ name, text }) => shownLines(name, text)),
    ...helpLines(),
  ];
}
