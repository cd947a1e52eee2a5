/** `vipd import`. */

import { dirname, resolve } from "node:path";
import {
  addressesNow,
  ownAddressFindings,
  sourceFindings,
} from "../../config/machine/own_addresses.ts";
import { DEFAULT_RUN_DIR } from "../../config/model.ts";
import { ok, type Result } from "../../config/values/result.ts";
import { decodeConfig, FOREIGN_FILE, markedText } from "../../config/yaml/read_file.ts";
import { ownInterfaces, shortName } from "../../daemon/config/load.ts";
import { diskFiles } from "../../daemon/config/source_files.ts";
import { ENGINE } from "../../daemon/service/unit.ts";
import { CliError, EXIT } from "../../exit.ts";
import { explainedText } from "../../keepalived/explain.ts";
import {
  type Finding,
  type FindingSeverity,
  formatFinding,
  isLoss,
} from "../../keepalived/finding.ts";
import { importKeepalived, type ImportResult } from "../../keepalived/import.ts";
import type { SourceFiles } from "../../keepalived/syntax/lines.ts";
import { printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import {
  cannotWrite,
  createFile,
  groupId,
  makeFolder,
  openToGroup,
  refuseUnwritable,
} from "../new_files.ts";

export const importCommand: Command = {
  name: "import",
  summary: "turn a keepalived.conf into a configuration of vipd",
  help: `Reads a keepalived.conf (- is standard input) with the files that it includes
and writes the same as a configuration of vipd. All that is not carried over,
or works in another way, is on standard error and at the top of the result. The
result always passes vipd check; of a source that cannot be converted the errors
are shown, and nothing is written.

Examples:
  vipd import /etc/keepalived/keepalived.conf
  vipd import /etc/keepalived/keepalived.conf --output /etc/vipd/vipd.yaml
  vipd import keepalived.conf --id lb02 --strict > lb02.yaml
  vipd import /etc/keepalived/keepalived.conf --explain | less

Options:
  --id ID        what lines beginning with @id are compared with (keepalived's
                 --config-id; default: the host name up to its first dot)
  --output FILE  write to this new file, which only root and the group vipd can
                 read, if there is that group: it may hold a password
  --vrrp-only    load balancing in the file is a note, not a loss
  --explain      show each line of the file and its outcome, instead of
                 the result
  --strict       write nothing when something is not carried over
  --json         print an object: written, yaml, findings

Ends with 3 when nothing is written, else with 0.
`,
  options: {
    id: "text",
    output: "text",
    strict: "flag",
    "vrrp-only": "flag",
    explain: "flag",
    json: "flag",
  },
  maxOperands: 1,
  async execute(args, context) {
    const path = args.operands[0];
    if (path === undefined) throw usageError("which keepalived.conf? name the file, or -");
    const hostname = context.hostname();
    const id = args.text("id") ?? shortName(hostname);
    const interfaces = await ownInterfaces({ runDir: DEFAULT_RUN_DIR, instances: [] });
    const result = await importKeepalived(path, sourceFiles(context), {
      ...{ id, hostname, vrrpOnly: args.flag("vrrp-only") },
      onMachine: (config) => [
        ...sourceFindings(config, addressesNow()),
        ...ownAddressFindings(config, interfaces),
      ],
    });
    if (args.flag("explain")) {
      context.output.out(explainedText(result.explain()));
      return result.yaml === null ? EXIT.configInvalid : EXIT.ok;
    }
    const refused = args.flag("strict") && result.findings.some(isLoss);
    const yaml = refused ? null : result.yaml;
    const output = args.text("output");
    if (yaml !== null && output !== undefined) {
      for (const done of await writeNew(output, yaml)) context.output.err(`${done}\n`);
    }
    show({ ...result, yaml }, path, args, context);
    return yaml === null ? EXIT.configInvalid : EXIT.ok;
  },
};

function sourceFiles(context: CliContext): SourceFiles {
  return {
    ...diskFiles,
    async readFile(path): Promise<Result<string>> {
      if (path !== "-") return await diskFiles.readFile(path);
      const read = decodeConfig(await context.readStdin(), FOREIGN_FILE);
      return read.ok ? ok(markedText(read.value)) : read;
    },
  };
}

/**
 * The owner may read it and, if root writes it, the group of the units' vipd; an existing file with another mode, or a
 * link, would let others.
 *
 * @returns what it has done in addition, for a person
 */
async function writeNew(path: string, text: string): Promise<string[]> {
  await refuseUnwritable([resolve(path)]);
  try {
    // Of a machine without vipd's package. A longer way that is not there is a slip.
    const folder = resolve(dirname(path));
    const made = await makeFolder(folder).then(() => true, () => false);
    await createFile(path, new TextEncoder().encode(text), 0o600);
    const group = Deno.uid() === 0 ? await groupId(ENGINE.user) : null;
    if (group !== null) await openToGroup(path, group);
    return [
      ...made ? [`made the folder ${folder}`] : [],
      ...group === null ? [] : [`the group ${ENGINE.user} may read ${path}`],
    ];
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new CliError(EXIT.failure, `${path} exists; remove it, or choose another --output`);
    }
    if (error instanceof Deno.errors.NotFound) {
      throw new CliError(EXIT.failure, `the folder of ${path} does not exist; make it first`);
    }
    if (error instanceof CliError) throw error;
    throw cannotWrite(path, error, "choose another --output");
  }
}

function show(result: ImportResult, path: string, args: Arguments, { output }: CliContext): void {
  const { yaml, findings } = result;
  const file = args.text("output");
  if (args.flag("json")) {
    const report = { written: yaml !== null, yaml, findings };
    output.out(`${printableJson(JSON.stringify(report, null, 2))}\n`);
    return;
  }
  output.err(findings.map((finding) => `${formatFinding(finding)}\n`).join(""));
  output.err(`${summary(result, path)}\n`);
  if (yaml === null) return;
  if (file === undefined) output.out(yaml);
  else output.err(`written to ${file}; next: vipd check ${file}\n`);
}

const SEVERITIES: readonly (readonly [FindingSeverity, one: string, more: string])[] = [
  ["error", "error", "errors"],
  ["loss", "loss", "losses"],
  ["note", "note", "notes"],
];

/** `keepalived.conf: 2 instances, 1 check; 3 losses, 1 note`. */
function summary({ yaml, findings, counts }: ImportResult, path: string): string {
  const kinds = SEVERITIES.flatMap(([severity, one, more]) => {
    const count = findings.filter((finding: Finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`];
  });
  const what = `${plural(counts.instances, "instance")}, ${plural(counts.checks, "check")}`;
  const found = kinds.length === 0 ? "everything is carried over" : kinds.join(", ");
  return `${path}: ${what}; ${found}${yaml === null ? "; nothing is written" : ""}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
