/**
 * All commands.
 *
 * @module
 */

import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { events } from "./events.ts";
import { EXIT } from "./exit_codes.ts";
import { front } from "./front.ts";
import { goodbye } from "./goodbye.ts";
import { helpText } from "./help.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { listen } from "./listen.ts";
import { manpageCommand } from "./manpage.ts";
import { demote, promote, release } from "./orders.ts";
import { priority } from "./priority.ts";
import { reload } from "./reload.ts";
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
export const COMMANDS: readonly Command[] = [
  init,
  check,
  run,
  front,
  goodbye,
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
