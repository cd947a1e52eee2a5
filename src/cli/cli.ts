/**
 * From a command line to an exit code.
 *
 * @module
 */

import { EXIT, type ExitCode } from "../exit.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { CliContext } from "./context.ts";
import { exitCodeOf } from "./errors.ts";
import { guarded } from "./guarded_output.ts";
import { commandNamed, helpText } from "./text/help.ts";

/** Other names of commands. */
const ALIASES: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-V": "version",
};

/** An option of every command that may also stand before the command. */
const GLOBAL_OPTION = "--no-color";

/** Runs the command that `argv` (without the program's name) names. Never throws. */
export async function runCli(argv: readonly string[], process: CliContext): Promise<ExitCode> {
  const context = guarded(process);
  const { output } = context;
  const known: { command: Command | null } = { command: null };
  try {
    return await execute(argv, context, (command) => known.command = command);
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === null) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      output.err(`vipd: this is a defect of vipd, please report it: ${text}\n`);
      return EXIT.failure;
    }
    output.err(`vipd: ${(error as Error).message}\n`);
    if (code === EXIT.usage) output.err(`See ${helpFor(known.command)}.\n`);
    return code;
  }
}

/** `chosen` is called with the command, once that is known. */
async function execute(
  argv: readonly string[],
  context: CliContext,
  chosen: (command: Command) => void,
): Promise<ExitCode> {
  const { given, rest } = withGlobalsBehind(argv);
  if (given === undefined) {
    context.output.err(helpText(undefined, await commands()));
    return EXIT.usage;
  }
  const name = Object.hasOwn(ALIASES, given) ? ALIASES[given]! : given;
  const command = await aloneCommand(name) ?? commandNamed(name, await commands());
  chosen(command);
  const args = parseArguments(rest, command.options, command.maxOperands);
  if (args.flag("help")) {
    context.output.out(helpText(command.name, await commands()));
    return EXIT.ok;
  }
  return await command.execute(args, context);
}

/** The command's name, and the other words with the options before it among them. */
function withGlobalsBehind(
  argv: readonly string[],
): { readonly given: string | undefined; readonly rest: readonly string[] } {
  const first = argv.findIndex((word) => word !== GLOBAL_OPTION);
  if (first < 0) return { given: undefined, rest: [] };
  return { given: argv[first], rest: [...argv.slice(0, first), ...argv.slice(first + 1)] };
}

/** The command that explains the right command line. */
function helpFor(command: Command | null): string {
  return command === null || command.name === "help" ? "vipd help" : `vipd help ${command.name}`;
}

/** Imported separately, because these commands have to be quick and do not need the others. */
async function aloneCommand(name: string): Promise<Command | null> {
  if (name === "run") return (await import("./commands/run.ts")).run;
  if (name === "goodbye") return (await import("./commands/goodbye.ts")).goodbye;
  return name === "front" ? (await import("./commands/front.ts")).front : null;
}

async function commands(): Promise<readonly Command[]> {
  return (await import("./commands.ts")).COMMANDS;
}
