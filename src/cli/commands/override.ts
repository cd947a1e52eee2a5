/** `vipd promote`, `vipd demote`, `vipd release`. */

import type { CommandName, CommandTerms } from "../../api/client.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import type { CliContext } from "../context.ts";
import { holdingOption } from "../holding_option.ts";
import {
  commandEach,
  type GivenCommand,
  TARGET_HELP,
  TARGET_OPTIONS,
  TARGET_OPTIONS_HELP,
  whyOf,
} from "../target/commanding.ts";
import { mayMove, UNLESS_WORSE_HELP } from "../target/move_question.ts";
import { demoteText, promoteText, releaseText } from "../text/command_text.ts";

const FOR_HELP = `  --for DURATION     end by itself after this time: 90s, 10m, 2h
                     (default: until released)`;

export const promote: Command = {
  name: "promote",
  summary: "become master now and stay so",
  help: `Makes this node master of an instance now, whatever the priorities, and keeps
it so. Answers when it holds the addresses.
If nginx here would serve less than on the other node, by the last rehearsal,
a person at a terminal is asked.
${TARGET_HELP}

Examples:
  vipd promote
  vipd promote VI_1 --for 10m

Options:
${FOR_HELP}
${TARGET_OPTIONS_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, ...TARGET_OPTIONS, for: "text", "token-file": "text" },
  maxOperands: Infinity,
  async execute(args, context) {
    const terms = termsOf(args);
    return await mayMove("promote", args, context, chosenBy(args))
      ? await send("promote", args, context, terms)
      : EXIT.failure;
  },
};

export const demote: Command = {
  name: "demote",
  summary: "hand over to the other node and stay backup",
  help: `Hands an instance over to the other node and stays backup while that one is
master. Fails, and stays master, when no other node takes over.
${TARGET_HELP}

Examples:
  vipd demote            before work on this node
  vipd demote VI_1 --for 2h
  vipd demote --all --for 2h --reason "kernel update"

Options:
${FOR_HELP}
${UNLESS_WORSE_HELP}
${TARGET_OPTIONS_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: {
    ...DAEMON_OPTIONS,
    ...TARGET_OPTIONS,
    ...{ for: "text", "token-file": "text", "unless-worse": "flag" },
  },
  maxOperands: Infinity,
  async execute(args, context) {
    const terms = termsOf(args);
    if (args.flag("unless-worse")) {
      return await send("demote", args, context, { ...terms, unless_worse: true });
    }
    return await mayMove("demote", args, context, chosenBy(args))
      ? await send("demote", args, context, terms)
      : EXIT.failure;
  },
};

export const release: Command = {
  name: "release",
  summary: "end a promote, demote or manual priority",
  help: `Ends the override of promote, demote or priority: the configuration decides
again.
${TARGET_HELP}

Examples:
  vipd release
  vipd release VI_1
  vipd release --all

Options:
${TARGET_OPTIONS_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, ...TARGET_OPTIONS, "token-file": "text" },
  maxOperands: Infinity,
  execute: (args, context) => send("release", args, context, termsOf(args)),
};

function chosenBy(args: Arguments): { readonly names: readonly string[]; readonly all: boolean } {
  return { names: args.operands, all: args.flag("all") };
}

/** The line of each command about an instance. */
const SENTENCES: Readonly<Record<CommandName, GivenCommand["sentence"]>> = {
  promote: promoteText,
  demote: demoteText,
  release: releaseText,
};

/** Before anything is asked: a question to a person comes behind a right command line. */
function termsOf(args: Arguments): CommandTerms {
  const duration = holdingOption(args, "for");
  return { ...(duration !== undefined && { for: duration }), ...whyOf(args) };
}

async function send(
  name: CommandName,
  args: Arguments,
  context: CliContext,
  terms: CommandTerms,
): Promise<ExitCode> {
  return await commandEach(args, context, args.operands, {
    name,
    give: (client, instance) => client.command(instance, name, terms),
    sentence: SENTENCES[name],
  });
}
