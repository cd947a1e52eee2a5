/** The commands of vipd that documents show, as a shell would take them apart. */

/** A line of a document, and the words of a vipd command in it, without `vipd` itself. */
export interface ShownCommand {
  readonly place: string;
  readonly words: readonly string[];
}

const SHELLS = new Set(["sh", "console", "text", "bash", ""]);
/** What may stand before a command: a prompt, another machine, other rights, a variable. */
const BEFORE =
  /^(?:(?:root|me)@\w+:\S*[#$] |[$#] |ssh root@\w+ |sudo |setpriv (?:-\S+ (?:[-+]\S+ )?)+|[A-Z_]+=\S+ |docker run .* IMAGE )/;

/** Those in the blocks of a document that show a shell. */
export function shownCommands(document: string, text: string): ShownCommand[] {
  const found: ShownCommand[] = [];
  let shell: string | null = null;
  for (const [index, line] of joinedLines(text).entries()) {
    const fence = /^ *```(\w*)/.exec(line);
    if (fence) shell = shell === null ? fence[1]! : null;
    else if (shell !== null && SHELLS.has(shell)) {
      const typed = shell === "sh" || /^ *(?:\S+@\w+:\S*[#$]|[$#]) /.test(line);
      if (!typed) continue;
      const place = `${document}:${index + 1}`;
      found.push(...commandsIn(line.trim()).map((words) => ({ place, words })));
    }
  }
  return found;
}

/** Those in the prose of a document: in a code span that begins with the program's name and a word. */
export function namedCommands(document: string, text: string): ShownCommand[] {
  const prose = text.replace(/^( *)```[\s\S]*?^ *```$/gm, (block) => block.replace(/[^\n]/g, ""));
  return Array.from(prose.matchAll(/`vipd ((?:--?)?[a-z][^`]*)`/g), (match) => ({
    place: `${document}:${prose.slice(0, match.index).split("\n").length}`,
    words: commandsIn(`vipd ${match[1]!.replace(/\s+/g, " ")}`)[0] ?? [],
  }));
}

/** Continued lines are one, at the place of the first; the lines behind them keep their places. */
export function joinedLines(text: string): string[] {
  return text.replace(/(?:[^\n]*\\\n)+[^\n]*/g, (lines) => {
    const parts = lines.split("\\\n");
    return parts.map((part) => part.trim()).join(" ") + "\n".repeat(parts.length - 1);
  }).split("\n");
}

/** The words of each vipd command in a line. */
export function commandsIn(line: string): string[][] {
  return separated(wordsIn(line)).flatMap((words) => {
    let rest = words;
    for (;;) {
      const before = BEFORE.exec(`${rest.join(" ")} `)?.[0];
      if (before === undefined) break;
      rest = rest.slice(before.trim().split(" ").length);
    }
    const [program = "", ...others] = rest;
    return /^(?:\.\/|\S*\/)?vipd$/.test(program) ? [withoutRedirections(others)] : [];
  });
}

/** Words with quotes taken away; `|`, `&&` and `;` are words of their own; a comment ends the line. */
function wordsIn(line: string): string[] {
  const words = Array.from(
    line.matchAll(/(?:^|\s)(#)|\|\|?|&&|;|((?:'[^']*'|"[^"]*"|[^\s|;&'"])+)/g),
    ([all, comment, word]) => comment && word === undefined ? null : word ?? all.trim(),
  );
  // A prompt of root is no comment.
  const end = words.indexOf(null, words[0] === null ? 1 : 0);
  return words.slice(words[0] === null ? 1 : 0, end < 0 ? undefined : end)
    .map((word) => word!.replace(/'([^']*)'|"([^"]*)"/g, (_, a, b) => a ?? b));
}

function separated(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (/^(?:\|\|?|&&|;)$/.test(word)) commands.push([]);
    else commands.at(-1)!.push(word);
  }
  return commands;
}

function withoutRedirections(words: readonly string[]): string[] {
  const end = words.findIndex((word) => /^[<>]/.test(word));
  return end < 0 ? [...words] : words.slice(0, end);
}
