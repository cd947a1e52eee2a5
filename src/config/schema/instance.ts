/**
 * One entry of `instances`: every key of a virtual router.
 *
 * @module
 */

import * as z from "zod";
import { readClientCheck, readHostHeader, readRequestPath } from "../values/client_check.ts";
import { DEFAULT_PRIORITY, USUAL_DAMPING } from "../values/defaults.ts";
import { formatDuration } from "../values/durations.ts";
import { readHmacKey } from "../values/hmac_key.ts";
import { readLease } from "../values/lease.ts";
import { readName, readPassword } from "../values/values.ts";
import {
  readHostAddress,
  readMulticastGroup,
  readVirtualAddress,
} from "../values/virtual_address.ts";
import {
  absolutePath,
  choice,
  DAY_MS,
  duration,
  HOUR_MS,
  integer,
  interfaceName,
  plainText,
  text,
  textOrNumber,
  weight,
} from "./fields.ts";
import { ADDRESS_OPTIONS, RouteSchema, RuleSchema, VirtualMacSchema } from "./host.ts";

const HmacKeySchema = z.strictObject({
  id: integer(0, 255, "the number that the key has on all nodes").meta({ examples: [1] })
    .describe("Number of the key, the same on all nodes."),
  key: text("hexadecimal digits", readHmacKey).optional().describe(
    "32 to 64 octets in hexadecimal digits. Put it in quotes. Either this or `key_file`.",
  ),
  key_file: absolutePath().optional().meta({ examples: ["/etc/vipd/vrrp.key"] }).describe(
    "File that holds the digits instead, read when the configuration is.",
  ),
}).meta({ examples: [{ id: 1, key_file: "/etc/vipd/vrrp.key" }] });

const HmacSchema = z.strictObject({
  type: z.literal("hmac").describe(
    "Each advert is signed (draft-cassen-vrrp-auth-hmac, as keepalived from 2.4 on does it), in version 2 and 3.",
  ),
  keys: z.array(HmacKeySchema).min(1).meta({
    examples: [[{ id: 1, key_file: "/etc/vipd/vrrp.key" }]],
  }).describe(
    "Adverts that are signed with any of these are accepted. Two or more while keys change.",
  ),
  active_key: integer(0, 255, "the `id` of one of the keys").optional().meta({ examples: [1] })
    .describe("`id` of the key that signs this node's adverts. Default: the first one."),
  replay: choice("time", "monotonic").prefault("time").describe(
    "What keeps recorded adverts out. `time`: adverts must be of now, so the nodes' clocks must agree within " +
      "`window`; `monotonic`: each must be later than the last one of its sender.",
  ),
  window: duration(1000, 300_000).optional().meta({ examples: ["5s"] }).describe(
    "How much the clocks may differ. Default: 5s, or three `advert_interval` where that is longer.",
  ),
  mode: choice("enforce", "permissive", "receive_only").prefault("enforce").describe(
    "`enforce`: adverts that are not signed are discarded. To sign on running nodes one by one: `receive_only` " +
      "accepts them and signs none itself, `permissive` accepts them and signs.",
  ),
});

const AuthenticationSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none").describe("No authentication.") }),
  z.strictObject({
    type: z.literal("pass").describe("The password travels in clear text with each advert."),
    password: text("password", readPassword).meta({ examples: ["secret12"] })
      .describe(
        "1 to 8 characters, the same on both nodes; one that is not ASCII counts as two to four. Put it in quotes.",
      ),
  }),
  HmacSchema,
]);

const AddressObject = z.strictObject({
  address: text("address", readVirtualAddress).meta({ examples: ["192.168.31.5/24"] })
    .describe("The address and the length of its prefix; without one, /32."),
  device: interfaceName().optional()
    .describe("Interface that carries the address. Default: the instance's `interface`."),
  label: plainText("label", 1, 64).optional().meta({ examples: ["eth1:1"] })
    .describe("Name under which `ifconfig` and `ip address` show the address, such as `eth1:1`."),
  advertise: z.boolean().prefault(true).describe(
    "false: the master carries the address, but its adverts do not name it. Not for the first address.",
  ),
  ...ADDRESS_OPTIONS,
});

/** One entry of an instance's `addresses`; the short form is the long one's `address` alone. */
export const AddressSchema = z.union([
  text("address", readVirtualAddress),
  AddressObject,
], { error: () => "an address such as 192.168.31.5/24" }).transform((entry) =>
  "prefixLength" in entry ? { address: entry, advertise: true } : entry
);

/** One entry of an instance's `track`. */
export const TrackSchema = z.strictObject({
  check: z.string().optional().meta({ examples: ["web"] }).describe(
    "Name of a check under `checks`.",
  ),
  interface: interfaceName().optional()
    .describe("An interface that must be up and have a carrier. Either this or `check`."),
  weight: weight().optional().meta({ examples: [-60] }).describe(
    "Without a weight, a failure takes the instance out of the election (fault). With one it moves the " +
      "priority: a negative weight is added while the tracked thing fails, a positive one while it is well.",
  ),
  when_down: choice("fault", "last_resort").optional().describe(
    "What a failure means, instead of `weight`. `fault`, as without either: the instance is out of the election. " +
      "`last_resort`: it lets another node serve, and serves only if no other does. For checks that reach through to " +
      "the backends and so may fail on all nodes at once.",
  ),
  reverse: z.boolean().prefault(false).describe(
    "true turns the meaning: without a weight, a success takes the instance out of the election; with one " +
      "it is subtracted where it would be added. For a check of something that must not be.",
  ),
});

const AnnounceSchema = z.strictObject({
  delay: duration(100, HOUR_MS, { zero: true }).prefault("5s").describe(
    "Time after a takeover when the addresses are announced a second time, for switches and hosts that " +
      "missed the first; 0 for never.",
  ),
  repeat: integer(1, 100, "how often each announcement is repeated").prefault(5)
    .describe("How often the first two announcements are repeated back to back."),
  refresh: duration(1000, DAY_MS, { zero: true }).prefault(0)
    .describe("Time between further announcements while master; 0 for none."),
  refresh_repeat: integer(1, 100, "how often each further announcement is repeated").prefault(1)
    .describe("How often each further announcement is repeated back to back."),
  interval: duration(1, 1000, { zero: true }).prefault(0).describe(
    "Least time between two announcements, for switches that cannot take many at once; 0 for none.",
  ),
  repeat_lower_priority: integer(0, 100, "how often it is repeated, or 0 for no announcement")
    .optional().describe(
      "As `repeat`, when a master of lower priority was heard: caches may point at it. 0 for no " +
        "announcement. Default: `repeat`.",
    ),
  delay_lower_priority: duration(100, HOUR_MS, { zero: true }).optional().meta({ examples: ["5s"] })
    .describe("As `delay`, when a master of lower priority was heard. Default: `delay`."),
});

/** One entry of `unicast.peers`. */
export const PeerSchema = text("address", readHostAddress);

const UnicastSchema = z.strictObject({
  peers: z.array(PeerSchema).min(1).meta({ examples: [["192.168.31.12"]] }).describe(
    "The other nodes' addresses: adverts go to each of them, and are accepted from them alone.",
  ),
  ttl: integer(1, 255, "255, or less to keep adverts from going far").prefault(255)
    .describe("TTL (IPv6: hop limit) of sent adverts."),
  min_ttl: integer(1, 255, "255 where no router lies between the nodes, 1 to accept any").prefault(
    1,
  )
    .describe(
      "Adverts that arrive with a lower TTL (IPv6: hop limit) are discarded. 255 keeps out everything " +
        "from beyond the network, as multicast does.",
    ),
});

const ClientQuestionSchema = z.strictObject({
  type: choice("tcp", "http", "https").describe(
    "`tcp`: the port must accept a connection. `http` and `https`: any answer counts, whatever its status or certificate.",
  ),
  port: integer(1, 65_535, "the port that clients use").meta({ examples: [443] })
    .describe("Port of the virtual address."),
  path: text("path", readRequestPath).prefault("/").describe("http and https: path and query."),
  host: text("host name", readHostHeader).optional().meta({ examples: ["www.example.com"] })
    .describe(
      "http and https: Host header, and the name for TLS. Default: the address.",
    ),
});

const ClientCheckSchema = z.union([
  text("client check", readClientCheck),
  ClientQuestionSchema,
], { error: () => "`auto`, `off`, a text such as tcp:443, or a mapping" });

const DampingSchema = z.strictObject({
  moves: integer(0, 100, "how often the addresses may come and go, or 0 for as often as they will")
    .prefault(USUAL_DAMPING.moves)
    .describe(
      "So many moves are too many: that the addresses come is one, that they go another. 0 for no damping.",
    ),
  within: duration(1000, DAY_MS).prefault(formatDuration(USUAL_DAMPING.withinMs)).describe(
    "Time within which the moves are counted.",
  ),
  hold_after: duration(1000, DAY_MS).prefault(formatDuration(USUAL_DAMPING.holdAfterMs))
    .describe("How long the node is held back, from its last move on."),
});

/** One entry of `instances`. */
export const InstanceSchema = z.strictObject({
  name: text("name", readName).meta({ examples: ["VI_1"] })
    .describe("Name in the API, on the command line and in messages."),
  interface: interfaceName().meta({ examples: ["eth1"] })
    .describe("Interface on which the adverts are sent and heard."),
  track_interface: z.boolean().prefault(true).describe(
    "false: a lost link of `interface` does not take the instance out of the election, for adverts on a cable " +
      "between the nodes and addresses with a `device` of their own.",
  ),
  source_address: text("address", readHostAddress).optional()
    .meta({ examples: ["192.168.31.11"] }).describe(
      "Source of the adverts, one of the interface's own addresses. Default: its first one (IPv6: its " +
        "link-local one). Of two nodes with one priority, the higher address wins.",
    ),
  unicast: UnicastSchema.optional().describe(
    "Sends adverts to named peers instead of to the multicast group, for networks that do not carry " +
      "multicast. On all nodes or on none.",
  ),
  multicast_group: text("multicast address", readMulticastGroup).optional()
    .meta({ examples: ["224.0.0.81"] }).describe(
      "Multicast group of the adverts, the same on both nodes. Default: `224.0.0.18`, with IPv6 `ff02::12`. Not with " +
        "`unicast`.",
    ),
  vrid: integer(1, 255, "the VRID that both nodes use, different from other pairs on this network")
    .meta({ examples: [55] })
    .describe("Virtual router ID: the same on both nodes, no other on this network."),
  priority: integer(
    1,
    255,
    "1 to 254, the higher one on the preferred node; 255 is for the owner of the addresses, 0 is reserved",
  ).prefault(DEFAULT_PRIORITY).describe(
    "The node with the highest priority holds the addresses; 1 to 254, or 255 on the router that owns " +
      "them as its own.",
  ),
  version: z.literal([2, 3]).prefault(2)
    .describe("VRRP version, the same on both nodes. 2 is what keepalived speaks by default."),
  advert_interval: duration(10, 255_000).prefault("1s").describe(
    "Time between two adverts of the master, the same on both nodes. Version 2: whole seconds, 1s to 255s; " +
      "version 3: 10ms to 40.95s in steps of 10ms. A silent master is replaced after a little more than three.",
  ),
  preempt: z.boolean().prefault(true).describe(
    "true: the node with the higher priority takes over whenever it is there. " +
      "false: a master stays master until it fails.",
  ),
  preempt_delay: duration(10, 1_000_000, { zero: true }).prefault(0).describe(
    "How long this node waits before it preempts a master of lower priority, counted from that one's first " +
      "advert; 0 for not at all. If no master is heard, it delays nothing.",
  ),
  sole_backup: z.literal(["auto", true, false]).prefault("auto").describe(
    "Whether this node, as backup, takes over at once when its master says goodbye (priority 0), instead of after " +
      "Skew_Time, which puts several backups in order. `auto`: if `unicast` or `peers` names exactly one other node and the " +
      "goodbye comes from its address. `true`: without either, too. `false`: never. A third router of this VRID that " +
      "was heard within 24 h ends it.",
  ),
  damping: DampingSchema.prefault({}).describe(
    "A node to which the addresses come and from which they go too often is held back: with priority 1 it serves " +
      "only if no other node does, and the alarm `flapping` says so. The command of a person does not count; " +
      "`vipd promote` ends it.",
  ),
  down_timer_adverts: integer(1, 100, "how many adverts may be missing, the same on both nodes")
    .prefault(3).describe(
      "How many adverts must be missing until the master counts as gone: fewer react sooner, more " +
        "forgive a lossy network.",
    ),
  lease: textOrNumber("duration, `auto` or `off`", readLease).prefault("auto").describe(
    "How long the addresses outlast the last advert. Each advert renews it; when vipd dies, hangs or is stopped, the " +
      "kernel removes the addresses at its end. Whole seconds, 2s at least and a second more than " +
      "`advert_interval`. `auto`: `down_timer_adverts` times `advert_interval`, rounded up, within these bounds. `off`: they stay until vipd removes them.",
  ),
  drain: duration(10, 10_000, { zero: true }).prefault(0).describe(
    "How long TCP connections outlive a hand-over, 10s at most; 0 for not at all. The former master keeps the " +
      "addresses for those who are connected, unknown to the neighbours, and the new master forwards their packets to " +
      "it. For two nodes with vipd in one network, set on both; needs nf_tables (Linux 5.12). Not with `virtual_mac`.",
  ),
  authentication: AuthenticationSchema.prefault({ type: "none" }).meta({
    examples: [{ type: "hmac", keys: [{ id: 1, key_file: "/etc/vipd/vrrp.key" }] }],
  })
    .describe(
      "What keeps others out: version 2 can carry a password, which keeps out misconfigured neighbours only; " +
        "`hmac` signs each advert.",
    ),
  checksum: choice("rfc5798", "rfc9568").prefault("rfc5798").describe(
    "Version 3 only: what the checksum of sent adverts covers. `rfc5798`, with the pseudo-header, is what " +
      "keepalived and FRR send; `rfc9568`, the message alone. Both are understood.",
  ),
  addresses: z.array(AddressSchema).meta({ examples: [["192.168.31.5/24"]] }).describe(
    "The virtual addresses, each as `192.168.31.5/24` or as a mapping. `[]`: none, for programs of `notify` that move " +
      "an address elsewhere; such adverts name no address, and routers that follow RFC 9568 discard them. An " +
      "address of the other family needs `advertise: false`.",
  ),
  accept: z.boolean().prefault(true).describe(
    "false: packets to the addresses are dropped without an answer, while ARP and neighbour discovery go " +
      "on: for addresses that are only a gateway, not for nginx. Needs nf_tables (Linux 5.12); without it the " +
      "instance is in fault.",
  ),
  virtual_mac: VirtualMacSchema.prefault(false).describe(
    "true: the addresses have the virtual router's MAC address 00:00:5e:00:01:VRID (IPv6: 02:VRID), so that " +
      "neighbours notice nothing of a takeover. vipd makes an interface for it, `vrrp.VRID` (IPv6: " +
      "`vrrp6.VRID`) or the one named here, on top of `interface`. The network must let a port change its MAC " +
      "address. Multicast adverts have it as source too.",
  ),
  routes: z.array(RouteSchema).prefault([]).describe(
    "Routes that the master adds with the addresses and takes away with them.",
  ),
  rules: z.array(RuleSchema).prefault([]).describe(
    "Policy rules that the master adds with the addresses: which packets follow which routing table.",
  ),
  track: z.array(TrackSchema).prefault([])
    .describe("What must be well for this node to be master."),
  split_brain: choice("alarm", "yield").prefault("alarm").describe(
    "What this node does, in addition to the alarm, when it finds another master that it does not hear. " +
      "`yield`: if that one's adverts arrive but a firewall drops them, or its API in `peers` says that it is master, " +
      "and it is the stronger, this node gives the addresses up until the other is gone. `alarm`: nothing; a person decides.",
  ),
  client_check: ClientCheckSchema.prefault("auto").meta({ examples: ["tcp:443"] }).describe(
    "What this node, as backup, asks the virtual address every 2 s, as a client: `tcp:443`, `http:80`, `https:443`, a " +
      "mapping, or `off` for nothing. `auto`: the port, path and host of the first http check, else of the first tcp " +
      "check, under `track` that asks this node's own server; nothing without one. A failure of `auto` counts once the " +
      "address has answered. Asked is the first address that is not link-local.",
  ),
  announce: AnnounceSchema.prefault({})
    .describe(
      "Gratuitous ARP, or for IPv6 neighbour advertisements: from these the network learns who holds the addresses.",
    ),
});

export type InstanceValues = z.output<typeof InstanceSchema>;
export type AddressValues = z.output<typeof AddressSchema>;
export type TrackValues = z.output<typeof TrackSchema>;
export type UnicastValues = z.output<typeof UnicastSchema>;
