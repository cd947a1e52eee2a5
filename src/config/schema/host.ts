/**
 * The keys for what a master adds to its host in addition to the addresses.
 *
 * @module
 */

import * as z from "zod";
import { readBroadcast, readDestination, readNetwork } from "../values/host_values.ts";
import { readInterfaceName } from "../values/values.ts";
import { readHostAddress } from "../values/virtual_address.ts";
import { choice, integer, text } from "./fields.ts";

const MAX_NUMBER = 0xffff_ffff;

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
  broadcast: text("`auto`, `none` or address", readBroadcast).optional()
    .describe(
      "IPv4 only. Its broadcast address; `auto` takes the last one of the network. Default: none.",
    ),
};

/** An instance's `virtual_mac`. */
export const VirtualMacSchema = z.union([
  z.boolean(),
  z.strictObject({
    interface: text("interface name", readInterfaceName).meta({ examples: ["vrrp.55"] })
      .describe("Name of the interface that vipd makes, and removes when it ends."),
  }),
], { error: () => "true, false or a mapping with `interface`" });

/** One entry of an instance's `routes`. */
export const RouteSchema = z.strictObject({
  to: text("network", readDestination).meta({ examples: ["10.1.0.0/16"] })
    .describe("Where the route leads: a network, an address or `default`."),
  via: text("address", readHostAddress).optional().meta({ examples: ["192.168.31.1"] })
    .describe("The gateway. Default: none, the network is on the link."),
  device: text("interface name", readInterfaceName).optional().describe(
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
});

/** One entry of an instance's `rules`. */
export const RuleSchema = z.strictObject({
  from: text("network", readNetwork).optional().meta({ examples: ["192.168.31.5"] })
    .describe("Packets from this network or address. Default: any."),
  to: text("network", readNetwork).optional().meta({ examples: ["10.1.0.0/16"] })
    .describe("Packets to this network or address. Default: any."),
  fwmark: integer(1, MAX_NUMBER, "the mark that the firewall sets").optional()
    .describe("Packets with this mark of the firewall. Default: any."),
  iif: text("interface name", readInterfaceName).optional()
    .describe("Packets that came in by this interface. Default: any."),
  oif: text("interface name", readInterfaceName).optional()
    .describe("Packets of programs that have bound themselves to this interface. Default: any."),
  table: table().describe("The routing table that these packets follow."),
  priority: integer(1, MAX_NUMBER, "below 32766 to come before the main table")
    .meta({ examples: [1000] })
    .describe("Place among the rules, the lowest first; the main table is at 32766."),
});

export type VirtualMacValues = z.output<typeof VirtualMacSchema>;
export type RouteValues = z.output<typeof RouteSchema>;
export type RuleValues = z.output<typeof RuleSchema>;
