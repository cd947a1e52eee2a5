/**
 * The parts of a command's help, for those who show it in another form.
 *
 * @module
 */

export interface OptionHelp {
  /** `--config`. */
  readonly flag: string;
  /** `FILE`; empty for one that takes no value. */
  readonly value: string;
  readonly meaning: string;
}

export interface HelpParts {
  /** What stands before and behind examples and options; paragraphs. */
  readonly text: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly OptionHelp[];
}

/** Takes a help text apart. */
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
