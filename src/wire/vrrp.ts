/**
 * VRRP advertisements: octets to values and back.
 *
 * VRRPv2 (RFC 3768 section 5.1), octets 0 to 7, then the addresses, then 8 octets of authentication data:
 *
 *      0                   1                   2                   3
 *     +-------+-------+---------------+---------------+---------------+
 *     |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
 *     +-------+-------+---------------+---------------+---------------+
 *     |   Auth Type   |  Adver Int s  |          Checksum             |
 *     +---------------+---------------+---------------+---------------+
 *
 * VRRPv3 (RFC 9568 section 5.1), octets 0 to 7, then the addresses:
 *
 *     +-------+-------+---------------+---------------+---------------+
 *     |Version| Type  | Virtual Rtr ID|   Priority    |IPvX Addr Count|
 *     +-------+-------+---------------+---------------+---------------+
 *     |Reserve| Max Advertise Int cs  |          Checksum             |
 *     +-------+-----------------------+---------------+---------------+
 *
 * @module
 */

import { type Family, familyOf, formatIp, type IpAddress, parseIp } from "./address.ts";
import { internetChecksum, pseudoHeaderSum, sumWords } from "./checksum.ts";

/** IP protocol number of VRRP. */
export const VRRP_PROTOCOL = 112;
/** The destination of advertisements (RFC 9568 section 5.1.1.2 and 5.1.2.2). */
export const VRRP_GROUP: Readonly<Record<Family, IpAddress>> = {
  ipv4: "224.0.0.18",
  ipv6: "ff02::12",
};
/** The TTL or hop limit that an advertisement must carry (RFC 9568 section 5.1.1.3). */
export const VRRP_TTL = 255;
/** The priority with which a master announces that it stops (RFC 9568 section 5.2.4). */
export const PRIORITY_RELEASE = 0;
/** The priority of the router that owns the addresses (RFC 9568 section 5.2.4). */
export const PRIORITY_OWNER = 255;
/** Highest Max Advertise Interval: twelve bits of centiseconds. */
export const MAX_INTERVAL_CS = 0xfff;

export type VrrpVersion = 2 | 3;

/** The octets that the v3 IPv4 checksum covers: with pseudo-header (RFC 5798) or the message alone (RFC 9568). */
export type ChecksumForm = "message" | "pseudo_header";

/** Authentication of VRRPv2: type 0 is none, 1 is a plain-text password (RFC 2338 section 5.3.6). */
export interface AuthenticationField {
  readonly type: number;
  /** Always eight octets. */
  readonly data: Uint8Array;
}

/** One ADVERTISEMENT message. */
export interface Advertisement {
  readonly version: VrrpVersion;
  readonly vrid: number;
  readonly priority: number;
  /** Centiseconds; in version 2 a multiple of 100. */
  readonly intervalCs: number;
  readonly addresses: readonly IpAddress[];
  /** Version 2 only. */
  readonly authentication?: AuthenticationField;
}

/** The addresses of the IP header that carries a message; the checksum includes them if it has a pseudo-header. */
export interface Envelope {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** Why octets are no advertisement. Each reason is a counter of the same name. */
export type DecodeError = "packet_length" | "version" | "invalid_type" | "checksum";

export type Decoded =
  | {
    readonly ok: true;
    readonly advertisement: Advertisement;
    readonly checksumForm: ChecksumForm;
    /** The octets after the message, if the caller allows a trailer and there is one; a view of the payload. */
    readonly trailer?: Uint8Array;
  }
  | { readonly ok: false; readonly error: DecodeError };

const HEADER_OCTETS = 8;
const AUTHENTICATION_OCTETS = 8;
/** The only type of message. */
export const TYPE_ADVERTISEMENT = 1;
const CHECKSUM_OFFSET = 6;

function addressOctets(family: Family): number {
  return family === "ipv4" ? 4 : 16;
}

/** The VRID of a message that cannot be decoded, so that its virtual router counts the discard. */
export function peekVrid(payload: Uint8Array): number | null {
  return payload.length >= 2 && payload[1] !== 0 ? payload[1]! : null;
}

/**
 * The octets of an advertisement, checksum included.
 *
 * `checksumForm` matters for version 3 over IPv4 only: version 2 never has a pseudo-header
 * (RFC 3768 section 5.3.8), IPv6 always has one (RFC 9568 section 5.2.8).
 *
 * @throws {RangeError} if an address is not one of the envelope's family, or a value does not fit its field.
 */
export function encodeAdvertisement(
  advertisement: Advertisement,
  envelope: Envelope,
  checksumForm: ChecksumForm,
): Uint8Array<ArrayBuffer> {
  const { version, vrid, priority, intervalCs, addresses } = advertisement;
  assertFits("VRID", vrid, 0xff);
  assertFits("priority", priority, 0xff);
  assertFits("address count", addresses.length, 0xff);
  if (version === 2) assertFits("interval in seconds", intervalCs / 100, 0xff);
  else assertFits("interval in centiseconds", intervalCs, MAX_INTERVAL_CS);
  const family = familyOf(envelope.source);
  const size = addressOctets(family);
  const trailer = version === 2 ? AUTHENTICATION_OCTETS : 0;
  const octets = new Uint8Array(HEADER_OCTETS + addresses.length * size + trailer);
  octets[0] = (version << 4) | TYPE_ADVERTISEMENT;
  octets[1] = vrid;
  octets[2] = priority;
  octets[3] = addresses.length;
  if (version === 2) {
    octets[4] = advertisement.authentication?.type ?? 0;
    octets[5] = intervalCs / 100;
    octets.set(advertisement.authentication?.data ?? [], octets.length - AUTHENTICATION_OCTETS);
  } else {
    octets[4] = intervalCs >> 8;
    octets[5] = intervalCs & 0xff;
  }
  for (const [index, address] of addresses.entries()) {
    const value = parseIp(address);
    if (value?.length !== size) {
      throw new RangeError(`Cannot encode advertisement: "${address}" is not ${family}`);
    }
    octets.set(value, HEADER_OCTETS + index * size);
  }
  writeChecksum(octets, envelope, checksumForm);
  return octets;
}

/** Computes the checksum over all of `octets` and writes it into its field, whatever the field contains. */
export function writeChecksum(
  octets: Uint8Array,
  { source, destination }: Envelope,
  checksumForm: ChecksumForm,
): void {
  octets.fill(0, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 2);
  const version = octets[0]! >> 4;
  const ipv6 = familyOf(source) === "ipv6";
  const withPseudoHeader = version === 3 && (ipv6 || checksumForm === "pseudo_header");
  const initial = withPseudoHeader
    ? pseudoHeaderSum(source, destination, VRRP_PROTOCOL, octets.length)
    : 0;
  const checksum = internetChecksum(octets, initial);
  octets[CHECKSUM_OFFSET] = checksum >> 8;
  octets[CHECKSUM_OFFSET + 1] = checksum & 0xff;
}

function assertFits(what: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(
    `Cannot encode advertisement: ${what} ${value} is not within 0 to ${maximum}`,
  );
}

/**
 * The advertisement in the payload of one IP datagram. Never throws, whatever the octets are.
 *
 * Checks version for the family, type, exact length and checksum (version 3 over IPv4: either form). Does not check
 * TTL, VRID, authentication, interval, address count and list: those need the configuration and are the receive checks
 * of `vrrp/receive.ts`.
 *
 * @param trailerOctets length of the trailer that may follow the message (`wire/vrrp_trailer.ts`); 0 if none may.
 */
export function decodeAdvertisement(
  payload: Uint8Array,
  envelope: Envelope,
  trailerOctets = 0,
): Decoded {
  if (payload.length < HEADER_OCTETS) return { ok: false, error: "packet_length" };
  const family = familyOf(envelope.source);
  const version = payload[0]! >> 4;
  // RFC 9568 section 7.1; VRRPv2 exists for IPv4 only.
  if (version !== 3 && !(version === 2 && family === "ipv4")) {
    return { ok: false, error: "version" };
  }
  if ((payload[0]! & 0xf) !== TYPE_ADVERTISEMENT) return { ok: false, error: "invalid_type" };
  const size = addressOctets(family);
  const count = payload[3]!;
  const addressesEnd = HEADER_OCTETS + count * size;
  // The exact length, as every deployed receiver demands: a CARP message starts like VRRPv2, and only its length
  // distinguishes it.
  const expected = addressesEnd + (version === 2 ? AUTHENTICATION_OCTETS : 0);
  const hasTrailer = trailerOctets > 0 && payload.length === expected + trailerOctets;
  if (payload.length !== expected && !hasTrailer) return { ok: false, error: "packet_length" };
  // Over IPv6 the checksum is the transport's and covers the trailer; over IPv4 the message's own checksum does not.
  const summed = family === "ipv6" ? payload : payload.subarray(0, expected);
  const checksumForm = verifyChecksum(summed, version, family, envelope);
  if (!checksumForm) return { ok: false, error: "checksum" };
  const addresses: IpAddress[] = [];
  for (let at = HEADER_OCTETS; at < addressesEnd; at += size) {
    addresses.push(formatIp(payload.subarray(at, at + size)));
  }
  const header = { vrid: payload[1]!, priority: payload[2]!, addresses };
  const advertisement: Advertisement = version === 2
    ? {
      version,
      ...header,
      intervalCs: payload[5]! * 100,
      authentication: { type: payload[4]!, data: payload.slice(addressesEnd, expected) },
    }
    // The Reserve nibble is ignored on reception (RFC 9568 section 5.2.6).
    : { version, ...header, intervalCs: ((payload[4]! & 0xf) << 8) | payload[5]! };
  const trailer = hasTrailer ? { trailer: payload.subarray(expected) } : {};
  return { ok: true, advertisement, checksumForm, ...trailer };
}

/** The form of checksum that verifies, or `null`. A correct sum including the checksum field folds to zero. */
function verifyChecksum(
  payload: Uint8Array,
  version: 2 | 3,
  family: Family,
  envelope: Envelope,
): ChecksumForm | null {
  const messageSum = sumWords(payload);
  if (version === 3) {
    const pseudo = pseudoHeaderSum(
      envelope.source,
      envelope.destination,
      VRRP_PROTOCOL,
      payload.length,
    );
    if (internetChecksum(new Uint8Array(), messageSum + pseudo) === 0) return "pseudo_header";
    if (family === "ipv6") return null;
  }
  return internetChecksum(new Uint8Array(), messageSum) === 0 ? "message" : null;
}

/** The eight octets of a version 2 password: cut or zero-padded, as every deployed router does it. */
export function passwordOctets(password: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(AUTHENTICATION_OCTETS);
  octets.set(new TextEncoder().encode(password).subarray(0, AUTHENTICATION_OCTETS));
  return octets;
}
