/**
 * Whether this node is to be demoted although the other one would serve less.
 *
 * @module
 */

import { printable } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { saysYes } from "../agreement.ts";
import { clientFor } from "./target.ts";

export const UNLESS_WORSE_HELP =
  `  --unless-worse     refuse it if the other node's nginx would serve less, by
                     the last rehearsal (vipd help rehearse); without it, a
                     person at a terminal is asked`;

/** Asks a person at a terminal if the last rehearsal found that the other node would serve less. */
export async function mayDemote(args: Arguments, context: CliContext): Promise<boolean> {
  if (context.ask === null) return true;
  // A daemon that does not answer is for the command itself to report.
  const status = await (await clientFor(args, context)).statusToCommand().catch(() => null);
  const faults = (status?.peers ?? []).flatMap(({ rehearsal = [] }) => rehearsal)
    .filter(({ code, node }) => code === "rehearsal_failed" && node !== status?.node);
  if (faults.length === 0) return true;
  for (const { message } of faults) context.output.err(`vipd: ${printable(message)}\n`);
  if (await saysYes("Demote all the same?", context)) return true;
  context.output.err("vipd: nothing was demoted\n");
  return false;
}
