/** `vipd priority`. */

import { EXIT } from "../../exit.ts";
import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { usageError } from "../errors.ts";
import { clientFor, instanceName, printCommandAnswer, stateWords } from "../target/target.ts";

export const priority: Command = {
  name: "priority",
  summary: "set the priority by hand, or put the configured one back",
  help: `Sets the priority of an instance by hand, 1 to 254, until it is put back.
NAME may be left out where the node has one instance.

Examples:
  vipd priority VI_1 120
  vipd priority 120
  vipd priority VI_1 --reset

Options:
  --reset            put the configured priority back
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, reset: "flag", "token-file": "text" },
  maxOperands: 2,
  async execute(args, context) {
    const { name, value } = readOperands(args);
    const client = await clientFor(args, context);
    const status = await client.status();
    const instance = instanceName(name, status);
    const answer = value === null
      ? await client.clearPriority(instance)
      : await client.setPriority(instance, value);
    const { configured, effective } = answer.instance.priority;
    const sentence = `${answer.instance.name}: priority ${effective} (configured ${configured}); ` +
      `${status.node} is ${stateWords(answer.instance.state)}`;
    printCommandAnswer(args, context, answer, sentence);
    return EXIT.ok;
  },
};

/** `[NAME] VALUE`, or `[NAME] --reset`; `value` is `null` for the latter. */
function readOperands(args: Arguments): { name: string | undefined; value: number | null } {
  const operands = [...args.operands];
  if (args.flag("reset")) {
    if (operands.length > 1) throw usageError("--reset and a value exclude each other");
    return { name: operands[0], value: null };
  }
  const text = operands.pop();
  if (text === undefined) throw usageError("give a priority from 1 to 254, or --reset");
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 254) {
    throw usageError(`${JSON.stringify(text)} is no priority; give a number from 1 to 254`);
  }
  return { name: operands[0], value };
}
