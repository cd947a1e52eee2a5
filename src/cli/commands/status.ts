/** `vipd status`. */

import { EXIT, type ExitCode } from "../../exit.ts";
import { gravestFirst, gravestVerdict } from "../../status/pair/severity.ts";
import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import { printable, printableJson, printableValue } from "../../wire/printable.ts";
import { type Command, DAEMON_OPTIONS, DAEMON_OPTIONS_HELP, READ_TOKEN_HELP } from "../command.ts";
import { usageError } from "../errors.ts";
import { daemonFor } from "../target/target.ts";
import { briefLines } from "../text/instance_table.ts";
import { peerComparisonText } from "../text/peer_comparison_text.ts";
import { statusText } from "../text/status_text.ts";
import { styleFor } from "../text/terminal/style.ts";
import { TIMES_HELP, TIMES_OPTIONS, timesFor } from "../text/times.ts";
import { notLiveLine } from "../status/written_status.ts";
import { seeStatus } from "../target/seen_status.ts";
import {
  aboutSelected,
  nothingShownText,
  selectInstances,
  SELECTION_HELP,
  SELECTION_OPTIONS,
  selectionOf,
} from "../status/selection.ts";

export const status: Command = {
  name: "status",
  summary: "show who is master, why, and what the checks say",
  help: `Shows first whether the service of the pair is safe, then the state of the
running vipd: each instance with its addresses, who is master, why, and since
when; each check with its last result. Three instances and more are a table,
faults first. NAME limits it to instances; VI_* to those whose names begin so.

Examples:
  vipd status
  vipd status VI_1 'web*'
  vipd status --state fault,init --brief
  vipd status --exit-code > /dev/null || echo "a failover would not work"
  vipd status --json | jq -r '.instances[].state'
  vipd status --all      this node and its peers, compared
  vipd status --node lb02
  vipd status --api https://lb02:9112 --ca-file lb02.pem --token-file lb02.token

While the API does not answer, the status that vipd itself wrote last is shown
instead, with its age. The exit code is 5 then, unless vipd runs and wrote it
within the last 15 seconds. If it hangs or does not run, the addresses are as
the kernel has them now, all else is as it was.

Options:
  --all              also what the nodes of peers say, and where they differ
  --brief            one line for each instance, nothing else
  --exit-code        end with 0 if all instances shown are protected, 1 if one
                     is unprotected, contested or unserved, else 7 (unverified);
                     7 also if none is shown
${SELECTION_HELP}
${TIMES_HELP}
${READ_TOKEN_HELP}${DAEMON_OPTIONS_HELP}
`,
  options: {
    ...DAEMON_OPTIONS,
    "token-file": "text",
    ...SELECTION_OPTIONS,
    ...TIMES_OPTIONS,
    all: "flag",
    brief: "flag",
    "exit-code": "flag",
  },
  maxOperands: Infinity,
  async execute(args, context) {
    const { output } = context;
    const selection = selectionOf(args);
    const brief = args.flag("brief");
    for (const other of ["json", "all"]) {
      if (brief && args.flag(other)) throw usageError(`--brief and --${other} exclude each other`);
    }
    const { status: whole, notLive } = await seeStatus(await daemonFor(args, context));
    const status = selectInstances(whole, selection);
    const style = styleFor(output.colour && !args.flag("no-color"));
    const runs = notLive?.kept.engineRuns ?? true;
    const look = { runs, times: timesFor(args, context), columns: output.columns() };
    const line = notLive && notLiveLine(notLive.kept.ageMs, notLive.problem);
    // The JSON status contains the peers in any case.
    if (args.flag("json")) {
      if (line !== null) output.err(`vipd: ${line}\n`);
      output.out(`${printableJson(JSON.stringify(status, null, 2))}\n`);
    } else if (brief) {
      if (line !== null) output.err(`vipd: ${line}\n`);
      const lines = briefLines(printableValue(status), { ...look, style });
      output.out(lines.map((each) => `${each}\n`).join(""));
    } else {
      if (line !== null) output.out(`${style.bad(`! ${line}`)}\n`);
      output.out(statusText(aboutSelected(status, whole, selection), style, look));
      if (args.flag("all")) output.out(`\n${peerComparisonText(status, style)}`);
      const code = firstCode(status);
      if (code !== null) {
        output.out(style.dim(`\nvipd explain ${printable(code)} says more of this code\n`));
      }
    }
    if (!args.flag("json")) output.err(nothingShownText(whole, status, selection));
    if (!runs) return EXIT.unreachable;
    return args.flag("exit-code") ? verdictCode(status.instances) : EXIT.ok;
  },
};

/** The gravest code in the text, of an alarm or of a reason. */
function firstCode({ instances, alarms }: NodeStatus): string | null {
  const [reason] = gravestFirst(instances).flatMap(({ pair }) => pair?.reasons ?? []);
  return alarms[0]?.code ?? reason?.code ?? null;
}

/** A vipd that says nothing of the pair has verified nothing, and of no instance nothing is known. */
function verdictCode(instances: readonly InstanceStatus[]): ExitCode {
  const verdict = gravestVerdict(instances) ?? "unverified";
  if (verdict === "protected") return EXIT.ok;
  return verdict === "unverified" ? EXIT.unverified : EXIT.failure;
}
