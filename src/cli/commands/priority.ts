/** `vipd priority`. */

import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { usageError } from "../errors.ts";
import {
  commandEach,
  TARGET_HELP,
  TARGET_OPTIONS,
  TARGET_OPTIONS_HELP,
  whyOf,
} from "../target/commanding.ts";
import { priorityText } from "../text/command_text.ts";

export const priority: Command = {
  name: "priority",
  summary: "set the priority, or put the configured one back",
  help: `Sets the priority of an instance, 1 to 254, until it is put back.
${TARGET_HELP}

Examples:
  vipd priority VI_1 120
  vipd priority 120
  vipd priority VI_1 --reset
  vipd priority --all --reset

Options:
  --reset            put the configured priority back
${TARGET_OPTIONS_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, ...TARGET_OPTIONS, reset: "flag", "token-file": "text" },
  maxOperands: Infinity,
  async execute(args, context) {
    const { names, value } = readOperands(args);
    const why = whyOf(args);
    return await commandEach(args, context, names, {
      name: "priority",
      give: (client, instance) =>
        value === null
          ? client.clearPriority(instance, why)
          : client.setPriority(instance, value, why),
      sentence: priorityText,
    });
  },
};

const NUMBER = /^\d{1,3}$/;

/** `[NAME...] VALUE`, or `[NAME...] --reset`; `value` is `null` for the latter. */
function readOperands(args: Arguments): { names: readonly string[]; value: number | null } {
  const names = [...args.operands];
  if (args.flag("reset")) {
    if (names.length > 1 && NUMBER.test(names.at(-1)!)) {
      throw usageError("--reset and a value exclude each other");
    }
    return { names, value: null };
  }
  const text = names.pop();
  if (text === undefined) throw usageError("give a priority from 1 to 254, or --reset");
  const value = NUMBER.test(text) ? Number(text) : 0;
  if (value < 1 || value > 254) {
    throw usageError(`${JSON.stringify(text)} is no priority; give a number from 1 to 254`);
  }
  return { names, value };
}
