/**
 * Gives one command to several instances at once, and prints a line for each.
 *
 * @module
 */

import type { CommandAnswer } from "../../api/answer_shapes.ts";
import type { ApiClient } from "../../api/client.ts";
import { DaemonRefusedError } from "../../api/client_errors.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import { printable, printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { exitCodeOf, usageError } from "../errors.ts";
import { type Times, timesIn } from "../text/times.ts";
import { type CommandTarget, commandTargets } from "./command_targets.ts";
import { refuseNode } from "./peer_target.ts";
import { clientFor, printCommandAnswer, unkeptText } from "./target.ts";
import { commandReason } from "../../status/schemas/command_origin.ts";
import { REASON_MAX_LENGTH } from "../../status/schemas/reason_length.ts";

/**
 * How many commands are under way at once. They do not disturb each other, because what moves together is one command;
 * and the front takes so many connections of one user.
 */
const AT_ONCE = 8;

/** The `--all` and `--reason` of each command. */
export const TARGET_OPTIONS = { all: "flag", reason: "text" } as const;

export const TARGET_OPTIONS_HELP = `  --all              all instances of the node
  --reason TEXT      why, for journal and status: one line of at most
                     ${REASON_MAX_LENGTH} characters`;

export const TARGET_HELP =
  `NAME is an instance or a sync group, whose instances move together; give several
names or --all for several. You may omit it if the node has one instance. Each
instance has its line; if some fail, the others are done all the same, and the
exit code is that of the first failure.`;

/** A command, and how its result reads. */
export interface GivenCommand {
  /** Such as `demote`. */
  readonly name: string;
  give(client: ApiClient, instance: string): Promise<CommandAnswer>;
  /** One line about an instance of the answer; `before`: as it was, if it is known. */
  sentence(
    node: string,
    answer: CommandAnswer,
    before: InstanceStatus | undefined,
    times: Times,
  ): string;
}

/** The result of the command for one target. */
type Outcome =
  | { readonly target: CommandTarget; readonly answer: CommandAnswer }
  | { readonly target: CommandTarget; readonly error: Error; readonly exitCode: ExitCode };

/** The `--reason` of a command line. */
export function whyOf(args: Arguments): { readonly reason?: string } {
  const reason = args.text("reason");
  if (reason === undefined) return {};
  if (commandReason.safeParse(reason).success) return { reason };
  throw usageError(`--reason takes one line of at most ${REASON_MAX_LENGTH} printable characters`);
}

/** Carries out the command for the instances that `names` and `--all` choose. */
export async function commandEach(
  args: Arguments,
  context: CliContext,
  names: readonly string[],
  command: GivenCommand,
): Promise<ExitCode> {
  refuseNode(args, [command.name, ...names]);
  const client = await clientFor(args, context);
  const before = await client.statusToCommand();
  const { targets, many } = commandTargets(names, args.flag("all"), before);
  if (!many && targets[0]!.moved.length === 1) {
    const { instance } = targets[0]!;
    const answer = await command.give(client, instance);
    const times = timesIn(context.timeZone);
    const sentence = command.sentence(before.node, answer, instanceOf(before, instance), times);
    printCommandAnswer(args, context, answer, sentence);
    return EXIT.ok;
  }
  const outcomes = await inParallel(targets, (target) => outcomeOf(target, client, command));
  if (args.flag("json")) printJson(outcomes, context);
  else await printLines(outcomes, { client, before, command, context });
  return summedUp(outcomes, command.name, context);
}

async function outcomeOf(
  target: CommandTarget,
  client: ApiClient,
  { give }: GivenCommand,
): Promise<Outcome> {
  try {
    return { target, answer: await give(client, target.instance) };
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (exitCode === null || !(error instanceof Error)) throw error;
    return { target, error, exitCode };
  }
}

/** The results in the order of `items`, some of them under way at once. */
async function inParallel<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const work = async () => {
    for (const [index, item] of rest) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

interface Printing {
  readonly client: ApiClient;
  readonly before: NodeStatus;
  readonly command: GivenCommand;
  readonly context: CliContext;
}

async function printLines(outcomes: readonly Outcome[], printing: Printing): Promise<void> {
  const { client, before, command, context } = printing;
  const grouped = outcomes.some((one) => "answer" in one && one.target.moved.length > 1);
  // An answer is about the named member of a group alone.
  const after = grouped ? await client.status() : before;
  for (const outcome of outcomes) {
    const { instance, moved } = outcome.target;
    if ("error" in outcome) {
      context.output.err(`vipd: ${printable(outcome.error.message)}\n`);
      continue;
    }
    const { answer } = outcome;
    for (const name of moved) {
      const status = name === instance ? answer.instance : instanceOf(after, name);
      // A reload may have removed it meanwhile.
      if (!status) continue;
      const sentence = command.sentence(
        before.node,
        { ...answer, instance: status },
        instanceOf(before, name),
        timesIn(context.timeZone),
      );
      context.output.out(`${printable(sentence + unkeptText(answer))}\n`);
    }
  }
}

function printJson(outcomes: readonly Outcome[], context: CliContext): void {
  const results = outcomes.map((outcome) =>
    "answer" in outcome ? { ...outcome.target, answer: outcome.answer } : {
      ...outcome.target,
      error: {
        code: outcome.error instanceof DaemonRefusedError ? outcome.error.code : null,
        message: outcome.error.message,
      },
    }
  );
  context.output.out(`${printableJson(JSON.stringify(results, null, 2))}\n`);
}

/** The exit code of all; says which instances failed. */
function summedUp(
  outcomes: readonly Outcome[],
  name: string,
  { output }: CliContext,
): ExitCode {
  const failed = outcomes.flatMap((one) => "error" in one ? [one] : []);
  if (failed.length === 0) return EXIT.ok;
  const names = (some: readonly Outcome[]) => some.flatMap(({ target }) => target.moved);
  const which = names(failed);
  const count = names(outcomes).length;
  output.err(
    `vipd: ${name} failed for ${which.length} of ${count} instances: ${
      printable(which.join(", "))
    }\n`,
  );
  return failed[0]!.exitCode;
}

function instanceOf({ instances }: NodeStatus, name: string): InstanceStatus | undefined {
  return instances.find((instance) => instance.name === name);
}
