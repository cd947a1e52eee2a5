/**
 * A question that one answers with yes or no.
 *
 * @module
 */

import type { CliContext } from "./context.ts";

/** Anything but yes is a no, also the end of the input. */
export async function saysYes(
  question: string,
  { output, readLine }: Pick<CliContext, "output" | "readLine">,
): Promise<boolean> {
  output.err(`${question} [y/N] `);
  return /^y(es)?$/i.test((await readLine())?.trim() ?? "");
}
