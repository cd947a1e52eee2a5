/**
 * The files that `vipd init` is about to write: known, and said, before the first of them is there.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { configJsonSchemaText } from "../../../config/schema/json_schema.ts";
import { missingFrontUnit } from "../../../daemon/service/installed_unit.ts";
import { systemdRuns } from "../../../daemon/service/systemd.ts";
import { ENGINE, FRONT, SERVICE_UNITS } from "../../../daemon/service/unit.ts";
import { CliError, EXIT } from "../../../exit.ts";
import type { Arguments } from "../../arguments.ts";
import { DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import {
  exists,
  groupId,
  makeServiceUsers,
  missingFolders,
  type NewFile,
  writeNewFile,
} from "../../new_files.ts";

const DEFAULT_UNIT = `/etc/systemd/system/${ENGINE.name}`;
/** The folders for units of packages, systemd.unit(5). */
const PACKAGED_UNITS = ["/usr/lib/systemd/system", "/lib/systemd/system"]
  .map((folder) => join(folder, ENGINE.name));

const EXECUTABLES = ["/usr/local/bin/vipd", "/usr/bin/vipd"] as const;

export interface FilePlan {
  /** The configuration first. */
  readonly files: readonly NewFile[];
  /** Users that are made because the units name them and they are missing; each with a group of its name. */
  readonly users: readonly string[];
  /** Folders of the files that are made because they are missing. */
  readonly folders: readonly string[];
  /** Things that the written files need and that are missing. */
  readonly notes: readonly string[];
  /** A unit runs vipd: the group of its user may read the configuration. */
  readonly service: boolean;
}

/** For a plan without units that nobody has asked for. */
export const WITHOUT_SYSTEMD =
  "systemd does not run this machine, so no unit is written: start vipd run at boot with what starts your " +
  "services (vipd man install); --unit FILE still writes the units";

/** The configuration with this text, its schema and the units. */
export async function planFiles(path: string, text: string, args: Arguments): Promise<FilePlan> {
  const config = resolve(path);
  const service = !args.flag("no-unit") && !await lacksSystemd(args);
  const units = service ? await plannedUnits(args, config) : [];
  const schema = {
    path: join(dirname(config), "vipd.schema.json"),
    text: configJsonSchemaText(),
    mode: 0o644,
    option: "--output",
  } as const;
  const folders = await missingFolders([config, ...units.map((unit) => unit.path)]);
  return {
    files: [
      { path: config, text, mode: service ? 0o640 : 0o600, option: "--output" },
      ...await hasText(schema) ? [] : [schema],
      ...units,
    ],
    users: service ? await missingUsers() : [],
    folders,
    notes: [
      ...await notes(args, units),
      // Every installation has vipd's own; another one may be a slip.
      ...folders.filter((folder) => folder !== dirname(DEFAULT_CONFIG))
        .map((folder) => `the folder ${folder} is not there: it is made`),
    ],
    service,
  };
}

/** Units start nothing then. If the command names them, they are still wanted. */
export async function lacksSystemd(args: Arguments): Promise<boolean> {
  const named = ["unit", "executable"].some((option) => args.text(option) !== undefined);
  return !named && !args.flag("no-unit") && !await systemdRuns();
}

/** Takes a line for each thing that is done, at once, because the next one may fail. */
type Done = Pick<CliContext["output"], "out">;

/** Writes what was planned; none of it may exist, unless `--force` was given. */
export async function writePlan(
  { files, service }: FilePlan,
  args: Arguments,
  output: Done,
): Promise<void> {
  const group = service ? await makeUsers(output) : null;
  const [config, ...others] = files;
  await writeFiles([{ ...config!, group }, ...others], args, output);
}

/** Writes files, each with the folders that are missing. */
export async function writeFiles(
  files: readonly NewFile[],
  args: Arguments,
  output: Done,
): Promise<void> {
  for (const file of files) {
    await writeNewFile(file, args.flag("force"), (folder) => {
      output.out(`made: the folder ${folder}\n`);
    });
    output.out(`written: ${file.path}\n`);
  }
}

/** Makes the missing users of the units; returns the number of the engine's group. */
export async function makeUsers(output: Done): Promise<number> {
  return await makeServiceUsers((user) => {
    output.out(`made: the user ${user}, with the group ${user}\n`);
  });
}

/** One line for each file, folder and user. */
export function planText({ files, folders, users }: FilePlan): string {
  const lines = files.map(({ path, mode }) =>
    `  ${path} (${mode.toString(8).padStart(4, "0")}${
      mode === 0o640 ? `, group ${ENGINE.user}` : ""
    })\n`
  );
  const made = users.length === 0
    ? []
    : [`  the users ${users.join(" and ")}, each with a group of its name\n`];
  return [...lines, ...folders.map((folder) => `  the folder ${folder}\n`), ...made].join("");
}

/** Checks before any change: without `--force` none of the files may exist. `choice` is another remedy. */
export async function refuseExisting(
  paths: readonly string[],
  args: Arguments,
  choice = "",
): Promise<void> {
  if (args.flag("force")) return;
  const there = await Array.fromAsync(paths, async (path) => await exists(path) ? path : null);
  const taken = there.filter((path) => path !== null);
  if (taken.length === 0) return;
  const [verb, those] = taken.length === 1 ? ["exists", "it"] : ["exist", "them"];
  const list = [taken.slice(0, -1).join(", "), taken.at(-1)!].filter((part) => part !== "");
  const message = `${list.join(" and ")} ${verb}; --force replaces ${those}${choice}`;
  throw new CliError(EXIT.failure, message);
}

/** The units to write: both, or none if a package brought them. */
export async function plannedUnits(args: Arguments, config: string): Promise<NewFile[]> {
  const path = await unitPath(args);
  if (path === null) return [];
  const program = await executable(args);
  // systemd.service(5) gives these a meaning in ExecStart.
  const odd = [program, config].find((path) => /[\s"'%$\\]/.test(path));
  if (odd !== undefined) {
    throw usageError(`the units cannot name ${JSON.stringify(odd)}: choose a plain path`);
  }
  const places = new Map([[ENGINE, path], [FRONT, join(dirname(path), FRONT.name)]]);
  return [...places].map(([unit, place]) => ({
    path: place,
    text: unit.text(program, config),
    mode: 0o644,
    option: "--unit",
  }));
}

/** Of the planned units that of the front alone, if that of the engine is there and lacks it. */
export async function missingUnits(
  units: readonly NewFile[],
  args: Arguments,
): Promise<readonly NewFile[]> {
  const folders = new Set(units.map(({ path }) => dirname(path)));
  const isWhole = args.flag("force") || await missingFrontUnit([...folders]) === null;
  return isWhole ? units : units.filter(({ path }) => basename(path) === FRONT.name);
}

async function unitPath(args: Arguments): Promise<string | null> {
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

async function notes(args: Arguments, units: readonly NewFile[]): Promise<string[]> {
  const program = await executable(args);
  if (units.length === 0 || await exists(program)) return [];
  return [`the units start ${program}, which is not there: copy vipd to it before you start them`];
}

async function missingUsers(): Promise<string[]> {
  const known = await Array.fromAsync(SERVICE_UNITS, ({ user }) => groupId(user));
  return SERVICE_UNITS.filter((_, index) => known[index] === null).map(({ user }) => user);
}

async function hasText({ path, text }: NewFile): Promise<boolean> {
  return await Deno.readTextFile(path).catch(() => null) === text;
}
