/**
 * `user USER [GROUP]` of a script, and `script_user USER [GROUP]` of all.
 *
 * @module
 */

import { readUser } from "../../../config/values/command.ts";
import { NOTHING_TO_DO, type Report } from "../../finding.ts";
import type { PartialCheck, PartialImport } from "../../partial.ts";
import type { Place, Statement } from "../../syntax/statement.ts";

/** keepalived runs scripts as this user if the machine has it and the file names none (keepalived.conf(5)). */
export const USUAL_SCRIPT_USER = "keepalived_script";

/** The user that vipd runs programs as if none is configured, as in keepalived. */
const DEFAULT_USER = "root";

/** `user` or `user:group`; `undefined` for the default, and for a value that is reported as wrong. */
export function readScriptUser(statement: Statement, report: Report): string | undefined {
  const user = scriptUser(statement.words, statement, report);
  return user === DEFAULT_USER ? undefined : user;
}

/** `user` or `user:group` from these words, also if it is the default. */
export function scriptUser(
  [name = "", group]: readonly string[],
  statement: Statement,
  report: Report,
): string | undefined {
  const user = group === undefined || group === name ? name : `${name}:${group}`;
  const read = readUser(user);
  if (read.ok) return user;
  report.add("error", statement, read.problem.message, read.problem.hint);
}

/**
 * Without a user for them, scripts that are to be secure are not run by keepalived. `hasUsual` says whether the machine
 * has the usual one; `undefined` where nobody knows.
 */
export function reportUnsecured(
  { scriptSecurity, scriptUserSaid }: PartialImport,
  hasUsual: boolean | undefined,
  report: Report,
): void {
  if (!scriptSecurity || scriptUserSaid || hasUsual === true) return;
  const where = hasUsual === false ? "this machine has no" : "where there is no";
  report.add(
    "carried_differently",
    scriptSecurity,
    `without \`script_user\` keepalived runs no script that names no user: ${where} user ${USUAL_SCRIPT_USER}; vipd runs ` +
      "them as its own user",
    "write `script_user root` into global_defs, or the user that is meant",
  );
}

/** Reports a user that nothing is run as. */
export function reportUnusedUser(
  { scriptUserSaid, scriptUser, instances, groups, fifos }: PartialImport,
  checks: readonly PartialCheck[],
  report: Report,
): void {
  if (!scriptUserSaid || scriptUser === undefined) return;
  const programs = [
    ...[...instances, ...groups].flatMap(({ notify }) => notify),
    ...checks.filter(({ probe }) => probe?.type === "exec"),
    ...fifos,
  ];
  if (programs.some(({ user }) => user === undefined)) return;
  const message = "no script is run that names no user of its own";
  report.add("ignored", scriptUserSaid, message, NOTHING_TO_DO);
}

/** Gives the scripts that name no user the usual one, which this machine has. */
export function takeScriptUser(partial: PartialImport, start: Place, report: Report): void {
  if (partial.scriptUserSaid) return;
  partial.scriptUser = USUAL_SCRIPT_USER;
  const { checks, instances, groups } = partial;
  const notified = [...instances, ...groups].some(({ notify }) =>
    notify.some(({ user }) => user === undefined)
  );
  if (
    !notified && !checks.some(({ probe, user }) => probe?.type === "exec" && user === undefined)
  ) {
    return;
  }
  const message = `scripts run as the user ${USUAL_SCRIPT_USER}, which this machine has`;
  const remedy = "write `script_user` into global_defs if another one is to run them";
  report.addAt("carried_differently", start, "", message, remedy);
}
