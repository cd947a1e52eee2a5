/**
 * The last door before a terminal. Each text of a command has passed `printable` where it came in; what was forgotten
 * there is made harmless here.
 *
 * @module
 */

import { printableLines } from "../wire/printable.ts";
import type { CliContext } from "./context.ts";
import { SCREEN_SEQUENCES } from "./text/screen.ts";
import { STYLE_SEQUENCES } from "./text/style.ts";

/** What vipd itself has to say to a terminal. */
const OWN_SEQUENCES = new RegExp(
  `(${["\r\n", ...SCREEN_SEQUENCES, ...STYLE_SEQUENCES].map(RegExp.escape).join("|")})`,
);

/** The context of a command, whose texts hold no control sequences but those of vipd. */
export function guarded(context: CliContext): CliContext {
  const { output, ask } = context;
  return {
    ...context,
    output: {
      out: (text) => output.out(harmless(text)),
      err: (text) => output.err(harmless(text)),
      hasReader: () => output.hasReader(),
      colour: output.colour,
      rows: () => output.rows(),
    },
    ask: ask && ((question, byDefault) => ask(printableLines(question), byDefault)),
  };
}

/** Every second part of a split by a group is what the group has found. */
function harmless(text: string): string {
  return text.split(OWN_SEQUENCES)
    .map((part, index) => index % 2 === 1 ? part : printableLines(part))
    .join("");
}
