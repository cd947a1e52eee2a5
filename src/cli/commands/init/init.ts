/** `vipd init`. */

import { dirname, join } from "node:path";
import { parseConfig } from "../../../config/load.ts";
import { configJsonSchemaText } from "../../../config/schema/json_schema.ts";
import { readHostAddress, readVirtualAddress } from "../../../config/values/virtual_address.ts";
import { ENGINE, FRONT } from "../../../daemon/service/unit.ts";
import { CliError, EXIT, type ExitCode } from "../../../exit.ts";
import type { Arguments } from "../../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { diagnosticsText } from "../check.ts";
import {
  type Answers,
  configText,
  otherNodeCommand,
  ownAddressNotes,
  planInit,
  ROLES,
} from "./config.ts";
import { exists, makeServiceUsers, type NewFile, openToGroup, writeNewFile } from "./files.ts";
import { foundMachine } from "./machine.ts";

const DEFAULT_UNIT = `/etc/systemd/system/${ENGINE.name}`;
/** The folders for units of packages, systemd.unit(5). */
const PACKAGED_UNITS = ["/usr/lib/systemd/system", "/lib/systemd/system"]
  .map((folder) => join(folder, ENGINE.name));

const EXECUTABLES = ["/usr/local/bin/vipd", "/usr/bin/vipd"] as const;

export const init: Command = {
  name: "init",
  summary: "write the configuration and the systemd units of this machine",
  help: `Writes a commented configuration for this machine and two systemd units,
vipd.service and vipd-front.service, makes the users that the units name, and
prints what to type on the other node. On a terminal it asks for what was not
given: address, VRID and role. Overwrites nothing without --force.

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
  --yes              ask nothing
  --output FILE      the configuration (default /etc/vipd/vipd.yaml; - prints it
                     and writes nothing else)
  --unit FILE        the unit (default /etc/systemd/system/vipd.service, unless
                     a package brought one); vipd-front.service goes into the
                     same folder
  --executable FILE  the program that the units start (default: /usr/bin/vipd
                     where only that exists, else /usr/local/bin/vipd)
  --no-unit          write no unit and make no user
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
    force: "flag",
  },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    if (args.flag("unit-only")) return await unitOnly(args, context);
    const machine = await foundMachine(context);
    const plan = planInit(answersFrom(args, context), machine);
    if (typeof plan === "string") throw new CliError(EXIT.failure, plan);
    for (const note of ownAddressNotes(plan, machine)) output.err(`warning: ${note}\n`);
    const text = configText(plan, machine.interfaces);
    const path = args.text("output") ?? DEFAULT_CONFIG;
    const loaded = parseConfig(text, path, { hostname: machine.hostname });
    if (!loaded.ok) {
      output.err(diagnosticsText(loaded.diagnostics));
      return EXIT.configInvalid;
    }
    if (path === "-") {
      output.out(text);
      return EXIT.ok;
    }
    const written = await writeAll(path, text, args);
    output.out(`${writtenText(written)}
On the other node:
  ${otherNodeCommand(plan)}
`);
    return EXIT.ok;
  },
};

/** The files that were written, and how to start vipd. */
function writtenText(files: readonly string[]): string {
  return `${files.map((file) => `written: ${file}\n`).join("")}
Start it:
  systemctl daemon-reload
  systemctl enable --now vipd
`;
}

/** Writes the other files for a configuration that exists already. */
async function unitOnly(args: Arguments, { output }: CliContext): Promise<ExitCode> {
  if (args.flag("no-unit")) throw usageError("--unit-only and --no-unit leave nothing to write");
  const config = args.text("output") ?? DEFAULT_CONFIG;
  if (!await exists(config)) {
    throw new CliError(EXIT.failure, `there is no ${config}: vipd init writes one with its units`);
  }
  const units = await plannedUnits(args);
  await refuseExisting(units.map(({ path }) => path), args);
  await openToGroup(config, await makeServiceUsers());
  for (const unit of units) await writeNewFile(unit, args.flag("force"));
  output.out(writtenText(units.map(({ path }) => path)));
  return EXIT.ok;
}

/** Writes configuration, its schema and the units; returns their paths. */
async function writeAll(path: string, text: string, args: Arguments): Promise<string[]> {
  const force = args.flag("force");
  const units = await plannedUnits(args);
  const all = [path, ...units.map((unit) => unit.path)];
  await refuseExisting(
    all,
    args,
    ", --unit-only writes the units for a configuration that is there",
  );
  const group = args.flag("no-unit") ? null : await makeServiceUsers();
  await writeNewFile({ path, text, mode: group === null ? 0o600 : 0o640, group }, force);
  const schema = join(path, "..", "vipd.schema.json");
  await writeNewFile({ path: schema, text: configJsonSchemaText(), mode: 0o644 }, true);
  for (const unit of units) await writeNewFile(unit, force);
  return all;
}

/** Checks before any change: without `--force` none of the files may exist. `choice` is another remedy. */
async function refuseExisting(
  paths: readonly string[],
  args: Arguments,
  choice = "",
): Promise<void> {
  if (args.flag("force")) return;
  const there = await Array.fromAsync(paths, async (path) => await exists(path) ? path : null);
  const taken = there.filter((path) => path !== null);
  if (taken.length === 0) return;
  const [verb, those] = taken.length === 1 ? ["exists", "it"] : ["exist", "them"];
  const message = `${taken.join(" and ")} ${verb}; --force replaces ${those}${choice}`;
  throw new CliError(EXIT.failure, message);
}

/** The units to write: both, or none if a package brought them or the user does not want them. */
async function plannedUnits(args: Arguments): Promise<NewFile[]> {
  const path = await unitPath(args);
  if (path === null) return [];
  const program = await executable(args);
  const places = new Map([[ENGINE, path], [FRONT, join(dirname(path), FRONT.name)]]);
  return [...places].map(([unit, place]) => ({
    path: place,
    text: unit.text(program),
    mode: 0o644,
  }));
}

async function unitPath(args: Arguments): Promise<string | null> {
  if (args.flag("no-unit")) return null;
  const asked = args.text("unit");
  if (asked !== undefined) return asked;
  const packaged = await Array.fromAsync(PACKAGED_UNITS, (unit) => exists(unit));
  return packaged.includes(true) ? null : DEFAULT_UNIT;
}

/** The program that the units name: in the usual places of people and packages, wherever this one runs from. */
async function executable(args: Arguments): Promise<string> {
  const asked = args.text("executable");
  if (asked !== undefined) return asked;
  const [local] = EXECUTABLES;
  for (const path of EXECUTABLES) if (await exists(path)) return path;
  return local;
}

function answersFrom(args: Arguments, { ask }: CliContext): Answers {
  const asks = args.flag("yes") ? null : ask;
  const need = (name: string, question: string, byDefault = "") => {
    const given = args.text(name);
    if (given !== undefined) return given;
    const answer = asks?.(question, byDefault) ?? (args.flag("yes") ? byDefault : "");
    if (answer !== "") return answer;
    throw usageError(`--${name} is needed: ${question}`);
  };
  const first = need("address", "Virtual address of the pair, for instance 192.168.31.5/24:");
  const addresses = args.texts("address").length > 0 ? args.texts("address") : [first];
  for (const address of addresses) checkAddress("address", address);
  for (const peer of args.texts("peer")) checkAddress("peer", peer);
  const vrid = need(
    "vrid",
    "VRID, the pair's number on this network, 1 to 255:",
    defaultVrid(first),
  );
  if (!/^\d{1,3}$/.test(vrid) || Number(vrid) < 1 || Number(vrid) > 255) {
    throw usageError(`--vrid ${vrid} is not a number from 1 to 255`);
  }
  const asked = need("role", "Role of this node, master or backup:");
  const role = ROLES.find((known) => known === asked);
  if (!role) throw usageError(`--role takes ${ROLES.join(" or ")}, not ${JSON.stringify(asked)}`);
  return {
    ...{ addresses, vrid: Number(vrid), role },
    ...{ interface: args.text("interface") ?? "", peers: args.texts("peer") },
  };
}

function checkAddress(option: "address" | "peer", text: string): void {
  const read = option === "peer" ? readHostAddress(text) : readVirtualAddress(text);
  if (!read.ok) throw usageError(`--${option}: ${read.problem.message}; ${read.problem.hint}`);
}

/** The last part of an IPv4 address: the same on both nodes, and unlikely to be another pair's. */
function defaultVrid(address: string): string {
  const last = Number(/\.(\d+)(?:\/\d+)?$/.exec(address)?.[1]);
  return last >= 1 && last <= 255 ? String(last) : "";
}
