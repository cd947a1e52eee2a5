/**
 * `vipd help`, and the hints for a wrong command line.
 *
 * @module
 */

import { nearest } from "../../config/nearest.ts";
import { EXIT_MEANINGS } from "../../exit.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";

/** The overview of all commands. */
function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `vipd keeps a virtual IP address alive on a pair of load balancers.

Examples:
  vipd init                         write the configuration of this machine
  vipd check /etc/vipd/vipd.yaml    is the configuration right?
  vipd run                          run the daemon
  vipd status                       who is master, and why?
  vipd demote --for 2h              hand over before work on this node

Commands:
${list.join("")}
Options of every command:
  -h, --help    help for the command
  --no-color    no colours (also: NO_COLOR in the environment); also before
                the command

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}\n`).join("")}`;
}

/** The command with that name; throws a usage error with the nearest one. */
export function commandNamed(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  const similar = nearest(name, commands.map((candidate) => candidate.name));
  const hint = similar === null ? "" : `; did you mean ${similar}?`;
  throw usageError(`unknown command ${JSON.stringify(name)}${hint}`);
}

/** Help for one command, or the overview. */
export function helpText(name: string | undefined, commands: readonly Command[]): string {
  if (name === undefined) return overview(commands);
  const { name: known, summary, help } = commandNamed(name, commands);
  return `vipd ${known}: ${summary}\n\n${help}`;
}
