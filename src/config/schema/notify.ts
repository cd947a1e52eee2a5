/**
 * The configuration file's `notify`: who hears of which events.
 *
 * @module
 */

import * as z from "zod";
import { DEFAULT_NOTIFY_EVENTS, NOTIFY_EVENTS } from "../notify_model.ts";
import { readMailAddress, readMailServer } from "../values/mail_values.ts";
import { readHttpUrl, readName } from "../values/values.ts";
import { runningUser } from "./check.ts";
import { absolutePath, command, DAY_MS, duration, HOUR_MS, plainText, text } from "./fields.ts";

const file = (example: string) => absolutePath().optional().meta({ examples: [example] });

const COMMON = {
  name: text("name", readName).optional().meta({ examples: ["operators"] })
    .describe("Name in messages and in the status. Default: the type and its place in the list."),
  on: z.array(z.enum(NOTIFY_EVENTS).meta({ title: "event" })).min(1)
    .prefault([...DEFAULT_NOTIFY_EVENTS]).describe(
      "The events that vipd reports. `master`, `backup`, `fault` and `stop`: the states of instances and sync groups; " +
        "`reasserted`: an instance that was master all the time has heard a weaker master, as after a partition; " +
        "`unprotected`, `protected`, `unserved` and `contested`: a new verdict on an instance of the pair; `alarm` and " +
        "`alarm_cleared`; `check`: a verdict that turned; `recovery`: what `on_fail` does; `order`: the command of an " +
        "operator; `reload`; `daemon`: start and stop.",
    ),
  instances: z.array(z.string()).optional().meta({ examples: [["VI_1"]] }).describe(
    "Only what these instances do. Default: everything that happens on this node, unless `groups` is given.",
  ),
  groups: z.array(z.string()).optional().meta({ examples: [["SG_1"]] })
    .describe("Only what these sync groups do, in addition to `instances`."),
};

const RETRY_FOR = duration(1000, 7 * DAY_MS, { zero: true }).prefault("1h").describe(
  "How long a notification is tried again, at growing intervals of up to a minute, until it counts as lost; 0 for " +
    "never.",
);

const ExecNotify = z.strictObject({
  type: z.literal("exec").describe("Runs a program."),
  command: command().meta({ examples: [["/etc/vipd/notify.sh"]] }).describe(
    "The program and its arguments, as a list. No shell is involved. It is not run where others than root, vipd " +
      "and `user` can change it.",
  ),
  user: runningUser().describe(
    "Who runs it, as `user` or `user:group`. Default: the user of vipd.",
  ),
  timeout: duration(100, HOUR_MS).prefault("30s")
    .describe("A run that is not over after this time is ended; the next one waits for it."),
  arguments: z.boolean().prefault(true).describe(
    "true: `INSTANCE` or `GROUP`, the name, the state and the priority are appended, as keepalived's `notify` does.",
  ),
  ...COMMON,
});

const FifoNotify = z.strictObject({
  type: z.literal("fifo").describe(
    'Writes a line for each event into a named pipe: `INSTANCE "VI_1" MASTER 150`, as keepalived\'s `notify_fifo`.',
  ),
  path: absolutePath().meta({ examples: ["/run/vipd/notify"] }).describe(
    "The pipe. vipd makes it if it is missing, readable for its owner alone, and leaves it when it stops. A line that " +
      "finds no room is lost; vipd never waits for a reader.",
  ),
  user: runningUser().describe(
    "Whose pipe vipd makes, as `user` or `user:group`. Default: the user of vipd.",
  ),
  ...COMMON,
});

const WebhookNotify = z.strictObject({
  type: z.literal("webhook").describe("Posts JSON to a URL."),
  url: text("URL", readHttpUrl).optional().meta({ examples: ["https://hooks.example.org/vipd"] })
    .describe("Where to post; http or https. Either this or `url_file`."),
  url_file: file("/etc/vipd/webhook.url").describe(
    "File that holds the URL, where it is itself a secret.",
  ),
  secret_file: file("/etc/vipd/webhook.secret").describe(
    "File with the secret that signs each request (HMAC-SHA256, Standard Webhooks). Without it none is signed.",
  ),
  ca_file: file("/etc/vipd/ca.pem").describe(
    "Certificates (PEM) that are trusted in addition to the usual ones.",
  ),
  timeout: duration(100, HOUR_MS).prefault("10s")
    .describe("A request that has no answer after this time has failed."),
  retry_for: RETRY_FOR,
  ...COMMON,
});

const EmailNotify = z.strictObject({
  type: z.literal("email").describe(
    "Sends mail; several things that happen at once make one mail.",
  ),
  to: z.array(text("mail address", readMailAddress)).min(1)
    .meta({ examples: [["ops@example.org"]] }).describe("Who gets it."),
  from: text("mail address", readMailAddress).optional().meta({ examples: ["vipd@example.org"] })
    .describe("Who it is from. Default: vipd@ and the node's name."),
  server: text("host, or host and port", readMailServer).prefault("127.0.0.1")
    .describe("The mail server: `mail.example.org`, `192.168.31.2:587`."),
  security: z.enum(["none", "starttls", "tls"]).optional().describe(
    "`starttls` and `tls` demand an encrypted connection and a valid certificate. Default: `none` for a server " +
      "on this machine, else `starttls`.",
  ),
  username: plainText("text", 1, 255).optional().meta({ examples: ["vipd"] })
    .describe("Logs in, with the password in `password_file`; not with `security: none`."),
  password_file: file("/etc/vipd/mail.password").describe("File that holds the password."),
  ca_file: file("/etc/vipd/ca.pem").describe(
    "Certificates (PEM) that are trusted in addition to the usual ones.",
  ),
  helo_name: plainText("host name", 1, 255).optional().meta({ examples: ["lb01.example.org"] })
    .describe("What vipd calls itself. Default: the machine's host name."),
  connect_timeout: duration(100, HOUR_MS).prefault("30s")
    .describe("How long the server may take to accept the connection and to answer."),
  retry_for: RETRY_FOR,
  ...COMMON,
});

/** One entry of `notify`. */
export const NotifySchema = z.discriminatedUnion("type", [
  ExecNotify,
  WebhookNotify,
  EmailNotify,
  FifoNotify,
]);

export type NotifyValues = z.output<typeof NotifySchema>;
