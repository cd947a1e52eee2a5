/**
 * `notify_fifo` and `vrrp_notify_fifo`: named pipes that get a line for each change of a state.
 *
 * @module
 */

import type { NotifyEventKind } from "../../config/notify_model.ts";
import { quote } from "../../config/values/result.ts";
import { readAbsolutePath } from "../../config/values/values.ts";
import type { Entry } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { PartialImport } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { carried, each, notCarried, type Rule, type Rules } from "./rules.ts";
import { scriptUser } from "./scripts/script_user.ts";

/** The events that keepalived writes into its pipes, keepalived.conf(5). */
const EVENTS: readonly NotifyEventKind[] = ["master", "backup", "fault", "stop", "reasserted"];

/** Folders in which vipd's unit lets it write. */
const WRITABLE = /^\/(?:run|var\/lib)\/vipd\//;

function fifoRule(name: string): Rule<PartialImport> {
  return carried<PartialImport>("notify[]", ({ fifos }, statement, report) => {
    const path = readPath(statement, report);
    if (path === null) return false;
    const [, ...account] = statement.words;
    const user = account.length === 0 ? undefined : scriptUser(account, statement, report);
    fifos.push({ name, path, statement, ...(user !== undefined && { user }) });
  }, { note: "becomes `type: fifo`, with the same lines", maxWords: 3, first: true });
}

/** Pipes, and what keepalived does around them. */
export const FIFO_RULES: Rules<PartialImport> = {
  notify_fifo: fifoRule("fifo"),
  vrrp_notify_fifo: fifoRule("vrrp-fifo"),
  ...each(
    "notify_fifo_script vrrp_notify_fifo_script",
    notCarried(
      "vipd does not start the program that reads the pipe",
      "start it as a unit of its own, with the path of the pipe as its last argument",
    ),
  ),
  vrrp_notify_priority_changes: notCarried(
    "vipd writes no lines about priorities that change",
    "let a program of yours follow GET /v1/events",
    ["false", "off", "no"],
  ),
  fifo_write_vrrp_states_on_reload: notCarried(
    "vipd writes the states when they change, not at a reload",
    "let the reader ask vipd status --json when it starts",
    ["false", "off", "no"],
  ),
};

function readPath(statement: Statement, report: Report): string | null {
  const [word = ""] = statement.words;
  if (word === "") {
    report.add("ignored", statement, "its path is missing", "write the path of the pipe after it");
    return null;
  }
  // keepalived's folder is / when it opens the pipe.
  const read = readAbsolutePath(word.startsWith("/") ? word : `/${word}`);
  if (!read.ok) {
    report.add("error", statement, read.problem.message, read.problem.hint);
    return null;
  }
  if (read.value !== word) {
    const message = `keepalived takes ${quote(word)} for ${quote(read.value)}`;
    report.add("carried_differently", statement, message, NOTHING_TO_DO);
  }
  if (!WRITABLE.test(read.value)) {
    report.add(
      "advice",
      statement,
      `vipd's unit lets it write in /run/vipd and /var/lib/vipd only, not to ${quote(read.value)}`,
      "write the folder after ReadWritePaths= in the unit, or choose a path in /run/vipd",
    );
  }
  return read.value;
}

/** The entries of `notify` for the pipes; they get the events of all instances and sync groups. */
export function resolveFifos({ fifos, scriptUser }: PartialImport): Entry[] {
  return fifos.map(({ name, path, user = scriptUser ?? "root", statement }) => ({
    value: { type: "fifo", name, path, ...(user !== "root" && { user }), on: [...EVENTS] },
    statement,
  }));
}
