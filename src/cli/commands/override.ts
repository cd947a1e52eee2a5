/** `vipd promote`, `vipd demote`, `vipd release`. */

import type { CommandAnswer } from "../../api/answer_shapes.ts";
import type { CommandName } from "../../api/client.ts";
import { parseDuration } from "../../config/values/durations.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { clientFor, instanceName, printCommandAnswer, stateWords } from "../target/target.ts";

const FOR_HELP = `  --for DURATION     end by itself after this time: 90s, 10m, 2h
                     (default: until released)`;

const INSTANCE_HELP = "NAME may be left out where the node has one instance.";

export const promote: Command = {
  name: "promote",
  summary: "become master now and stay so",
  help: `Makes this node master of an instance now, whatever the priorities, and keeps
it so. Answers when it holds the addresses.
${INSTANCE_HELP}

Examples:
  vipd promote
  vipd promote VI_1 --for 10m

Options:
${FOR_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, for: "text", "token-file": "text" },
  maxOperands: 1,
  execute: (args, context) => order("promote", args, context),
};

export const demote: Command = {
  name: "demote",
  summary: "hand over to the other node and stay backup",
  help: `Hands an instance over to the other node and stays backup while that one is
master. Fails, and stays master, when no other node takes over.
${INSTANCE_HELP}

Examples:
  vipd demote            before work on this node
  vipd demote VI_1 --for 2h

Options:
${FOR_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, for: "text", "token-file": "text" },
  maxOperands: 1,
  execute: (args, context) => order("demote", args, context),
};

export const release: Command = {
  name: "release",
  summary: "end a promote, demote or manual priority",
  help: `Ends what promote, demote and priority ordered: the configuration decides
again.
${INSTANCE_HELP}

Examples:
  vipd release
  vipd release VI_1

Options:
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, "token-file": "text" },
  maxOperands: 1,
  execute: (args, context) => order("release", args, context),
};

async function order(name: CommandName, args: Arguments, context: CliContext): Promise<ExitCode> {
  const duration = args.text("for");
  if (duration !== undefined && !parseDuration(duration)) {
    throw usageError(`--for ${duration} is no duration; write 90s, 10m or 2h`);
  }
  const client = await clientFor(args, context);
  const status = await client.status();
  const instance = instanceName(args.operands[0], status);
  const answer = await client.order(instance, name, duration);
  printCommandAnswer(args, context, answer, commandSentence(name, status.node, answer));
  return EXIT.ok;
}

/** `VI_1: lb02 is master now, 612 ms`. */
function commandSentence(order: CommandName, node: string, answer: CommandAnswer): string {
  const { took_ms, instance, peers } = answer;
  const { name, state, master, override, priority } = instance;
  const end = override?.until ? `, until ${override.until}` : "";
  switch (order) {
    case "promote":
      return `${name}: ${node} is ${stateWords(state)} now, ${took_ms} ms${end}` +
        peers.map((one) => `; ${one.peer} was ${stateWords(one.state)} before`).join("");
    case "demote": {
      const other = master && state !== "master"
        ? `; master is ${master.address}, priority ${master.priority}`
        : "";
      return `${name}: ${node} is ${stateWords(state)} now, ${took_ms} ms${end}${other}`;
    }
    case "release":
      return `${name}: released; ${node} is ${stateWords(state)}, priority ${priority.effective}`;
  }
}
