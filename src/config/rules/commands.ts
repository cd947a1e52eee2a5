/**
 * Rules of the programs that a configuration names, as lists of words.
 *
 * @module
 */

import { shellWord } from "../../wire/shell_word.ts";
import { type Finding, warningAt } from "../findings.ts";
import type { Placed } from "../partial.ts";
import { noShellReads, shellWordIn } from "../values/command.ts";
import { flowYaml } from "../yaml/flow.ts";

/** A word that only a shell understands, which the program gets as an argument. A warning: some program may want it. */
export function shellWordRule({ path, value }: Placed<readonly string[]>): Finding[] {
  const at = shellWordIn(value);
  if (at < 0) return [];
  const line = value.map((word) => shellWordIn(["", word]) < 0 ? shellWord(word) : word).join(" ");
  return [warningAt(
    [...path, at],
    "no_shell",
    `${noShellReads(value[at]!)}: ${value[0]} gets it as an argument`,
    `write \`${flowYaml(["/bin/sh", "-c", line])}\``,
  )];
}
