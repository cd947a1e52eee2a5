/**
 * Virtual addresses as the file writes them: `192.168.31.5/24`.
 *
 * @module
 */

import {
  canonicalIp,
  type Family,
  familyOf,
  type IpAddress,
  isMulticast,
  parseIp,
} from "../../wire/address.ts";
import type { VrrpVersion } from "../../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../../wire/vrrp_trailer.ts";
import type { AuthenticationConfig } from "../model.ts";
import { failed, ok, quote, type Result } from "./result.ts";

/** An address and the length of its prefix. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

const ADDRESS_BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

const EXAMPLE = "write it as 192.168.31.5/24";
const HOST_EXAMPLE = "write it as 192.168.31.11";
const HOST_REMEDY = "write the address by which other machines reach that machine";

/** An address that a machine can answer for, with its prefix length; without one it is a host's (`/32`). */
export function readVirtualAddress(text: string): Result<Cidr> {
  const slash = text.indexOf("/");
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const address = canonicalIp(addressText);
  if (!address) return notAnAddress(addressText);
  const family = familyOf(address);
  if (slash < 0) return usable({ address, prefixLength: ADDRESS_BITS[family] });
  const prefix = readPrefix(text.slice(slash + 1), family, address);
  return prefix.ok ? usable({ address, prefixLength: prefix.value }) : prefix;
}

/** The address of one machine, without prefix length. */
export function readHostAddress(text: string): Result<IpAddress> {
  if (!text.includes("/") && !canonicalIp(text)) return notAnAddress(text, HOST_EXAMPLE);
  const read = readVirtualAddress(text);
  if (!read.ok) {
    const { code, message } = read.problem;
    // The remedy of a virtual address, a free one, would be wrong here.
    return code === "address_not_usable" ? failed(code, message, HOST_REMEDY) : read;
  }
  const { address } = read.value;
  if (!text.includes("/")) return ok(address);
  return failed("invalid_address", `${quote(text)} has a prefix length`, `write ${address}`);
}

/** The address of a multicast group, without prefix length. */
export function readMulticastGroup(text: string): Result<IpAddress> {
  const address = canonicalIp(text);
  if (address && isMulticast(address)) return ok(address);
  return failed(
    "invalid_multicast_group",
    `${quote(text)} is not the address of a multicast group`,
    "write one of 224.0.0.0/4 or ff00::/8, such as 224.0.0.81 or ff02::51",
  );
}

function notAnAddress(text: string, example = EXAMPLE): Result<never> {
  const withoutZeros = text.replace(/\b0+(?=\d)/g, "");
  const hint = withoutZeros !== text && canonicalIp(withoutZeros)
    ? `leading zeros are ambiguous; write ${withoutZeros}`
    : example;
  return failed("invalid_address", `${quote(text)} is not an IP address`, hint);
}

function readPrefix(text: string, family: Family, address: IpAddress): Result<number> {
  const bits = ADDRESS_BITS[family];
  const length = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (length >= 1 && length <= bits) return ok(length);
  const fromMask = maskLength(text);
  return failed(
    "invalid_address",
    `the prefix length ${quote(text)} is not between 1 and ${bits}`,
    fromMask === null ? EXAMPLE : `write ${address}/${fromMask}`,
  );
}

/** Prefix length of a netmask (`255.255.255.0`), or `null`. */
function maskLength(text: string): number | null {
  const mask = parseIp(text);
  if (mask?.length !== 4) return null;
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, "0")).join("");
  return /^1+0*$/.test(bits) ? bits.replaceAll("0", "").length : null;
}

function usable(cidr: Cidr): Result<Cidr> {
  const kind = familyOf(cidr.address) === "ipv4" ? unusableIpv4(cidr) : unusableIpv6(cidr);
  if (kind === null) return ok(cidr);
  return failed(
    "address_not_usable",
    `${cidr.address}/${cidr.prefixLength} is ${kind}, which no machine can answer for`,
    "choose a free address of the clients' network",
  );
}

/** The reason that keeps an IPv4 address from being a virtual one (RFC 6890, RFC 1122 section 3.2.1.3). */
function unusableIpv4({ address, prefixLength }: Cidr): string | null {
  const octets = parseIp(address)!;
  const first = octets[0]!;
  if (first === 0) return "an unspecified address";
  if (first === 127) return "a loopback address";
  if (first >= 224 && first < 240) return "a multicast address";
  if (first >= 240) return "a reserved or broadcast address";
  // Networks of one or two addresses have neither (RFC 3021).
  if (prefixLength > 30) return null;
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const hosts = 2 ** (32 - prefixLength);
  if (value % hosts === 0) return "its network's own address";
  if (value % hosts === hosts - 1) return "its network's broadcast address";
  return null;
}

function unusableIpv6({ address }: Cidr): string | null {
  if (address === "::") return "an unspecified address";
  if (address === "::1") return "the loopback address";
  return address.startsWith("ff") ? "a multicast address" : null;
}

/** Most octets of an IP packet on Ethernet. */
const MTU_OCTETS = 1500;

/** How many addresses an advertisement holds: its count is one octet, and it must fit in one packet. */
export function maximumAddresses(
  version: VrrpVersion,
  family: Family,
  authentication: AuthenticationConfig["type"],
): number {
  const ipHeader = family === "ipv4" ? 20 : 40;
  const trailers = (version === 2 ? 8 : 0) + (authentication === "hmac" ? TRAILER_OCTETS : 0);
  const space = MTU_OCTETS - ipHeader - 8 - trailers;
  return Math.min(255, Math.floor(space / (family === "ipv4" ? 4 : 16)));
}
