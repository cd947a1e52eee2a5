/**
 * From the file's `notify` to the receivers of the daemon's notifications.
 *
 * @module
 */

import type { EmailNotifyConfig, NotifyConfig } from "../notify_model.ts";
import type { NotifyValues } from "../schema/notify.ts";
import { isLoopback } from "../values/mail_values.ts";

/** Message submission and delivery (RFC 6409, RFC 8314, RFC 5321). */
const PORTS = { none: 25, starttls: 587, tls: 465 } as const;

/** The name of an entry: its own, or its type and place. */
export function notifyName({ name, type }: NotifyValues, index: number): string {
  return name ?? `${type}-${index + 1}`;
}

type EmailValues = Extract<NotifyValues, { type: "email" }>;

/** The mail server with its defaults. */
export function toEmailServer(
  { server, security }: Pick<EmailValues, "server" | "security">,
): Pick<EmailNotifyConfig, "host" | "port" | "security"> {
  const { host, port } = server;
  const how = security ?? (isLoopback(host) ? "none" : "starttls");
  return { host, port: port ?? PORTS[how], security: how };
}

/** `node` names the sender of mail. */
export function toNotify(value: NotifyValues, index: number, node: string): NotifyConfig {
  const { on, instances, groups } = value;
  const common = {
    name: notifyName(value, index),
    on: [...new Set(on)],
    ...(instances && { instances }),
    ...(groups && { groups }),
  };
  switch (value.type) {
    case "exec":
      return {
        ...common,
        type: value.type,
        command: value.command,
        ...(value.user && { user: value.user }),
        timeoutMs: value.timeout,
        appendArguments: value.arguments,
      };
    case "fifo": {
      const { type, path, user } = value;
      return { ...common, type, path, ...(user && { user }) };
    }
    case "webhook":
      return {
        ...common,
        type: value.type,
        // The rules leave one of the two.
        target: value.url === undefined ? { urlFile: value.url_file! } : { secretUrl: value.url },
        ...(value.secret_file !== undefined && { secretFile: value.secret_file }),
        ...(value.ca_file !== undefined && { caFile: value.ca_file }),
        timeoutMs: value.timeout,
        retryForMs: value.retry_for,
      };
    case "email":
      return {
        ...common,
        type: value.type,
        to: value.to,
        from: value.from ?? `vipd@${node}`,
        ...toEmailServer(value),
        ...(value.username !== undefined && value.password_file !== undefined && {
          login: { username: value.username, passwordFile: value.password_file },
        }),
        ...(value.ca_file !== undefined && { caFile: value.ca_file }),
        ...(value.helo_name !== undefined && { heloName: value.helo_name }),
        connectTimeoutMs: value.connect_timeout,
        retryForMs: value.retry_for,
      };
  }
}
