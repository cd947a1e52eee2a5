/** `vipd init`. */

import { resolve } from "node:path";
import { parseConfig } from "../../../config/load.ts";
import type { InstanceConfig } from "../../../config/model.ts";
import { ENGINE } from "../../../daemon/service/unit.ts";
import { CliError, EXIT, type ExitCode } from "../../../exit.ts";
import { findAccount } from "../../../health/programs/accounts.ts";
import type { Arguments } from "../../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { startCommands } from "../../text/where_to_look.ts";
import { answersWithoutDialogue, givenAnswers } from "./answers.ts";
import { configText, type InitPlan, nginxAdvice, otherNodeCommand, planInit } from "./config.ts";
import type { Answers, MachineFacts } from "./model.ts";
import { Dialogue } from "./dialogue.ts";
import {
  exists,
  openFolders,
  openToGroup,
  refuseUnwritable,
  refuseWithoutPlace,
} from "../../new_files.ts";
import { foundMachine } from "./machine.ts";
import {
  type FilePlan,
  lacksSystemd,
  makeUsers,
  missingUnits,
  planFiles,
  plannedUnits,
  planText,
  refuseExisting,
  WITHOUT_SYSTEMD,
  writeFiles,
  writePlan,
} from "./plan_files.ts";
import { type LinkConflict, probeLink } from "./probe.ts";

export const init: Command = {
  name: "init",
  summary: "write the configuration and the systemd units of this machine",
  help: `Writes a commented configuration for this machine and two systemd units,
vipd.service and vipd-front.service, makes the users that the units name, and
prints what to type on the other node. On a terminal it asks for what was not
given: address, VRID and role. Overwrites nothing without --force.

If systemd does not run this machine, it writes no units and makes no users: a
person or another program starts vipd run.

Before it writes it asks the link whether another machine has the address or
another pair the VRID. On a terminal it then shows the file and asks.

Examples:
  vipd init
  vipd init --address 192.168.31.5 --vrid 55 --role master
  vipd init --address 10.0.0.5/24 --vrid 7 --role backup --peer 10.0.0.11
  vipd init --address 192.168.31.5 --vrid 55 --role master --output -

Options:
  --address ADDRESS  the virtual address, with prefix length or with that of the
                     interface; may be repeated
  --vrid NUMBER      number of the pair, 1 to 255, the same on both nodes
                     (default, with --yes: the last part of an IPv4 address)
  --role ROLE        master or backup: who holds the address when both can
  --interface NAME   where the nodes hear each other (default: the one that has
                     an address in the network of the virtual one)
  --peer ADDRESS     the other node, where multicast does not pass; may be
                     repeated
  --yes              ask nothing, take the defaults and write
  --no-probe         do not ask the link for the address and the VRID
  --output FILE      the configuration (default /etc/vipd/vipd.yaml; - prints it
                     and writes nothing else)
  --unit FILE        the unit (default /etc/systemd/system/vipd.service, unless
                     a package brought one); vipd-front.service goes into the
                     same folder
  --executable FILE  the program that the units start (default: /usr/bin/vipd
                     where only that exists, else /usr/local/bin/vipd)
  --no-unit          write no unit and make no user (default where systemd does
                     not run, unless --unit or --executable is given)
  --unit-only        write the units and make their users for a configuration
                     that is there already, as after vipd import; let it be read
                     by the group vipd
  --force            replace files that exist
`,
  options: {
    address: "text",
    vrid: "text",
    role: "text",
    interface: "text",
    peer: "text",
    output: "text",
    unit: "text",
    executable: "text",
    "no-unit": "flag",
    "unit-only": "flag",
    yes: "flag",
    "no-probe": "flag",
    force: "flag",
  },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    if (args.flag("unit-only")) return await unitOnly(args, context);
    const given = givenAnswers(args);
    const dialogue = context.ask === null || args.flag("yes") ? null : context.ask;
    if (dialogue === null) answersWithoutDialogue(given, args.flag("yes"));
    const path = args.text("output") ?? DEFAULT_CONFIG;
    // Before the first question, because the answers would be in vain.
    if (path !== "-") await refusePlanned(await planFiles(path, "", args), args);
    const machine = await foundMachine(context);
    if (path !== "-" && await lacksSystemd(args)) output.err(`vipd: ${WITHOUT_SYSTEMD}\n`);
    const talk = dialogue && new Dialogue({ output, ask: dialogue }, machine, given);
    const { plan, text } = await decide(args, context, machine, talk);
    if (path === "-") {
      output.out(text);
      return EXIT.ok;
    }
    const files = await planFiles(path, text, args);
    await refusePlanned(files, args);
    for (const note of files.notes) output.err(`warning: ${note}\n`);
    if (talk) {
      output.err(`\n${text}\nTo be written:\n${planText(files)}`);
      if (!talk.confirms("Write this? yes or no:", "yes")) {
        output.err("nothing is written\n");
        // Commands typed behind it need the configuration.
        return EXIT.failure;
      }
    }
    await writePlan(files, args, output);
    if (files.service) await letEnter(resolve(path), output);
    output.out(`
On the other node:
  ${otherNodeCommand(plan)}${args.flag("no-unit") ? " --no-unit" : ""}
${nginxAdvice(plan)}
Then, so that each node knows whether the other one would take over, here and there:
  vipd pair
  vipd pair --join

${await startText()}`);
    return EXIT.ok;
  },
};

async function refusePlanned({ files }: FilePlan, args: Arguments): Promise<void> {
  const choice = ", --unit-only writes the units for a configuration that is there";
  const paths = files.map(({ path }) => path);
  await refuseUnwritable(paths);
  await refuseExisting(paths, args, choice);
  await refuseWithoutPlace(files);
}

/** A configuration that is valid, and that nobody on the link is in the way of. */
interface Decision {
  readonly plan: InitPlan;
  readonly text: string;
}

/** Asks again if the link has something against the answers. Throws if nothing can be written. */
async function decide(
  args: Arguments,
  context: CliContext,
  machine: MachineFacts,
  talk: Dialogue | null,
): Promise<Decision> {
  const { output } = context;
  const given = givenAnswers(args);
  if (machine.interfaces.length === 0) {
    throw new CliError(EXIT.failure, "this machine has no network interface besides lo");
  }
  talk?.begin();
  let answers: Answers | undefined;
  for (;;) {
    answers = talk ? talk.answers(answers) : answersWithoutDialogue(given, args.flag("yes"));
    const plan = planInit(answers, machine);
    if (typeof plan === "string") throw new CliError(EXIT.failure, plan);
    // In a dialogue the person has heard of them, and insists.
    for (const doubt of talk ? [] : plan.doubts) output.err(`warning: ${doubt}\n`);
    const text = configText(plan, machine.interfaces);
    const loaded = parseConfig(text, args.text("output") ?? DEFAULT_CONFIG, {
      hostname: machine.hostname,
    });
    if (!loaded.ok) {
      // The file is not there, so what stands at which place of it helps nobody.
      for (const { message, hint, code } of loaded.diagnostics) {
        output.err(`${message}; ${hint} [${code}]\n`);
      }
      if (!talk) throw new CliError(EXIT.configInvalid, "this would be no valid configuration");
      talk.reconsider(ALL_ANSWERS.map((answer) => ({ answer })));
      continue;
    }
    const conflicts = await conflictsOf(loaded.config.instances, args, context);
    if (conflicts.length === 0) return { plan, text };
    if (!talk) {
      const choice = "; choose another one, or --no-probe writes all the same";
      throw new CliError(
        EXIT.failure,
        `${conflicts.map((conflict) => conflict.text).join("; ")}${choice}`,
      );
    }
    for (const conflict of conflicts) output.err(`${conflict.text}\n`);
    if (talk.confirms("Use it all the same? yes or no:", "no")) return { plan, text };
    talk.reconsider(conflicts);
  }
}

const ALL_ANSWERS = ["addresses", "interface", "vrid", "role", "peers"] as const;

/** Objections of the link to the instances; a configuration that is only printed may be another machine's. */
async function conflictsOf(
  instances: readonly InstanceConfig[],
  args: Arguments,
  { output }: CliContext,
): Promise<readonly LinkConflict[]> {
  if (args.flag("no-probe") || args.text("output") === "-") return [];
  const addresses = instances.flatMap((it) => it.addresses.map(({ address }) => address));
  output.err(`vipd: asks the link for ${addresses.join(", ")}\n`);
  const { conflicts, notes } = await probeLink(instances);
  for (const note of notes) output.err(`warning: ${note}\n`);
  return conflicts;
}

async function startText(): Promise<string> {
  const commands = await startCommands();
  return `Start it, on both:\n${commands.map((command) => `  ${command}\n`).join("")}`;
}

/** The user of the unit gets to its configuration; what is done or to be done for that is said. */
async function letEnter(config: string, output: CliContext["output"]): Promise<void> {
  const account = await findAccount({ name: ENGINE.user });
  if (typeof account === "string") return;
  const said = await openFolders(config, account);
  if (said !== null) output.err(`vipd: ${said}\n`);
}

/** Writes the other files for a configuration that exists already. */
async function unitOnly(args: Arguments, { output }: CliContext): Promise<ExitCode> {
  if (args.flag("no-unit")) throw usageError("--unit-only and --no-unit leave nothing to write");
  const config = resolve(args.text("output") ?? DEFAULT_CONFIG);
  if (!await exists(config)) {
    throw new CliError(EXIT.failure, `there is no ${config}: vipd init writes one with its units`);
  }
  const units = await missingUnits(await plannedUnits(args, config), args);
  const paths = units.map(({ path }) => path);
  await refuseUnwritable([config, ...paths]);
  await refuseExisting(paths, args);
  await refuseWithoutPlace(units);
  let printed = "";
  const done = { out: (line: string) => output.out(printed = line) };
  const group = await makeUsers(done);
  if (await openToGroup(config, group)) {
    done.out(`changed: ${config}: mode 0640, group ${ENGINE.user}\n`);
  }
  await letEnter(config, output);
  await writeFiles(units, args, done);
  output.out(`${printed === "" ? "" : "\n"}${await startText()}`);
  return EXIT.ok;
}
