/**
 * Programs of a keepalived.conf that this machine does not run as keepalived would run them.
 *
 * @module
 */

import type { Diagnostic } from "../config/diagnostics.ts";
import type { Config } from "../config/model.ts";
import type { Path } from "../config/path.ts";
import { type Finding as ConfigFinding, pathText } from "../config/findings.ts";
import { printable } from "../wire/printable.ts";
import type { ImportResult } from "./import.ts";

/** The machine that is to run the programs. */
export interface ProgramMachine {
  /** Its findings about programs that it cannot run. */
  readonly findings: (config: Config) => Promise<readonly ConfigFinding[]>;
  /** The number of the user that vipd runs as there. */
  readonly uid: number;
}

/** How severe a loss is. */
export interface LossOptions {
  readonly acceptLoss?: boolean;
  /** An engine that starts serves what it can. */
  readonly lenient?: boolean;
}

/** One program, at its place in the configuration. */
interface PlacedProgram {
  readonly path: Path;
  readonly ofCheck: boolean;
  /** The user that is named. */
  readonly user: string | undefined;
}

/** The diagnostics of all programs of the configuration that `result` became. */
export async function programDiagnostics(
  config: Config,
  result: ImportResult,
  { findings, uid }: ProgramMachine,
  { acceptLoss = false, lenient = false }: LossOptions,
): Promise<Diagnostic[]> {
  const programs = programsOf(config);
  const found = await findings(config);
  const severity = (lost: boolean) => lost && !acceptLoss && !lenient ? "error" : "warning";
  const about = (finding: ConfigFinding, lost: boolean): Diagnostic => {
    const { code, path, message, hint } = finding;
    const key = pathText(path);
    const origin = result.originOf(key ?? "");
    const { file, line, keyword } = origin ?? { file: "", line: 1, keyword: key };
    return {
      ...{ severity: severity(lost), code, file, line, column: 1, excerpt: null } as const,
      ...{ key: keyword, message: printable(message), hint: printable(hint) },
    };
  };
  const notRun = found.flatMap((finding) => {
    const program = programs.find(({ path }) =>
      path.every((step, at) => finding.path[at] === step)
    );
    if (program === undefined) return [];
    const { lost, keepalived } = comparison(finding, program, result.scriptSecurity);
    return about({ ...finding, message: `${finding.message}; ${keepalived}` }, lost);
  });
  if (uid === 0) return notRun;
  const asAnother = programs.filter(({ user }) => user === undefined).map(({ path }) =>
    about({
      severity: "warning",
      code: "user_needs_root",
      path: [...path, "command"],
      message: `it runs as vipd's own user, number ${uid}; keepalived runs it as root`,
      hint: "run vipd as root, or let the program do without root's rights",
    }, false)
  );
  return [...notRun, ...asAnother];
}

function programsOf({ checks, notify }: Config): PlacedProgram[] {
  return [
    ...checks.flatMap((check) =>
      check.type === "exec"
        ? [{ path: ["checks", check.name], ofCheck: true, user: check.user?.name }]
        : []
    ),
    ...notify.flatMap((target, index) =>
      target.type === "exec"
        ? [{ path: ["notify", index], ofCheck: false, user: target.user?.name }]
        : []
    ),
  ];
}

/**
 * keepalived leaves out a script that it cannot run, a check too, and serves without it; in vipd such a check fails. It
 * runs a script that others can change, unless the file asks for security and root would run it.
 */
function comparison(
  { code }: ConfigFinding,
  { ofCheck, user }: PlacedProgram,
  scriptSecurity: boolean,
): { readonly lost: boolean; readonly keepalived: string } {
  const asRoot = user === undefined || user === "root";
  if (code === "program_unsafe" && !(scriptSecurity && asRoot)) {
    return { lost: true, keepalived: "keepalived runs it all the same" };
  }
  return ofCheck
    ? { lost: true, keepalived: "the check fails; keepalived leaves it out and serves without it" }
    : { lost: false, keepalived: "keepalived does not run it either" };
}
