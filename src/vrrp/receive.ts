/**
 * The receive checks that need an instance's configuration (RFC 9568 section 7.1, RFC 3768 section 7.1).
 *
 * @module
 */

import { familyOf, type IpAddress, isIpv6LinkLocal, isMulticast } from "../wire/address.ts";
import {
  type Advertisement,
  type AuthenticationField,
  type DecodeError,
  type Envelope,
  VRRP_TTL,
  type VrrpVersion,
} from "../wire/vrrp.ts";

/** Why a received datagram was discarded. Each is a counter of the same name. */
export type DropReason =
  | DecodeError
  /** TTL or hop limit other than 255 (unicast: below the configured one): it may come from beyond the link. */
  | "ttl"
  /** To another multicast group than the instance's. */
  | "multicast_group"
  /** By unicast where multicast is expected, or the other way round. */
  | "unicast_mode"
  /** By unicast from an address that is no peer. */
  | "unicast_source"
  /** Our own advert came back. */
  | "own_packet"
  /** Too many packets came at once, so this one was not read; the count is an upper bound. */
  | "unread"
  /** No instance with this VRID on this interface. */
  | "unknown_vrid"
  /** Of another pair with the same VRID: none of its addresses is ours, and nothing shows that the sender is of ours. */
  | "foreign_vrid"
  /** No addresses at all where we advertise some (RFC 9568 section 5.2.5, erratum 8299). */
  | "address_count_zero"
  /** IPv6: the first address is not link-local, and ours is (RFC 9568 section 5.2.9, erratum 8300). */
  | "address_list"
  /** Authentication type differs from the configured one (RFC 3768 section 5.3.6). */
  | "authentication_type"
  /** The password differs. */
  | "authentication_failed"
  /** No HMAC trailer where one is demanded (draft-cassen-vrrp-auth-hmac). */
  | "hmac_missing"
  /** A trailer of an unknown kind. */
  | "hmac_malformed"
  /** The sender's clock differs too much from ours, or the advert is an old one. */
  | "hmac_stale"
  /** Signed with a key that is not configured. */
  | "hmac_unknown_key"
  /** The digest is wrong: another key of the same number, or the advert was changed. */
  | "hmac_failed"
  /** Not later than the last advert of its sender. */
  | "hmac_replayed"
  /** Version 3 with interval 0 (erratum 8301). */
  | "interval_zero"
  /** Version 2 with another interval than ours (RFC 3768 section 7.1). */
  | "interval_mismatch";

/** A difference of a peer that is not wrong enough for its adverts to be discarded. */
export type Mismatch = "interval" | "addresses" | "owner";

/** An instance's expectations of the adverts that it accepts. */
export interface ReceiveExpectation {
  readonly version: VrrpVersion;
  readonly priority: number;
  readonly advertIntervalCs: number;
  /** Version 2: what must stand in the packet; version 3 ignores it. */
  readonly authentication: AuthenticationField;
  /** The addresses that we advertise; if there is none, any list is accepted. */
  readonly addresses: readonly IpAddress[];
}

/** The outcome for one decoded advertisement. */
export type Verdict =
  | { readonly accept: true; readonly mismatches: readonly Mismatch[] }
  | { readonly accept: false; readonly reason: DropReason };

/** An instance's expectations of the IP header around its adverts. */
export type EnvelopeExpectation =
  | { readonly kind: "multicast"; readonly group: IpAddress }
  | {
    readonly kind: "unicast";
    readonly peers: readonly IpAddress[];
    /** Least TTL or hop limit. */
    readonly minTtl: number;
  };

/** The fields of the IP header that are checked. */
export interface ReceivedEnvelope extends Envelope {
  readonly ttl: number;
}

/**
 * The checks of the IP header, before the message is looked at; `null` when all is right.
 *
 * Multicast: the TTL or hop limit is 255 (RFC 9568 section 7.1). Unicast, which the RFC does not know: from a peer,
 * and with a TTL not below the configured one; peers may be some routers away.
 */
export function checkEnvelope(
  envelope: ReceivedEnvelope,
  expected: EnvelopeExpectation,
): DropReason | null {
  if (expected.kind === "multicast") {
    if (envelope.destination === expected.group) return checkTtl(envelope.ttl);
    return isMulticast(envelope.destination) ? "multicast_group" : "unicast_mode";
  }
  if (isMulticast(envelope.destination)) return "unicast_mode";
  if (!expected.peers.includes(envelope.source)) return "unicast_source";
  return envelope.ttl >= expected.minTtl ? null : "ttl";
}

/** RFC 9568 section 7.1; `null` when the TTL or hop limit is right. */
export function checkTtl(ttl: number): DropReason | null {
  return ttl === VRRP_TTL ? null : "ttl";
}

/** The checks of one instance, in the RFC's order; the first that fails decides. */
export function checkAdvertisement(
  advertisement: Advertisement,
  expected: ReceiveExpectation,
): Verdict {
  const reason = dropReason(advertisement, expected);
  return reason
    ? { accept: false, reason }
    : { accept: true, mismatches: mismatches(advertisement, expected) };
}

function dropReason(
  advertisement: Advertisement,
  expected: ReceiveExpectation,
): DropReason | null {
  if (advertisement.version !== expected.version) return "version";
  const listProblem = addressListProblem(advertisement.addresses, expected.addresses);
  if (listProblem === "address_count_zero") return listProblem;
  if (advertisement.version === 3) {
    // RFC 9568 section 7.1 with erratum 8301. Another interval than ours is learned, not discarded.
    if (advertisement.intervalCs === 0) return "interval_zero";
    return listProblem;
  }
  const authentication = authenticationError(advertisement.authentication, expected.authentication);
  if (authentication) return authentication;
  // RFC 3768 section 7.1: Adver Int must be the locally configured one.
  return advertisement.intervalCs === expected.advertIntervalCs ? null : "interval_mismatch";
}

/**
 * RFC 9568 sections 5.2.5 and 7.1 with errata 8299 and 8300. An instance that sends against the RFC itself accepts the
 * same from its peers.
 */
function addressListProblem(
  [received]: readonly IpAddress[],
  [own]: readonly IpAddress[],
): "address_count_zero" | "address_list" | null {
  if (own === undefined) return null;
  if (received === undefined) return "address_count_zero";
  return isFirstAddressFit([received]) || !isFirstAddressFit([own]) ? null : "address_list";
}

/** RFC 9568 section 5.2.9: the first IPv6 address is the link-local one of the virtual router. */
export function isFirstAddressFit([first]: readonly IpAddress[]): boolean {
  return first === undefined || familyOf(first) === "ipv4" || isIpv6LinkLocal(first);
}

/** RFC 3768 section 5.3.6: type 0 carries data that is ignored; type 1 (RFC 2338) compares all eight octets. */
function authenticationError(
  received: AuthenticationField | undefined,
  expected: AuthenticationField,
): DropReason | null {
  if (received?.type !== expected.type) return "authentication_type";
  if (expected.type === 0) return null;
  // Looks at every octet, so that the time taken shows nothing about the password.
  let difference = 0;
  for (const [index, octet] of expected.data.entries()) {
    difference |= octet ^ (received.data[index] ?? 0);
  }
  return difference === 0 ? null : "authentication_failed";
}

function mismatches(advertisement: Advertisement, expected: ReceiveExpectation): Mismatch[] {
  const found: Mismatch[] = [];
  // RFC 9568 section 7.1: SHOULD be logged, is not a reason to discard.
  if (advertisement.intervalCs !== expected.advertIntervalCs) found.push("interval");
  // RFC 9568 section 7.1: MAY be checked. Discarding would turn an address added on one node first into two masters.
  const compared = expected.addresses.length > 0;
  if (compared && !sameAddresses(advertisement.addresses, expected.addresses)) {
    found.push("addresses");
  }
  // RFC 9568 section 8.3.2: two routers that both say they own the addresses.
  if (advertisement.priority === 255 && expected.priority === 255) found.push("owner");
  return found;
}

/**
 * True when two lists of advertised addresses have nothing in common, which is how two pairs of one VRID differ. Without
 * an address, nobody says whose advert it is.
 */
export function disjoint(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length > 0 && b.length > 0 && !a.some((address) => b.includes(address));
}

/** The same set, in any order (RFC 9568 section 5.2.9 only recommends one order). */
function sameAddresses(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
