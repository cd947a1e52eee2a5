/**
 * Mail about state changes. keepalived sends none about VRRP unless `smtp_alert` asks for it (keepalived.conf(5)). So
 * addresses and servers alone, which many files have, are no loss.
 *
 * @module
 */

import { isLoopback, readMailAddress, readMailServer } from "../../config/values/mail_values.ts";
import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { PartialImport, PartialMail, Said } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { builtIn, carried, each, type Rule, type Rules } from "./rules.ts";
import { type NumberRange, readFlag, readNumber, readWord, vipdName } from "./values.ts";

/** `smtp_alert`, of an instance, a group or the file. */
export const SMTP_ALERT: Rule<{ alerts?: Said<boolean> }> = carried<{ alerts?: Said<boolean> }>(
  "notify[]",
  (target, statement, report) => {
    const value = readFlag(statement, report);
    if (value !== null) target.alerts = { value, statement };
  },
  { note: "becomes `type: email`" },
);

/** vipd's two limits, in seconds. */
const TIMEOUT: NumberRange = { min: 1, max: 2 ** 31 - 1, vipdMin: 0.1, vipdMax: 3600 };

function setting(
  key: string,
  apply: (mail: PartialMail, statement: Statement, report: Report) => void,
) {
  return carried<PartialImport>(`notify[].${key}`, ({ mail }, statement, report) => {
    mail.statements.push(statement);
    apply(mail, statement, report);
  }, {
    note: "where `smtp_alert` asks for mail; without it keepalived sends none either",
    maxWords: key === "server" ? 2 : 1,
    adds: key === "to",
    takesBlock: key === "to",
  });
}

const from = setting("from", (mail, statement) => {
  const value = readAddress(statement.words[0] ?? "", statement, mail);
  if (value !== null) mail.from = value;
});

/** keepalived parts host and port by a blank; a colon is a part of the host's name. */
const HOST_AND_PORT = /^[^:]+:\d+$|\]:\d+$/;

/** The recipients and settings of mail. Only the end of the import knows whether any is sent. */
export const MAIL_RULES: Rules<PartialImport> = {
  notification_email: setting("to", (mail, { block }) => {
    for (const statement of block ?? []) {
      for (const text of [statement.keyword, ...statement.words]) {
        const value = readAddress(text, statement, mail);
        if (value !== null) mail.to.push(value);
      }
    }
  }),
  ...each("notification_email_from email_from", from),
  smtp_server: setting("server", (mail, statement) => {
    const [host = "", port] = statement.words;
    delete mail.noServer;
    if (HOST_AND_PORT.test(host)) {
      delete mail.server;
      mail.noServer = statement;
      return;
    }
    const address = host.includes(":") ? `[${host}]` : host;
    const text = port === undefined ? host : `${address}:${port}`;
    const read = readMailServer(text);
    if (read.ok) mail.server = { value: { text, host: String(read.value.host) }, statement };
    else {
      const remedy = "write a name or an address, and the port after a blank: mail.example.com 25";
      mail.problems.push({ statement, message: read.problem.message, remedy });
    }
  }),
  smtp_helo_name: setting("helo_name", (mail, statement, report) => {
    const value = readWord(statement, report);
    if (value !== null) mail.heloName = value;
  }),
  smtp_connect_timeout: setting("connect_timeout", (mail, statement, report) => {
    const value = readNumber(statement, TIMEOUT, report);
    if (value !== null) mail.connectTimeoutS = value;
  }),
  ...each("smtp_alert smtp_alert_vrrp", SMTP_ALERT),
  email_faults: carried("notify[].on", ({ mail }, statement) => {
    mail.statements.push(statement);
    mail.faults = true;
  }, { maxWords: 0 }),
  no_email_faults: carried("notify[].on", ({ mail }, statement) => {
    mail.statements.push(statement);
    mail.faults = false;
  }, { note: "mail without `fault`", maxWords: 0 }),
  smtp_alert_checker: builtIn("it is not about the addresses"),
};

/** The address; `null`, with a problem, for one that vipd does not accept. */
function readAddress(text: string, statement: Statement, mail: PartialMail): string | null {
  const read = readMailAddress(text);
  if (read.ok) return text;
  const message = `${quote(text)} is not a mail address`;
  mail.problems.push({ statement, message, remedy: read.problem.hint });
  return null;
}

/** The entry of `notify` that sends mail; none if the source does not ask for it. */
export function resolveMail(
  partial: PartialImport,
  known: ReadonlySet<string>,
  report: Report,
): Entry[] {
  const { mail, alerts, instances, groups } = partial;
  const alerting = <T extends { readonly name: string; readonly alerts?: Said<boolean> }>(
    parts: readonly T[],
  ) => parts.filter((part) => (part.alerts ?? alerts)?.value);
  const mailing = [...alerting(instances), ...alerting(groups)];
  if (mailing.length === 0) return reportUnused(mail.statements, UNASKED, report);
  const asking = [alerts, ...mailing.map((part) => part.alerts)].flatMap((said) =>
    said?.value ? [said.statement] : []
  );
  const { server, noServer } = mail;
  if (server === undefined) {
    const others = mail.statements.filter((statement) => statement !== noServer);
    if (noServer) {
      const message = `there is no host ${quote(noServer.words[0]!)}, so keepalived sends no mail`;
      const remedy = "write the port after a blank: mail.example.com 587";
      report.add("ignored", noServer, message, remedy);
    }
    return reportUnused([...asking, ...others], SERVERLESS, report);
  }
  for (const { statement, message, remedy } of mail.problems) {
    report.add("not_carried", statement, message, remedy);
  }
  if (mail.to.length === 0) return reportUnused([...asking, ...mail.statements], NOBODY, report);
  const statement = mail.statements[0]!;
  const everything = mailing.length === instances.length + groups.length;
  const filter = everything ? {} : {
    instances: alerting(instances).map(({ name }) => vipdName(name)),
    groups: alerting(groups).map(({ name }) => vipdName(name)).filter((name) => known.has(name)),
  };
  const remote = !isLoopback(server.value.host);
  if (remote) {
    report.add(
      "advice",
      server.statement,
      "mail goes to another machine without encryption, as keepalived sends it",
      "write `security: starttls` if the server knows it",
    );
  }
  const value = {
    type: "email",
    to: mail.to,
    ...(mail.from !== undefined && { from: mail.from }),
    server: server.value.text,
    ...(remote && { security: "none" }),
    ...(mail.heloName !== undefined && { helo_name: mail.heloName }),
    ...(mail.connectTimeoutS !== undefined && { connect_timeout: `${mail.connectTimeoutS}s` }),
    on: mail.faults === false ? ["master", "backup"] : ["master", "backup", "fault"],
    ...filter,
  };
  return [{ value, statement }];
}

/** Why no mail is sent: message and remedy. */
const UNASKED = [
  "without `smtp_alert` no mail is sent about the addresses, by vipd as by keepalived",
  "write an entry of `notify` with `type: email` if there should be some",
] as const;
const NOBODY = [
  "without an address in `notification_email` nobody gets mail, from vipd as from keepalived",
  "name somebody, or remove `smtp_alert`",
] as const;
const SERVERLESS = [
  "without an `smtp_server` that can be read no mail is sent, by vipd as by keepalived",
  "write `smtp_server 127.0.0.1` into global_defs if there should be some",
] as const;

/** Reports the settings of mail if none is sent. */
function reportUnused(
  statements: readonly Statement[],
  why: readonly [message: string, remedy: string],
  report: Report,
): Entry[] {
  for (const statement of new Set(statements)) report.add("carried_differently", statement, ...why);
  return [];
}
