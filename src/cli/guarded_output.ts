/**
 * The last filter before a terminal. Each text of a command has passed `printable` where it came in; if one has not,
 * this makes it harmless.
 *
 * @module
 */

import { printableLines } from "../wire/printable.ts";
import { type CliContext, outputThrough } from "./context.ts";
import { SCREEN_SEQUENCES } from "./text/terminal/screen.ts";
import { STYLE_SEQUENCES } from "./text/terminal/style.ts";

/** The control sequences that vipd itself sends to a terminal. */
const OWN_SEQUENCES = new RegExp(
  `(${["\r\n", ...SCREEN_SEQUENCES, ...STYLE_SEQUENCES].map(RegExp.escape).join("|")})`,
);

/** The context of a command, with texts that contain no control sequences except vipd's. */
export function guarded(context: CliContext): CliContext {
  const { output, ask } = context;
  return {
    ...context,
    output: outputThrough(output, {
      out: (text) => output.out(harmless(text)),
      err: (text) => output.err(harmless(text)),
    }),
    ask: ask && ((question, byDefault) => ask(printableLines(question), byDefault)),
  };
}

/** Splitting by a group puts the group's matches at the odd indexes. */
function harmless(text: string): string {
  return text.split(OWN_SEQUENCES)
    .map((part, index) => index % 2 === 1 ? part : printableLines(part))
    .join("");
}
