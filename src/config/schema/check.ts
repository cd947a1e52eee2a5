/**
 * The configuration file's `checks`: kinds of check, and what is tried when one fails.
 *
 * @module
 */

import * as z from "zod";
import { readAccountName, readUser } from "../values/command.ts";
import {
  readHostPort,
  readHttpUrl,
  readNumberFile,
  readProcessName,
  readServerName,
  readStatusRange,
} from "../values/values.ts";
import { readHostAddress } from "../values/virtual_address.ts";
import {
  absolutePath,
  choice,
  command,
  commandLine,
  DAY_MS,
  duration,
  HOUR_MS,
  integer,
  interfaceName,
  plainText,
  text,
  textOrNumber,
  YEAR_MS,
} from "./fields.ts";

/** The user that runs a program. */
export const runningUser = () => text("user", readUser).optional().meta({ examples: ["nobody"] });

const OnFailObject = z.strictObject({
  command: z.union([command(), commandLine()], { error: () => "a command, as a list or a text" })
    .meta({ examples: [["systemctl", "restart", "nginx"]] }).describe(
      "The program and its arguments. No shell is involved. It may leave processes behind that it has started.",
    ),
  user: runningUser().describe(
    "Who runs it, as `user` or `user:group`. Default: the user of vipd.",
  ),
  timeout: duration(100, HOUR_MS).prefault("10s")
    .describe("A run that is not over after this time is ended and has failed."),
  attempts: integer(1, 100, "how many times it is tried").prefault(1)
    .describe("How often the command is run within `every`, before the check turns down."),
  every: duration(1000, DAY_MS).prefault("5m")
    .describe("The period in which `attempts` are counted."),
});

/** `on_fail`; the short forms are the long one's `command` alone. */
const OnFailSchema = z.union([command(), commandLine(), OnFailObject], {
  error: () => "a command, or a mapping with `command`",
}).transform((entry) => Array.isArray(entry) ? OnFailObject.parse({ command: entry }) : entry);

const CHECK_COMMON = {
  interval: duration(100, HOUR_MS).prefault("2s")
    .describe("Time from the start of one probe to the start of the next."),
  timeout: duration(10, HOUR_MS).optional().meta({ examples: ["1s"] }).describe(
    "A probe that has no answer after this time has failed. No other probe begins while one runs. " +
      "Default: 1s, or `interval` where that is shorter.",
  ),
  rise: integer(1, 100, "how many successes in a row make the check pass again").prefault(2)
    .describe("Successes in a row that turn a failed check to passing."),
  fall: integer(1, 100, "how many failures in a row make the check fail").prefault(2)
    .describe(
      "Failures in a row that turn a passing check to failed. The first probe after a start decides alone.",
    ),
  on_fail: OnFailSchema.optional().meta({ examples: [["systemctl", "restart", "nginx"]] }).describe(
    "Recovery before failing over: a command that is run when a passing check would turn to failed. The check " +
      "goes on passing meanwhile, for at most attempts * (timeout + fall * interval) of these settings.",
  ),
};

const HttpCheck = z.strictObject({
  type: z.literal("http").describe("Fetches a URL and looks at the answer."),
  url: text("URL", readHttpUrl).meta({ examples: ["http://127.0.0.1/"] })
    .describe("What is fetched, with GET; http or https, without user name and password."),
  status: textOrNumber("status code or range of them", readStatusRange).prefault("200-399")
    .describe("Status codes that pass: one (`200`) or a range (`200-399`)."),
  body_contains: plainText("text", 1, 1000).optional().meta({ examples: ["Welcome"] })
    .describe("The answer's body must contain this text."),
  host: plainText("host name", 1, 255).optional().meta({ examples: ["www.example.com"] })
    .describe("Host header to send instead of the URL's: which virtual server is asked."),
  ca: absolutePath().optional().meta({ examples: ["/etc/vipd/ca.pem"] }).describe(
    "https: file with certificates in PEM that are trusted besides those of the system, for a server whose certificate " +
      "comes from an authority of one's own. Read when the configuration is.",
  ),
  server_name: text("host name", readServerName).optional().meta({ examples: ["www.example.com"] })
    .describe(
      "https: the name that the server is sent (SNI), and for which its certificate must be valid. Default: the name in " +
        "the Host header.",
    ),
  expires_within: duration(HOUR_MS, YEAR_MS).optional().meta({ examples: ["14d"] }).describe(
    "https: raises the alarm `certificate_ends` when the server's certificate ends within this time. The check goes on " +
      "passing until it has ended. Default: no alarm.",
  ),
  ...CHECK_COMMON,
});

const TcpCheck = z.strictObject({
  type: z.literal("tcp").describe("Opens a TCP connection and closes it."),
  address: text("host and port", readHostPort).meta({ examples: ["127.0.0.1:80"] })
    .describe("Where to connect to: `127.0.0.1:80`, `[::1]:80`, `name:80`."),
  ...CHECK_COMMON,
});

const ProcessCheck = z.strictObject({
  type: z.literal("process")
    .describe("Looks whether a process of this name runs; its death is noticed at once."),
  process: text("process name", readProcessName).meta({ examples: ["nginx"] })
    .describe("The process's name as `ps -e -o comm` shows it, at most 15 octets."),
  user: text("user", readAccountName).optional().meta({ examples: ["root"] }).describe(
    "Only processes that this user has started count, by name or number. Default: those of every user.",
  ),
  path: absolutePath().optional().meta({ examples: ["/usr/sbin/nginx"] })
    .describe(
      "Only processes that run this executable count: the path that `readlink /proc/PID/exe` shows. Of other users' " +
        "processes only root can see it. Default: every executable.",
    ),
  grace: duration(10, HOUR_MS, { zero: true }).prefault(0).describe(
    "How long after the end of the last process the next one may come, as in a restart, before the check turns to " +
      "failed; 0 for not at all.",
  ),
  ...CHECK_COMMON,
});

const PingCheck = z.strictObject({
  type: z.literal("ping").describe("Asks another host, such as a gateway, whether it is there."),
  address: text("address", readHostAddress).meta({ examples: ["192.168.31.1"] })
    .describe("Address of the host, IPv4 or IPv6."),
  method: choice("echo", "neighbour").prefault("echo").describe(
    "`echo`: ICMP or ICMPv6 echo. `neighbour`: ARP or neighbour discovery, for a host of the same link that answers no " +
      "echo.",
  ),
  interface: interfaceName().optional().describe(
    "Interface out of which the host is asked. Needed for an IPv6 link-local address. Default: for `echo` the one of " +
      "the route, for `neighbour` the one with an address in its network.",
  ),
  ...CHECK_COMMON,
});

const FileCheck = z.strictObject({
  type: z.literal("file").describe(
    "Reads a number from a file, by which others move the priority: number times `weight` of the track is added.",
  ),
  path: text("absolute path", readNumberFile).meta({ examples: ["/run/vipd-weight"] }).describe(
    "A regular file with one whole number, in at most 64 octets. One that is not there holds 0.",
  ),
  ...CHECK_COMMON,
});

const ExecCheck = z.strictObject({
  type: z.literal("exec").describe("Runs a program; exit status 0 passes."),
  command: command().meta({ examples: [["/usr/local/bin/check-nginx", "--quick"]] })
    .describe(
      "The program, as absolute path or as name of a system's program, and its arguments, as a list. No shell " +
        "is involved. It is not run where others than root, vipd and `user` can change it.",
    ),
  user: runningUser().describe(
    "Who runs it, as `user` or `user:group`. Default: the user of vipd.",
  ),
  ...CHECK_COMMON,
});

/** One entry of `checks`. */
export const CheckSchema = z.discriminatedUnion("type", [
  HttpCheck,
  TcpCheck,
  ProcessCheck,
  ExecCheck,
  PingCheck,
  FileCheck,
]);

export type CheckValues = z.output<typeof CheckSchema>;
