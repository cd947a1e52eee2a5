/**
 * From a command line to an exit code.
 *
 * @module
 */

import { parseArguments } from "./arguments.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion.ts";
import type { CliContext } from "./context.ts";
import { doctor } from "./doctor.ts";
import { events } from "./events.ts";
import { exitCodeOf } from "./errors.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { commandNamed, helpText } from "./help.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { listen } from "./listen.ts";
import { manpageCommand } from "./manpage.ts";
import { demote, promote, release } from "./orders.ts";
import { reload } from "./reload.ts";
import { priority } from "./priority.ts";
import { run } from "./run.ts";
import { simulate } from "./simulate.ts";
import { status } from "./status.ts";
import { supportBundle } from "./support_bundle.ts";
import { notifyTest } from "./try_notify.ts";
import { version } from "./version.ts";
import { watch } from "./watch.ts";

const help: Command = {
  name: "help",
  summary: "help for a command",
  help: "Examples:\n  vipd help\n  vipd help promote\n",
  options: {},
  maxOperands: 1,
  execute(args, { output }) {
    output.out(helpText(args.operands[0], COMMANDS));
    return EXIT.ok;
  },
};

/** In the order of the help. */
const COMMANDS: readonly Command[] = [
  init,
  check,
  run,
  importCommand,
  status,
  watch,
  events,
  doctor,
  listen,
  promote,
  demote,
  release,
  priority,
  reload,
  notifyTest,
  simulate,
  supportBundle,
  completionCommand(() => COMMANDS),
  manpageCommand(() => COMMANDS),
  version,
  help,
];

/** Other ways to say a command. */
const ALIASES: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-V": "version",
};

/** Runs the command that `argv` (without the program's name) says. Never throws. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const { output } = context;
  try {
    return await execute(argv, context);
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === null) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      output.err(`vipd: this is a defect of vipd, please report it: ${text}\n`);
      return EXIT.failure;
    }
    output.err(`vipd: ${(error as Error).message}\n`);
    if (code === EXIT.usage) output.err("See vipd help.\n");
    return code;
  }
}

async function execute(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const [given, ...rest] = argv;
  if (given === undefined) {
    context.output.err(helpText(undefined, COMMANDS));
    return EXIT.usage;
  }
  const name = Object.hasOwn(ALIASES, given) ? ALIASES[given]! : given;
  const command = commandNamed(name, COMMANDS);
  const args = parseArguments(rest, command.options, command.maxOperands);
  if (args.flag("help")) {
    context.output.out(helpText(command.name, COMMANDS));
    return EXIT.ok;
  }
  return await command.execute(args, context);
}
