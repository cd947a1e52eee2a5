/**
 * The configuration file: every key, its kind, its default and its meaning. The JSON Schema for editors and the
 * reference in `docs/configuration.md` are made from this.
 *
 * `rules/` judges what depends on more than one key.
 *
 * @module
 */

import * as z from "zod";
import { DEFAULT_RUN_DIR, DEFAULT_STATE_DIR } from "../model.ts";
import { readApiHost } from "../values/api_host.ts";
import { readPeerUrl } from "../values/peer_url.ts";
import { readListenAddress, readName } from "../values/values.ts";
import { CheckSchema } from "./check.ts";
import { absolutePath, duration, HOUR_MS, integer, text } from "./fields.ts";
import { InstanceSchema } from "./instance.ts";
import { InterfaceSchema } from "./interfaces.ts";
import { NotifySchema } from "./notify.ts";
import { RehearseSchema } from "./rehearse.ts";

const ApiHostSchema = text("host name", readApiHost);

/** One entry of `api.listen`. */
export const ListenSchema = text("listen address", readListenAddress);

const TlsSchema = z.strictObject({
  cert: absolutePath().meta({ examples: ["/etc/vipd/api.pem"] })
    .describe("File with the certificate in PEM, and with those that vouch for it."),
  key: absolutePath().meta({ examples: ["/etc/vipd/api.key"] })
    .describe(
      "File with its private key in PEM. Both are read when the configuration is: reload after a change.",
    ),
});

const ApiSchema = z.strictObject({
  listen: z.union([ListenSchema, z.array(ListenSchema).min(1)], {
    error: () => "an address or a list of addresses",
  }).transform((entry) => Array.isArray(entry) ? entry : [entry])
    .prefault("127.0.0.1:9112").meta({ examples: ["127.0.0.1:9112"] }).describe(
      "Where the API listens, one address or a list: `127.0.0.1:9112`, `[::1]:9112`, " +
        "`unix:/run/vipd/api.sock`. An address that other machines reach needs `tls`, and a token for reading too.",
    ),
  tls: TlsSchema.optional().describe(
    "TLS for the listen addresses that other machines reach; those of this machine stay as they are.",
  ),
  hosts: z.array(ApiHostSchema).prefault([]).meta({ examples: [["lb.example.com"]] }).describe(
    "Names under which a reverse proxy offers the API by https, as browsers write them, with a port if it is not 443. " +
      "A request with such a Host header counts as one from another machine: reading needs a token, too.",
  ),
  allow_plaintext: z.boolean().prefault(false).describe(
    "true: listens without TLS where other machines reach it. Anyone on the way can read the token.",
  ),
  token_file: absolutePath().optional().meta({ examples: ["/etc/vipd/token"] }).describe(
    "File with the token that commands need; made with a random one if it is missing. " +
      "Default: `token` in `run_dir`. The file may hold `sha256:` and the token's digest instead.",
  ),
  read_token_file: absolutePath().optional().meta({ examples: ["/etc/vipd/read-token"] }).describe(
    "File with a second token that may read and nothing else, made like the first. With it, reading needs one " +
      "of the two, unless `local_reading` says otherwise; without it, anyone on this machine may read.",
  ),
  local_reading: z.enum(["open", "token"]).optional().describe(
    "Whether users and programs of this machine read without a token (`open`) or only with one (`token`). From other " +
      "machines reading always needs one. Default: `token` if there is a `read_token_file`, else `open`.",
  ),
});

/** One entry of `sync_groups`. */
export const SyncGroupSchema = z.strictObject({
  name: text("name", readName).meta({ examples: ["SG_1"] }).describe("Name in messages."),
  instances: z.array(z.string()).min(1).meta({ examples: [["VI_1", "VI_2"]] })
    .describe("Names of the instances that move together."),
});

/** One entry of `peers`. */
export const PeerApiSchema = z.strictObject({
  name: text("name", readName).meta({ examples: ["lb02"] })
    .describe("Name in the status, on the page and in messages."),
  url: text("URL", readPeerUrl).meta({ examples: ["https://192.168.31.12:9112"] }).describe(
    "Where its API listens: `https://lb02:9112`, `http://192.168.31.12:9112` or `unix:/path`.",
  ),
  token_file: absolutePath().optional().meta({ examples: ["/etc/vipd/lb02.token"] }).describe(
    "File with a token that may read there, where its API wants one: its `api.read_token_file`, copied. Read " +
      "whenever the peer is asked.",
  ),
  ca: absolutePath().optional().meta({ examples: ["/etc/vipd/lb02.pem"] }).describe(
    "File with certificates in PEM that are trusted besides those of the system: its `api.tls.cert`, copied.",
  ),
});

const ProcessSchema = z.strictObject({
  realtime_priority: integer(1, 99, "a low one such as 10: all are above ordinary programs")
    .optional().meta({ examples: [10] }).describe(
      "Real-time priority (SCHED_RR) of vipd's threads, so that adverts leave on time on a machine whose " +
        "processors are all busy. Programs of checks and notifications do not inherit it. Default: none.",
    ),
  nice: integer(-20, 19, "-20 to 19, below 0 to come before others").optional()
    .meta({ examples: [-10] }).describe(
      "Nice value of vipd's threads, where they are not real-time ones. Programs of checks and notifications do not " +
        "inherit one below 0. Default: as it is started.",
    ),
});

/** The whole file. */
export const FileSchema = z.strictObject({
  node: text("name", readName).optional().meta({ examples: ["lb01"] })
    .describe("Name of this load balancer. Default: the machine's host name."),
  api: ApiSchema.prefault({}).describe("The HTTP API."),
  run_dir: absolutePath().prefault(DEFAULT_RUN_DIR)
    .describe("Folder for what lives as long as the daemon."),
  state_dir: absolutePath().prefault(DEFAULT_STATE_DIR).describe(
    "Folder for what outlives the daemon: the overrides in force, and the journal. Made where it is " +
      "missing. Two daemons on one machine need one each.",
  ),
  start_delay: duration(10, HOUR_MS, { zero: true }).prefault(0).describe(
    "How long after its start this node hears no adverts and takes no part in elections, for switch " +
      "ports that pass nothing at first; 0 for not at all.",
  ),
  process: ProcessSchema.prefault({}).describe(
    "How the kernel treats vipd in relation to other programs, for machines that are busy.",
  ),
  checks: z.record(z.string(), CheckSchema).prefault({}).meta({
    examples: [{ web: { type: "http", url: "http://127.0.0.1/" } }],
  })
    .describe("Checks by name; they do nothing until an instance tracks them."),
  instances: z.array(InstanceSchema).min(1)
    .describe("The virtual routers: each a set of addresses that moves between the nodes."),
  interfaces: z.record(z.string(), InterfaceSchema).prefault({}).meta({
    examples: [{ eth1: { up_delay: "15s" } }],
  }).describe("Interfaces by name, whose links need patience wherever an instance uses them."),
  notify: z.array(NotifySchema).prefault([])
    .describe("Where vipd reports events: programs, webhooks, mail."),
  sync_groups: z.array(SyncGroupSchema).prefault([]).describe(
    "Instances that are master on the same node or not at all, such as those of the clients' and of the " +
      "servers' network.",
  ),
  rehearse: RehearseSchema.prefault({}).describe(
    "Rehearsal: how often, and for which names, vipd asks this node's own nginx what it would answer the clients of " +
      "the virtual addresses. Compared with the other node's answers, it says whether the standby would serve.",
  ),
  peers: z.array(PeerApiSchema).prefault([]).describe(
    "The other load balancers' APIs. vipd asks each once a second how it is: `vipd status --all` and the page show " +
      "both nodes, and two masters or settings that differ are seen although no advert passes.",
  ),
});

/** The file, read. Durations are milliseconds, texts with a meaning are values. */
export type FileValues = z.output<typeof FileSchema>;
export type SyncGroupValues = z.output<typeof SyncGroupSchema>;
export type PeerApiValues = z.output<typeof PeerApiSchema>;
export type ProcessValues = z.output<typeof ProcessSchema>;
