/**
 * `user USER [GROUP]` of a script, and `script_user USER [GROUP]` of all.
 *
 * @module
 */

import { readUser } from "../../../config/values/command.ts";
import type { Report } from "../../finding.ts";
import type { Statement } from "../../syntax/statement.ts";

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
