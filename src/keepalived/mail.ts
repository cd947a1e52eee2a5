/**
 * Mail about changes of state. keepalived sends none about VRRP unless `smtp_alert` asks for it (keepalived.conf(5)),
 * so addresses and servers alone, as many files have them, are no loss.
 *
 * @module
 */

import type { ImportDraft } from "./draft.ts";
import type { Report } from "./finding.ts";
import { builtIn, notCarried, type Rule } from "./rules.ts";

const MESSAGE = "vipd sends no mail";
const REMEDY = "let your monitoring watch GET /metrics or GET /v1/events, and send the mail";

/** A keyword that makes keepalived send mail. */
export const NO_MAIL = notCarried(MESSAGE, REMEDY);

const OFF: readonly string[] = ["false", "off", "no"];

/** `smtp_alert`, of an instance, a group or the file. */
export const SMTP_ALERT: Rule<{ alerts?: boolean }> = {
  ...notCarried(MESSAGE, REMEDY, OFF),
  apply(target, statement, report) {
    if (OFF.includes(statement.words.join(" "))) return;
    target.alerts = true;
    report.add("not_carried", statement, MESSAGE, REMEDY);
  },
};

/** Whom mail goes to and how; told when it is known whether any is sent. */
export const MAIL_SETTING: Rule<ImportDraft> = {
  ...NO_MAIL,
  note: `${REMEDY}; without \`smtp_alert\` keepalived sends none either`,
  apply({ mail }, statement) {
    mail.push(statement);
  },
};

/** Mail about other things than VRRP. */
export const MAIL_OF_OTHERS = builtIn("it is not about the addresses");

/** Tells the settings of mail: a loss when any would be sent. */
export function tellMail({ mail, alerts, instances, groups }: ImportDraft, report: Report): void {
  const wanted = alerts || [...instances, ...groups].some((part) => part.alerts);
  for (const statement of mail) {
    if (wanted) report.add("not_carried", statement, MESSAGE, REMEDY);
    else {
      report.add(
        "carried_differently",
        statement,
        "without `smtp_alert` no mail is sent about the addresses, by vipd as by keepalived",
        "there is nothing to do",
      );
    }
  }
}
