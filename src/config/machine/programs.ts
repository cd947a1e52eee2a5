/**
 * This machine's view of the programs that a configuration names: whether they are there, can be run, and
 * nobody else can change them. They are warnings, for a configuration may be written before or elsewhere; what
 * runs such a program fails.
 *
 * @module
 */

import type { ProgramConfig } from "../../health/check_config.ts";
import { accountProblem, findAccount, ownAccount } from "../../health/programs/accounts.ts";
import { findProgram } from "../../health/programs/program_file.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import type { Config } from "../model.ts";
import { WORDS_HINT } from "../values/command.ts";
import type { Path } from "../path.ts";
import { type Finding, warningAt } from "../findings.ts";

/** How long a file system may take to answer. */
const LIMIT_MS = 2000;

/** The findings about every program of a configuration. */
export async function programFindings(config: Config): Promise<Finding[]> {
  const findings = await Promise.all(
    programsOf(config).map(({ path, program }) => inTime(path, program)),
  );
  return findings.flat();
}

interface PlacedProgram {
  /** The place of its settings. */
  readonly path: Path;
  readonly program: ProgramConfig;
}

function programsOf({ checks, notify }: Config): PlacedProgram[] {
  return [
    ...checks.flatMap((check) => [
      ...(check.type === "exec" ? [{ path: ["checks", check.name], program: check }] : []),
      ...(check.onFail ? [{ path: ["checks", check.name, "on_fail"], program: check.onFail }] : []),
    ]),
    ...notify.flatMap((target, index) =>
      target.type === "exec" ? [{ path: ["notify", index], program: target }] : []
    ),
  ];
}

async function inspect(path: Path, { command, user }: ProgramConfig): Promise<Finding[]> {
  const account = user === undefined ? null : await findAccount(user);
  if (typeof account === "string") {
    const hint = "add the user to this machine, or name another";
    return [warningAt([...path, "user"], "unknown_user", account, hint)];
  }
  const problem = account && accountProblem(account);
  if (problem) {
    const hint = "remove `user`, or run vipd as root (vipd man checks has the lines for its unit)";
    return [warningAt([...path, "user"], "user_needs_root", problem, hint)];
  }
  const file = await findProgram(command[0], account ?? ownAccount());
  if (file.ok) return [];
  const { code, message, hint } = file.problem;
  const remedy = code === "program_missing" && /\s/.test(command[0]) ? WORDS_HINT : hint;
  const found = warningAt(
    [...path, "command"],
    code,
    `${command[0]} will fail: ${message}`,
    remedy,
  );
  return [code === "program_missing" ? { ...found, missing: command[0] } : found];
}

async function inTime(path: Path, program: ProgramConfig): Promise<Finding[]> {
  const inspection = new PooledOperation("program", () => inspect(path, program));
  const turn = await inspection.run(AbortSignal.timeout(LIMIT_MS));
  if (turn.ok) return turn.value;
  const message = `nothing is known of ${program.command[0]} after ${LIMIT_MS / 1000} s: ` +
    "its file system does not answer";
  return [
    warningAt([...path, "command"], "program_not_executable", message, "put it on a local disk"),
  ];
}
