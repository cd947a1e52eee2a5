/**
 * The parts of a command's help, for other forms of it.
 *
 * @module
 */

export interface OptionHelp {
  /** `--config`. */
  readonly flag: string;
  /** `FILE`; empty for an option without a value. */
  readonly value: string;
  readonly meaning: string;
}

export interface HelpParts {
  /** The paragraphs before and after examples and options. */
  readonly text: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly OptionHelp[];
}

/** Splits a help text into its parts. */
export function helpParts(help: string): HelpParts {
  const text: string[] = [];
  let examples: string[] = [];
  let options: OptionHelp[] = [];
  for (const block of help.trim().split("\n\n")) {
    const [title, ...lines] = block.split("\n");
    if (title === "Examples:") examples = lines.map((line) => line.trim());
    else if (title === "Options:") options = readOptions(lines);
    else text.push(block.split("\n").map((line) => line.trim()).join(" "));
  }
  return { text, examples, options };
}

/** `  --flag VALUE   meaning`, continued by deeper lines. */
function readOptions(lines: readonly string[]): OptionHelp[] {
  const options: OptionHelp[] = [];
  for (const line of lines) {
    const head = /^ {2}(--[\w-]+)(?: ([A-Z]+))? {2,}(.*)$/.exec(line);
    if (head) {
      options.push({ flag: head[1]!, value: head[2] ?? "", meaning: head[3]! });
      continue;
    }
    const last = options.pop();
    if (last) options.push({ ...last, meaning: `${last.meaning} ${line.trim()}`.trim() });
  }
  return options;
}
