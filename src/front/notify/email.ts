/**
 * Notifies by mail.
 *
 * @module
 */

import process from "node:process";
import type { SendMailOptions, SMTPTransportOptions } from "nodemailer";
import type { EmailNotifyConfig } from "../../config/notify_model.ts";
import type { NotifyEvent } from "../../notify/event.ts";
import {
  type Delivery,
  notDelivered,
  type ReadFile,
  reasonText,
  type Target,
  type TargetContext,
} from "../../notify/target.ts";
import { JoinedSignal } from "../../runtime/joined_signal.ts";
import { names } from "../../runtime/names.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { parseIp } from "../../wire/address.ts";

/** Events within this time go into one mail. */
const GATHER_MS = 500;
const EVENTS_A_MAIL = 50;
/** From the server's greeting to its last answer, without the time for connecting. */
const DIALOGUE_LIMIT_MS = 60_000;

/** `node` names this load balancer. */
export function emailTarget(
  config: EmailNotifyConfig,
  node: string,
  { readFile }: Pick<TargetContext, "readFile">,
): Target {
  // Read each time, so that the files can change.
  const files = new PooledOperation("file", () => readFiles(config, readFile));
  return {
    batch: EVENTS_A_MAIL,
    gatherMs: GATHER_MS,
    retryForMs: config.retryForMs,
    async deliver(events, signal): Promise<Delivery> {
      const limit = AbortSignal.timeout(config.connectTimeoutMs + DIALOGUE_LIMIT_MS);
      using ends = new JoinedSignal(signal, limit);
      try {
        await send(config, files, subjectOf(events, node), textOf(events), ends.signal);
        return { ok: true };
      } catch (error) {
        const why = limit.aborted ? "the mail server takes too long" : reasonText(error);
        return notDelivered(why, { retry: !isRefusal(error) });
      }
    },
  };
}

/** Sends one mail through the first of the server's addresses that accepts a connection. */
async function send(
  config: EmailNotifyConfig,
  files: PooledOperation<EmailFiles>,
  subject: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const options = await transportOptions(config, files, signal);
  // The runtime's own fallback from one address to the next does not work for TLS in every version.
  for (const [index, host] of options.addresses.entries()) {
    const last = index === options.addresses.length - 1;
    try {
      return await sendThrough({ ...options.transport, host }, {
        from: config.from,
        to: [...config.to],
        subject,
        text,
        // Marks the mail as automatic, so that no vacation responder answers (RFC 3834).
        headers: { "Auto-Submitted": "auto-generated" },
      }, signal);
    } catch (error) {
      const connected = !(error instanceof Error && "command" in error && error.command === "CONN");
      if (last || connected || signal.aborted) throw error;
    }
  }
}

async function transportOptions(
  config: EmailNotifyConfig,
  files: PooledOperation<EmailFiles>,
  signal: AbortSignal,
) {
  const { host, port, security, login, heloName, connectTimeoutMs } = config;
  const read = await files.run(signal);
  if (!read.ok) throw new Error("the file system of its files does not answer");
  const { password, ca } = read.value;
  const isName = parseIp(host) === null;
  const addresses = await names.addresses(host, signal);
  const transport = {
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: DIALOGUE_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { ...(isName && { servername: host }), ...(ca && { ca }) },
    ...(heloName !== undefined && { name: heloName }),
    ...(login && { auth: { user: login.username, pass: password } }),
  };
  return { addresses, transport };
}

/** Imports the library only where mail is sent. */
export function loadMailer() {
  return import("nodemailer");
}

interface EmailFiles {
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

async function readFiles(
  { login, caFile }: EmailNotifyConfig,
  readFile: ReadFile,
): Promise<EmailFiles> {
  const password = login && (await readFile(login.passwordFile)).trim();
  const ca = caFile && await readFile(caFile);
  return { password, ca };
}

async function sendThrough(
  options: SMTPTransportOptions,
  mail: SendMailOptions,
  signal: AbortSignal,
): Promise<void> {
  // The runtime's own TLS uses functions that it calls deprecated, and would report that among the lines of the log.
  Object.assign(process, { noDeprecation: true });
  const { createTransport } = await loadMailer();
  const transport = createTransport(options);
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(new Error("stopped"));
  signal.addEventListener("abort", end, { once: true });
  try {
    await Promise.race([transport.sendMail(mail), ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
    transport.close();
  }
}

/** A permanent error (RFC 5321 section 4.2.1): the server will not accept the same mail later either. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
  return code >= 500;
}

/** `[lb01] VRRP Instance VI_1 - Entering MASTER state`, as in keepalived's mail, for filters that know it. */
function headline({ kind, scope, name, entry }: NotifyEvent): string {
  switch (kind) {
    case "master":
    case "backup":
    case "fault":
      return `VRRP ${scope === "group" ? "Group" : "Instance"} ${name} - ` +
        `Entering ${kind.toUpperCase()} state`;
    case "stop":
      return `VRRP ${scope === "group" ? "Group" : "Instance"} ${name} - Stopped`;
    default:
      return entry.message.split(/[\n;]/)[0]!.slice(0, 150);
  }
}

/** One line for a mail's header: the last event, and how many more. */
export function subjectOf(events: readonly NotifyEvent[], node: string): string {
  const more = events.length > 1 ? ` (and ${events.length - 1} more)` : "";
  return `[${node}] ${headline(events.at(-1)!)}${more}`;
}

/** Every event with its time, oldest first. */
function textOf(events: readonly NotifyEvent[]): string {
  const lines = events.map((event) => {
    const { entry } = event;
    const time = entry.time.replace("T", " ").replace(/\.\d+Z$/, " UTC");
    const explained = event.kind === "alarm" ? `    vipd explain ${entry.alarm}\n` : "";
    return `${time}  ${headline(event)}\n    ${entry.message} [${entry.code}]\n${explained}`;
  });
  return `${lines.join("\n")}\n`;
}
