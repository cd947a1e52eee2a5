/**
 * Whether a command is to move the addresses although the node that gets them would serve less.
 *
 * @module
 */

import { printable } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { saysYes } from "../yes_no.ts";
import { commandTargets } from "./command_targets.ts";
import { clientFor } from "./target.ts";

export const UNLESS_WORSE_HELP =
  `  --unless-worse     refuse it if the other node's nginx would serve less, by
                     the last rehearsal (vipd help rehearse); without it, a
                     person at a terminal is asked`;

/**
 * Asks a person at a terminal if the command moves addresses, and the last rehearsal found that the node that would serve
 * them then serves less.
 *
 * @param chosen the instances that the command is for, as its operands and its `--all` name them
 */
export async function mayMove(
  command: "demote" | "promote",
  args: Arguments,
  context: CliContext,
  chosen: { readonly names: readonly string[]; readonly all: boolean },
): Promise<boolean> {
  if (context.ask === null) return true;
  // A daemon that does not answer is for the command itself to report.
  const status = await (await clientFor(args, context)).statusToCommand().catch(() => null);
  if (status === null) return true;
  const { node, peers, instances } = status;
  const { targets } = commandTargets(chosen.names, chosen.all, status);
  const moved = targets.flatMap((target) => target.moved);
  // Clients of a node that serves them before and after it cannot be served less.
  const moves = instances.some(({ name, state }) =>
    moved.includes(name) && (state === "master") === (command === "demote")
  );
  if (!moves) return true;
  const faults = peers.flatMap(({ rehearsal = [] }) => rehearsal).filter((fault) =>
    fault.code === "rehearsal_failed" && (fault.node === node) === (command === "promote")
  );
  if (faults.length === 0) return true;
  for (const { message } of faults) context.output.err(`vipd: ${printable(message)}\n`);
  const [verb, past] = command === "promote" ? ["Promote", "promoted"] : ["Demote", "demoted"];
  if (await saysYes(`${verb} all the same?`, context)) return true;
  context.output.err(`vipd: nothing was ${past}\n`);
  return false;
}
