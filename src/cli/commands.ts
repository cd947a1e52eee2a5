/**
 * All commands.
 *
 * @module
 */

import { EXIT } from "../exit.ts";
import type { Command } from "./command.ts";
import { check } from "./commands/check/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { diff } from "./commands/diff/diff.ts";
import { doctor } from "./commands/doctor/doctor.ts";
import { events } from "./commands/events.ts";
import { explainCommand } from "./commands/explain.ts";
import { front } from "./commands/front.ts";
import { goodbye } from "./commands/goodbye.ts";
import { importCommand } from "./commands/import.ts";
import { init } from "./commands/init/init.ts";
import { listen } from "./commands/listen/listen.ts";
import { maintenance } from "./commands/maintenance.ts";
import { manCommand } from "./commands/man.ts";
import { manpageCommand } from "./commands/manpage.ts";
import { pair } from "./commands/pair/pair.ts";
import { demote, promote, release } from "./commands/override.ts";
import { priority } from "./commands/priority.ts";
import { rehearse } from "./commands/rehearse.ts";
import { reload } from "./commands/reload.ts";
import { run } from "./commands/run.ts";
import { simulate } from "./commands/simulate.ts";
import { status } from "./commands/status.ts";
import { supportBundle } from "./commands/support/support_bundle.ts";
import { notifyTest } from "./commands/try_notify.ts";
import { version } from "./commands/version.ts";
import { watch } from "./commands/watch/watch.ts";
import { helpText } from "./text/help.ts";

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
  pair,
  check,
  run,
  front,
  goodbye,
  importCommand,
  status,
  watch,
  events,
  doctor,
  explainCommand,
  listen,
  promote,
  demote,
  release,
  maintenance,
  priority,
  rehearse,
  reload,
  diff,
  notifyTest,
  simulate,
  supportBundle,
  completionCommand(() => COMMANDS),
  manCommand(() => COMMANDS),
  manpageCommand(() => COMMANDS),
  version,
  help,
];
