/** `vipd maintenance`. */

import type { ApiClient } from "../../api/client.ts";
import { parseDuration } from "../../config/values/durations.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { maintained, type MaintainedInstance } from "../../status/peer/maintenance.ts";
import type { InstanceStatus } from "../../status/status.ts";
import { printable, printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { type CliContext, outputThrough } from "../context.ts";
import { usageError } from "../errors.ts";
import { holdingOption } from "../holding_option.ts";
import { commandEach, TARGET_OPTIONS, whyOf } from "../target/commanding.ts";
import { clientFor } from "../target/target.ts";
import { mayMove, UNLESS_WORSE_HELP } from "../target/move_question.ts";
import { refuseNode } from "../target/peer_target.ts";
import { demoteText, releaseText } from "../text/command_text.ts";

/** How long the other node may take to serve everything, in milliseconds. */
const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 250;

export const maintenance: Command = {
  name: "maintenance",
  summary: "hand everything over, and say when this node may be rebooted",
  help: `Demotes all instances of this node, waits until the other node serves every one
of them and a rehearsal that began after that finds no fault there, and says
that it is safe to reboot. If an instance cannot be handed over, that takes too
long, or the API of the other node does not answer, it says why and ends with 6;
what was handed over stays so until --end.

The other node rehearses by itself when it becomes master: 11 s for 500 names.
If it does not (rehearse.every: 0, an older version), its last one counts, and
the sentence says so.

The node stays demoted over restarts and reboots until --end, or for the time
of --for: you look at it before it serves again. It still serves if every other
node is gone.

With --json it prints an object: safe, node, for, instances, each with name,
waits, unrehearsed and served_by, and said, the lines that it prints without.
With --end that is node, ended (the instances that it released), and said.

Examples:
  vipd maintenance && systemctl reboot
  vipd maintenance --reason "kernel update"
  vipd maintenance --end

Options:
  --end              end it: release what is demoted; takes --reason, but
                     neither --for nor --wait nor --unless-worse
  --for DURATION     end by itself after this time: 90s, 10m, 2h
                     (default: until --end)
  --wait DURATION    how long the other node may take (default 30s; give it more
                     from 1,000 names on)
  --reason TEXT      why, for journal and status (default: maintenance)
${UNLESS_WORSE_HELP}
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: {
    ...DAEMON_OPTIONS,
    end: "flag",
    for: "text",
    reason: TARGET_OPTIONS.reason,
    "token-file": "text",
    "unless-worse": "flag",
    wait: "text",
  },
  maxOperands: 0,
  execute(args, context) {
    holdingOption(args, "for");
    const wait = args.text("wait");
    if (wait !== undefined && !parseDuration(wait)) {
      throw usageError(`--wait ${wait} is no duration; write 90s, 10m or 2h`);
    }
    refuseNode(args, ["maintenance"]);
    if (!args.flag("end")) return begin(args, context);
    const ofBegin = args.flag("unless-worse") || ["for", "wait"].some((name) => args.text(name));
    if (ofBegin) throw usageError("--end takes no --for, --wait or --unless-worse");
    return end(args, context);
  },
};

async function begin(args: Arguments, context: CliContext): Promise<ExitCode> {
  const client = await clientFor(args, context);
  const { instances, node } = await client.statusToCommand();
  const report = args.flag("json") ? collecting(context) : { context, end: () => {} };
  const { output } = report.context;
  const duration = args.text("for") ?? null;
  if (instances.length === 0) {
    output.out(`safe to reboot: ${printable(node)} has no instance\n`);
    report.end({ node, duration, standing: [] });
    return EXIT.ok;
  }
  const unlessWorse = args.flag("unless-worse");
  if (!unlessWorse && !await mayMove("demote", args, context, { names: [], all: true })) {
    return EXIT.failure;
  }
  const terms = {
    reason: "maintenance",
    ...whyOf(args),
    ...(duration !== null && { for: duration }),
    ...(unlessWorse && { unless_worse: true as const }),
  };
  // A line for each instance, of which the answer to --json is to have all.
  const spoken = args.without("json");
  const code = await commandEach(spoken, report.context, instances.map(nameOf), {
    name: "demote",
    give: (asked, instance) => asked.command(instance, "demote", terms),
    sentence: demoteText,
  });
  const waitMs = code === EXIT.ok ? parseDuration(args.text("wait") ?? "") ?? WAIT_MS : 0;
  const standing = await untilServed(client, waitMs);
  output.out(printable(standingText(node, standing, duration)) + "\n");
  report.end({ node, duration, standing });
  return code === EXIT.ok && !isSafe(standing) ? EXIT.refused : code;
}

/** Looks until another node serves everything, or the time is over. */
async function untilServed(client: ApiClient, waitMs: number): Promise<MaintainedInstance[]> {
  const endMs = performance.now() + waitMs;
  let asked: string | undefined;
  while (true) {
    const status = await client.status();
    asked ??= status.now;
    const standing = maintained(status, asked);
    if (isSafe(standing) || performance.now() >= endMs) return standing;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function end(args: Arguments, context: CliContext): Promise<ExitCode> {
  const client = await clientFor(args, context);
  const { instances, node } = await client.statusToCommand();
  const demoted = demotedOf(instances);
  const report = args.flag("json") ? collecting(context) : null;
  const spoken = report?.context ?? context;
  if (demoted.length === 0) {
    const sentence = `nothing to end: no instance of ${printable(node)} is demoted`;
    spoken.output.out(`${sentence}\n`);
    report?.ended(node, []);
    return EXIT.ok;
  }
  const code = await commandEach(args.without("json"), spoken, demoted, {
    name: "release",
    give: (asked, instance) => asked.command(instance, "release", whyOf(args)),
    sentence: releaseText,
  });
  if (report === null) return code;
  const left = demotedOf((await client.status()).instances);
  report.ended(node, demoted.filter((name) => !left.includes(name)));
  return code;
}

function demotedOf(instances: readonly InstanceStatus[]): string[] {
  return instances.filter(({ override }) => override?.kind === "demoted").map(nameOf);
}

function isSafe(standing: readonly MaintainedInstance[]): boolean {
  return standing.every(({ waits }) => waits === null);
}

/** `safe to reboot: lb02 serves VI_1 and VI_2; ...`, or why it is not. */
function standingText(
  node: string,
  standing: readonly MaintainedInstance[],
  duration: string | null,
): string {
  const waiting = standing.filter(({ waits }) => waits !== null);
  if (waiting.length > 0) {
    const why = waiting.map(({ name, waits }) => `${name}: ${waits}`).join("; ");
    return `not safe to reboot: ${why}; vipd maintenance --end releases what was handed over`;
  }
  const served = Array.from(
    Map.groupBy(standing, ({ servedBy }) => servedBy),
    ([who, some]) => `${who} serves ${some.map(nameOf).join(", ")}`,
  );
  const unrehearsed = Array.from(
    new Set(standing.flatMap(({ unrehearsed }) => unrehearsed ?? [])),
    (why) => `; ${why}`,
  );
  const until = duration === null ? "until vipd maintenance --end" : `for ${duration}`;
  return `safe to reboot: ${served.join("; ")}${
    unrehearsed.join("")
  }; ${node} stays demoted, also after the reboot, ${until}`;
}

/** The result of a maintenance. */
interface Outcome {
  readonly node: string;
  /** `null`: until it is ended. */
  readonly duration: string | null;
  readonly standing: readonly MaintainedInstance[];
}

/** With --json there is one answer, with all that a person reads. */
function collecting(context: CliContext) {
  const { output } = context;
  let text = "";
  const said = () => text.trimEnd().split("\n");
  const print = (answer: object) =>
    output.out(`${printableJson(JSON.stringify(answer, null, 2))}\n`);
  return {
    context: {
      ...context,
      output: outputThrough(output, {
        out: (more) => void (text += more),
        err: (more) => output.err(more),
      }),
    },
    end({ node, duration, standing }: Outcome): void {
      const instances = standing.map(({ name, servedBy, waits, unrehearsed }) => ({
        ...{ name, waits, unrehearsed },
        served_by: servedBy,
      }));
      print({ safe: isSafe(standing), node, for: duration, instances, said: said() });
    },
    /** `ended`: the instances that are no longer demoted. */
    ended(node: string, ended: readonly string[]): void {
      print({ node, ended, said: said() });
    },
  };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
