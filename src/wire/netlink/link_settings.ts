/**
 * Settings of links in netlink messages. ip-sysctl documents them and /proc/sys/net shows them.
 *
 * @module
 */

import { concatenate } from "../octets.ts";
import { decodeAttributes, encodeAttribute, viewOf } from "./netlink.ts";
import { AF_INET, AF_INET6, encodeLinkQuery } from "./rtnetlink.ts";

const IFINFOMSG_OCTETS = 16;
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const IFLA_INET6_CONF = 2;
/** DEVCONF_FORWARDING in linux/ipv6.h, where the numbers begin at 0. */
const FORWARDING = 0;

/** IPv4 settings by their names in ip-sysctl, with their numbers in linux/ip.h, which begin at 1. */
const IPV4_SETTINGS = {
  rp_filter: 8,
  arp_announce: 18,
  arp_ignore: 19,
  promote_secondaries: 20,
} as const;

export type Ipv4Setting = keyof typeof IPV4_SETTINGS;

/**
 * An IPv4 setting of the link in the payload of RTM_NEWLINK, or `null` if the message lacks it. An answer nests it:
 * IFLA_AF_SPEC, AF_INET, IFLA_INET_CONF, which is an array of __u32.
 */
export function decodeIpv4Setting(payload: Uint8Array, setting: Ipv4Setting): number | null {
  const at = IPV4_SETTINGS[setting] - 1;
  return decodeSetting(payload, [IFLA_AF_SPEC, AF_INET, IFLA_INET_CONF], at);
}

/** The payload of RTM_SETLINK that sets one. A request nests one attribute for each setting in IFLA_INET_CONF. */
export function encodeIpv4Setting(
  index: number,
  setting: Ipv4Setting,
  value: number,
): Uint8Array<ArrayBuffer> {
  const number = new Uint8Array(4);
  viewOf(number).setUint32(0, value, true);
  const nested = [IPV4_SETTINGS[setting], IFLA_INET_CONF, AF_INET, IFLA_AF_SPEC].reduce(
    (inner, type) => encodeAttribute(type, inner),
    number,
  );
  return concatenate([encodeLinkQuery(index), nested]);
}

/** Whether the link in the payload of RTM_NEWLINK forwards IPv6, or `null` if the message does not say. */
export function decodeIpv6Forwarding(payload: Uint8Array): boolean | null {
  const setting = decodeSetting(payload, [IFLA_AF_SPEC, AF_INET6, IFLA_INET6_CONF], FORWARDING);
  return setting === null ? null : setting !== 0;
}

/** One number of the array that a link's message nests under these attributes. */
function decodeSetting(
  payload: Uint8Array,
  nests: readonly number[],
  index: number,
): number | null {
  let octets = payload.subarray(IFINFOMSG_OCTETS);
  for (const nest of nests) octets = decodeAttributes(octets).get(nest) ?? new Uint8Array();
  const at = index * 4;
  return at + 4 <= octets.length ? viewOf(octets).getUint32(at, true) : null;
}
