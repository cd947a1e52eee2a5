/**
 * One VRRP instance as a zod schema.
 *
 * @module
 */

import * as z from "zod";
import type { DropReason } from "../../vrrp/receive.ts";
import type { VrrpVersion } from "../../wire/vrrp.ts";
import { commandClient, commandReason } from "./command_origin.ts";
import { DROP_MESSAGES } from "../codes/messages.ts";
import { instancePair } from "./pair.ts";
import {
  authentication,
  count,
  family,
  keysOf,
  named,
  overrideKind,
  priority,
  routerState,
  time,
} from "./terms.ts";

export const dropCounters = z.partialRecord(
  z.enum(keysOf<DropReason>(DROP_MESSAGES)),
  count,
).register(named, {
  id: "DropCounters",
  description: "Discarded packets by reason; a reason that never occurred is absent.",
});

export const address = z.strictObject({
  address: z.string(),
  prefix_length: z.int().min(0).max(128),
  device: z.string(),
  label: z.string().nullable(),
  advertised: z.boolean().describe("Whether the adverts name the address"),
  held: z.boolean().describe("Whether this node has the address on its device"),
}).register(named, { id: "Address", description: "An address that the master carries." });

commandClient.register(named, {
  id: "CommandClient",
  description:
    "Who gave a command: the user at the other end of a unix socket, or the address of a client over TCP, and what " +
    "the client calls itself. With proxy, the name of api.hosts, user and address are the reverse proxy's.",
});

export const override = z.strictObject({
  kind: overrideKind,
  priority,
  since: time,
  until: time.nullable().describe("When it ends by itself; null when it stands until released"),
  by: commandClient.optional().describe("Who gave it; absent where that is not known"),
  reason: commandReason.optional().describe("Why, in the words of whom gave it"),
}).register(named, { id: "Override", description: "An override in force." });

export const counters = z.strictObject({
  advertisements_sent: count,
  /** Adverts that did not leave: the kernel did not take them, or the interface had no carrier. */
  advertisements_failed: count,
  advertisements_received: count,
  priority_zero_sent: count,
  priority_zero_received: count,
  /** Accepted adverts whose checksum covers the message alone: all of version 2, RFC 9568 in version 3 over IPv4. */
  checksum_message: count,
  /** Accepted adverts whose checksum covers a pseudo-header too: RFC 5798 in version 3 over IPv4, all over IPv6. */
  checksum_pseudo_header: count,
  became_master: count,
  released_master: count,
  dropped: dropCounters,
}).register(named, { id: "Counters", description: "What the instance has counted." });

export const clientCheck = z.strictObject({
  /** The target, such as `http://192.168.31.5:80/` or `tcp 192.168.31.5:443`. */
  target: z.string(),
  ok: z.boolean(),
  at: time,
  detail: z.string().describe("What was answered, or why nothing was"),
}).register(named, {
  id: "ClientCheck",
  description: "What a standby got from the virtual address when it last asked as a client.",
});

export const strayAddress = z.strictObject({ address: z.string(), device: z.string() });

/** The rules of a machine's firewall that drop adverts, and what lets them pass. */
export const droppedBy = z.strictObject({ rule: z.string(), command: z.string() });

export const addressConflict = z.strictObject({
  alarm: z.string().describe("The alarm that reports it"),
  message: z.string(),
  hint: z.string(),
}).register(named, {
  id: "AddressConflict",
  description:
    "What shows that another machine has an address of the instance too, though no node of the pair says so.",
});

export const instance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  track_interface: z.boolean().describe("Whether a lost link of the interface is a fault"),
  vrid: z.int().min(1).max(255),
  version: z.literal([2, 3]) satisfies z.ZodType<VrrpVersion>,
  family,
  /** The sync group it moves with; `null` when it moves alone. */
  sync_group: z.string().nullable(),
  state: routerState,
  handing_over: z.boolean().describe("A master that waits for the next one"),
  priority: z.strictObject({
    configured: priority,
    effective: priority,
    /** The changes of the configured value, in order. */
    reasons: z.array(z.strictObject({ what: z.string(), change: z.int() })),
  }),
  preempt: z.boolean().describe("Whether it takes over from a master of lower priority"),
  sole_backup: z.strictObject({
    applies: z.boolean(),
    why: z.string().describe("Why it applies, or why not"),
  }).describe("Whether it takes over at once, as backup, when its master says goodbye"),
  /** The protection against foreign adverts. */
  authentication,
  addresses: z.array(address),
  accept: z.boolean().describe("Whether packets to the addresses are taken"),
  lease: z.strictObject({
    seconds: z.number(),
    renewed_ms_ago: z.number().nullable()
      .describe("null while this node does not hold the addresses"),
  }).nullable().describe("How long the addresses outlast vipd; null when they stay"),
  /** The MAC address of the addresses and the interface that has it; `null` when they have their device's own. */
  virtual_mac: z.strictObject({ mac: z.string(), interface: z.string() }).nullable(),
  /** Routes and policy rules in the words of ip(8), `route 10.1.0.0/16 via 192.168.31.1`, and whether the host has them. */
  routing: z.array(z.strictObject({ entry: z.string(), held: z.boolean() })),
  timers: z.strictObject({
    /** How often this node speaks as master. */
    advert_interval_ms: z.number(),
    /** Skew_Time and Master_Down_Interval as they are now (RFC 9568 section 6.1). */
    skew_time_ms: z.number(),
    master_down_interval_ms: z.number(),
    /** When a new master announces the addresses a second time; 0 for not at all. */
    announce_delay_ms: z.number(),
    preempt_delay_ms: z.number().optional().describe(
      "For how long it leaves a master of lower priority in place; the longest of its sync group. Absent without a delay",
    ),
  }),
  master: z.strictObject({ address: z.string(), priority }).nullable()
    .describe("Who is master as far as this node knows; null when nobody was heard"),
  adverts_missing: z.literal(true).optional()
    .describe("Present on a backup that hears no master, for too long to be by chance"),
  adverts_blocked: z.string().optional()
    .describe("Present while this machine's firewall drops its adverts on their way out: why"),
  adverts_dropped_by: droppedBy.optional()
    .describe("Present while adverts are missed and this machine's firewall is known to drop them"),
  /** When the present state began. */
  since: time,
  /** Why it began: a stable code and one sentence for a person. */
  reason: z.strictObject({ code: z.string(), message: z.string() }),
  /** The reasons why the instance does not run, one sentence each; empty if there are none. */
  faults: z.array(z.string()),
  override: override.nullable(),
  promote_refused: z.string().optional()
    .describe("Present while a promote would be refused: why, as the answer would say"),
  counters,
  address_on_backup: strayAddress.optional()
    .describe("Present where an address is on this machine although it is not master: the first"),
  address_conflict: addressConflict.optional()
    .describe("Present while this node sees that another machine has an address of the instance"),
  other_master: z.string().optional()
    .describe("Present while this node is master and hears another one: the other one's address"),
  /** Whether the service of this instance survives the loss of the node that serves it. */
  pair: instancePair,
  client_check: clientCheck.nullable()
    .describe("What this node last got as a client of the address; null while it does not ask"),
  client_check_unknown: z.string().optional().describe(
    "Present on a backup that is to ask the address and has no answer to judge by: why",
  ),
}).register(named, {
  id: "Instance",
  description: "One VRRP instance.",
});
