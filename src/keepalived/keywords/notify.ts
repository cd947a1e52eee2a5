/**
 * Notifications of state changes: `notify`, `notify_master` and similar. Each becomes an entry of `notify`.
 *
 * @module
 */

import type { NotifyEventKind } from "../../config/notify_model.ts";
import { readUser } from "../../config/values/command.ts";
import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { PartialImport, PartialNotify, Said } from "../partial.ts";
import { splitScript } from "../syntax/words.ts";
import { commandOf } from "./scripts/command.ts";
import { SMTP_ALERT } from "./mail.ts";
import { carried, notCarried, type Rule } from "./rules.ts";
import { reportEnvironment } from "./scripts/script_offer.ts";
import { scriptUser } from "./scripts/script_user.ts";
import { vipdName } from "./values.ts";

interface Notified {
  readonly notify: PartialNotify[];
  alerts?: Said<boolean>;
}

/** True for a word that was meant as an argument: a state, a path, an option, or what no user can be called. */
function isNoUser(word: string): boolean {
  return /^(?:master|backup|fault|stop|slave)$/i.test(word) || !readUser(word).ok;
}

/** The words after a `notify` without quotation marks: the first is a user. */
const USER_OF_NOTIFY = /^\s*(?:@\S+\s+)?notify\w*\s+(?!["'])\S+\s+(\S+)/;

/** The users that these lines name so, `most` of them. */
export function usersOfNotify(lines: readonly { readonly text: string }[], most: number): string[] {
  const names = new Set<string>();
  for (const { text } of lines) {
    const name = USER_OF_NOTIFY.exec(text)?.[1];
    if (name !== undefined && readUser(name).ok) names.add(name);
    if (names.size >= most) break;
  }
  return [...names];
}

/** keepalived's states, keepalived.conf(5). */
const ALL: readonly NotifyEventKind[] = ["master", "backup", "fault", "stop"];

/** A program for some states; `appended`: with the arguments that name the state. */
function notifyRule(
  on: readonly NotifyEventKind[],
  suffix: string,
  appended: boolean,
): Rule<Notified> {
  return carried<Notified>("notify[]", ({ notify }, statement, report, { isUser, scriptText }) => {
    const script = splitScript(statement.rest);
    const { ignored } = script;
    const command = commandOf(script, statement, report);
    if (!command) return false;
    const [name = ""] = ignored;
    const isThere = name === "" ? true : isUser(name);
    if (!isThere && isNoUser(name)) {
      report.add(
        "ignored",
        statement,
        `without quotation marks ${
          quote(name)
        } is the user that runs the program; there is none of this name, so ` +
          "keepalived does not run it",
        'write "/path argument" in quotation marks to have it run with the argument',
      );
      return false;
    }
    if (statement.keyword === "notify_deleted") {
      report.add(
        "carried_differently",
        statement,
        "vipd has one event for an instance that stops and one that a reload removes",
        "the program is run when vipd stops too; remove it if it must not be",
      );
    }
    const user = ignored.length === 0 ? undefined : scriptUser(ignored, statement, report);
    if (user !== undefined) {
      report.add(
        "carried_differently",
        statement,
        `without quotation marks ${quote(ignored.join(" "))} is the user that runs the program` +
          (isThere === false
            ? "; this machine has none of this name, without which it is not run"
            : ""),
        'if it should be an argument, write "/path argument" in quotation marks',
      );
    }
    reportEnvironment(script.text, script.words, statement, scriptText, report);
    notify.push({ on, suffix, appended, command, ...(user !== undefined && { user }), statement });
  }, {
    note: appended ? "with the same arguments" : `\`on: [${on.join(", ")}]\`, \`arguments: false\``,
    maxWords: Infinity,
    first: true,
  });
}

/** The notifications of an instance or of a sync group. */
export const NOTIFY_RULES: Readonly<Record<string, Rule<Notified>>> = {
  notify: notifyRule(ALL, "notify", true),
  notify_master: notifyRule(["master"], "master", false),
  notify_backup: notifyRule(["backup"], "backup", false),
  notify_fault: notifyRule(["fault"], "fault", false),
  notify_stop: notifyRule(["stop"], "stop", false),
  notify_deleted: notifyRule(["stop"], "deleted", false),
  notify_master_rx_lower_pri: notifyRule(["reasserted"], "reasserted", false),
  notify_priority_changes: notCarried(
    "vipd starts no program when a priority changes",
    "let a program of yours follow GET /v1/events",
    ["false", "off", "no"],
  ),
  smtp_alert: SMTP_ALERT,
};

/**
 * The entries of `notify` that start programs. `known` are the names of the sync groups that exist. An entry of a group
 * applies to its members instead if the group does not exist, or if only instances have the event.
 */
export function resolveNotify(
  { instances, groups, scriptUser }: PartialImport,
  known: ReadonlySet<string>,
): Entry[] {
  const names = new Set<string>();
  const existing = (members: readonly string[]) =>
    members.filter((member) => instances.some(({ name }) => name === member));
  const entries = (
    of: string,
    notify: readonly PartialNotify[],
    filter: (on: readonly NotifyEventKind[]) => Record<string, string[]>,
  ) =>
    notify.map(({ on, suffix, appended, command, user = scriptUser ?? "root", statement }) => {
      const wanted = `${of.slice(0, 50)}-${suffix}`;
      let name = wanted;
      for (let count = 2; names.has(name); count++) name = `${wanted}-${count}`;
      names.add(name);
      const value = {
        type: "exec",
        name,
        command,
        ...(user === "root" ? {} : { user }),
        ...(appended ? {} : { arguments: false }),
        on: [...on],
        // Each has its own copy of the list, or the YAML would have anchors.
        ...filter(on),
      };
      return { value, statement };
    });
  return [
    ...instances.flatMap(({ name, notify }) =>
      entries(vipdName(name), notify, () => ({ instances: [vipdName(name)] }))
    ),
    // keepalived removes a group without members.
    ...groups.filter(({ members }) => existing(members).length > 0).flatMap((
      { name, members, notify },
    ) =>
      entries(
        vipdName(name),
        notify,
        (on) =>
          known.has(vipdName(name)) && !on.includes("reasserted")
            ? { groups: [vipdName(name)] }
            : { instances: existing(members).map(vipdName) },
      )
    ),
  ];
}
