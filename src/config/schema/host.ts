/**
 * The keys for what a master adds to its host in addition to the addresses.
 *
 * @module
 */

import * as z from "zod";
import { ROUTE_OPTIONS, type RouteOption } from "../../wire/netlink/route_attributes.ts";
import { readBroadcast, readDestination, readNetwork } from "../values/host_values.ts";
import { readHostAddress } from "../values/virtual_address.ts";
import { choice, integer, interfaceName, text } from "./fields.ts";

const MAX_NUMBER = 0xffff_ffff;
const OPTION_NAMES = Object.keys(ROUTE_OPTIONS) as [RouteOption, ...RouteOption[]];

const table = () =>
  integer(1, MAX_NUMBER, "a number as `ip route show table NUMBER` takes; the main one is 254")
    .meta({ examples: [100] });

const scope = () => choice("global", "link", "host").optional();

/** The settings of the long form of an address, apart from its place. */
export const ADDRESS_OPTIONS = {
  scope: scope().describe(
    "IPv4 only. How far the address is valid; `link` and `host` keep the machine from choosing it as the " +
      "source of what it sends further. Default: global.",
  ),
  broadcast: text("`auto`, `none` or address", readBroadcast).optional().meta({
    examples: ["auto"],
  })
    .describe(
      "IPv4 only. Its broadcast address; `auto` takes the last one of the network. Default: none.",
    ),
};

/** An instance's `virtual_mac`. */
export const VirtualMacSchema = z.union([
  z.boolean(),
  z.strictObject({
    interface: interfaceName().meta({ examples: ["vrrp.55"] })
      .describe("Name of the interface that vipd makes, and removes when it ends."),
  }),
], { error: () => "true, false or a mapping with `interface`" });

const onLink = () =>
  z.boolean().optional().describe(
    "true: the gateway is on the interface's link, whatever networks the interface has. Default: false.",
  );

/** One entry of a route's `next_hops`. */
const NextHopSchema = z.strictObject({
  via: text("address", readHostAddress).optional().meta({ examples: ["192.168.31.1"] })
    .describe("The gateway. Default: none, the network is on the link."),
  device: interfaceName().optional().describe(
    "The interface. Default: the one that reaches the gateway; without `via` the instance's `interface`.",
  ),
  weight: integer(1, 256, "1 to 256").prefault(1).describe("Its share of the packets."),
  on_link: onLink(),
});

const option = (max = MAX_NUMBER) => integer(0, max, "a number as ip-route(8) has it").optional();

/** A route's `options`. */
const RouteOptionsSchema = z.strictObject({
  mtu: option().describe("Largest packet on this way, in octets."),
  advmss: option().describe("Largest segment that TCP announces to the other side, in octets."),
  window: option().describe("Largest window that TCP announces, in octets."),
  hoplimit: option(255).describe("Hop limit (TTL) of the packets."),
  initcwnd: option().describe("First congestion window of TCP, in segments."),
  initrwnd: option().describe("First receive window of TCP, in segments."),
  cwnd: option().describe("Largest congestion window; with `lock` only."),
  ssthresh: option().describe("First slow start threshold."),
  reordering: option().describe("How far packets may come out of order."),
  quickack: option(1).describe("1: TCP acknowledges at once."),
  lock: z.array(choice(...OPTION_NAMES)).optional()
    .describe("The options that the machine does not learn better."),
});

/** One entry of an instance's `routes`. */
export const RouteSchema = z.strictObject({
  to: text("network", readDestination).meta({ examples: ["10.1.0.0/16"] })
    .describe("Where the route leads: a network, an address or `default`."),
  via: text("address", readHostAddress).optional().meta({ examples: ["192.168.31.1"] })
    .describe("The gateway. Default: none, the network is on the link."),
  device: interfaceName().optional().describe(
    "The interface. Default: with `via` the one that reaches the gateway, else the instance's `interface`.",
  ),
  source: text("address", readHostAddress).optional().meta({ examples: ["192.168.31.5"] }).describe(
    "Source address of what the machine itself sends this way, such as a virtual address. Default: " +
      "the machine's choice.",
  ),
  metric: integer(1, MAX_NUMBER, "a whole number; of two routes the lower one wins").optional()
    .describe("The lower one wins. Default: 0 for IPv4, 1024 for IPv6."),
  table: table().prefault(254).describe("Routing table; 254 is the main one."),
  scope: scope().describe(
    "IPv4 only. How far away the destination is. Default: global with `via`, else link.",
  ),
  type: choice("unicast", "blackhole", "unreachable", "prohibit", "throw").prefault("unicast")
    .describe(
      "What becomes of the packets: they go that way, vanish, come back as unreachable or as prohibited, or the " +
        "next table decides.",
    ),
  tos: integer(1, 255, "a number from 1 to 255").optional()
    .describe("IPv4 only. Type of service of the packets. Default: any."),
  on_link: onLink(),
  next_hops: z.array(NextHopSchema).optional().meta({
    examples: [[{ via: "192.168.31.1" }, { via: "192.168.31.2" }]],
  })
    .describe("Two or more ways that share the packets, instead of `via` and `device`."),
  options: RouteOptionsSchema.optional()
    .describe("For what the machine itself sends this way (ip-route(8))."),
});

/** One entry of an instance's `rules`. */
export const RuleSchema = z.strictObject({
  from: text("network", readNetwork).optional().meta({ examples: ["192.168.31.5"] })
    .describe("Packets from this network or address. Default: any."),
  to: text("network", readNetwork).optional().meta({ examples: ["10.1.0.0/16"] })
    .describe("Packets to this network or address. Default: any."),
  fwmark: integer(1, MAX_NUMBER, "the mark that the firewall sets").optional()
    .describe("Packets with this mark of the firewall. Default: any."),
  iif: interfaceName().optional()
    .describe("Packets that came in by this interface. Default: any."),
  oif: interfaceName().optional()
    .describe("Packets of programs that have bound themselves to this interface. Default: any."),
  table: table().describe("The routing table that these packets follow."),
  priority: integer(1, MAX_NUMBER, "below 32766 to come before the main table")
    .meta({ examples: [1000] })
    .describe("Place among the rules, the lowest first; the main table is at 32766."),
}).meta({ examples: [{ from: "192.168.31.5", table: 100, priority: 1000 }] });

export type RouteValues = z.output<typeof RouteSchema>;
export type NextHopValues = z.output<typeof NextHopSchema>;
export type RuleValues = z.output<typeof RuleSchema>;
