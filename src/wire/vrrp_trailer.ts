/**
 * The HMAC trailer that an advertisement may carry (draft-cassen-vrrp-auth-hmac), 28 octets after the message of either
 * version; version 2 keeps its eight octets of authentication data before it:
 *
 *     +---------------+---------------+---------------+---------------+
 *     |  Ext Type = 1 |    Key ID     |          Reserved = 0         |
 *     +---------------+---------------+---------------+---------------+
 *     |                    Seconds since the epoch                    |
 *     +-------------------------------+-------------------------------+
 *     |       1/65536 of a second     |            Counter            |
 *     +-------------------------------+-------------------------------+
 *     |      first 16 octets of HMAC-SHA256                           |
 *
 * The HMAC covers family, version, VRID, source and message, not destination, TTL and checksum.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { familyOf, type IpAddress, parseIp } from "./address.ts";
import { type Envelope, writeChecksum } from "./vrrp.ts";

/** Octets of a trailer. */
export const TRAILER_OCTETS = 28;

/** Ext Type of HMAC-SHA256, cut to 128 bits. */
export const TRAILER_HMAC_SHA256 = 1;

const PREFIX_OCTETS = 12;
const DIGEST_OCTETS = 16;
const PSEUDO_HEADER_OCTETS = 20;

/** A trailer as it stands in an advertisement. */
export interface Trailer {
  /** 1, or a type that this version of the draft does not know. */
  readonly type: number;
  readonly keyId: number;
  /** 0, or a value that this version of the draft does not know. */
  readonly reserved: number;
  /** Seconds, 1/65536 of a second and counter as one number. */
  readonly sequence: bigint;
  readonly digest: Uint8Array;
}

/** A key and its number. */
export interface HmacKey {
  readonly id: number;
  /** 32 to 64 octets. */
  readonly key: Uint8Array;
}

/** The trailer in its 28 octets. */
export function decodeTrailer(octets: Uint8Array): Trailer {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return {
    type: view.getUint8(0),
    keyId: view.getUint8(1),
    reserved: view.getUint16(2),
    sequence: view.getBigUint64(4),
    digest: octets.subarray(PREFIX_OCTETS),
  };
}

/** Seconds since the epoch of a sequence number. */
export function sequenceSeconds(sequence: bigint): number {
  return Number(sequence >> 32n);
}

/** The message of `encodeAdvertisement` with its trailer. */
export function signAdvertisement(
  message: Uint8Array,
  envelope: Envelope,
  { id, key }: HmacKey,
  sequence: bigint,
): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(message.length + TRAILER_OCTETS);
  octets.set(message);
  const view = new DataView(octets.buffer);
  view.setUint8(message.length, TRAILER_HMAC_SHA256);
  view.setUint8(message.length + 1, id);
  view.setBigUint64(message.length + 4, sequence);
  octets.set(trailerDigest(octets, envelope.source, key), message.length + PREFIX_OCTETS);
  // Over IPv6 the checksum is the transport's and covers all octets of the datagram; over IPv4 it is the message's.
  if (familyOf(envelope.source) === "ipv6") writeChecksum(octets, envelope, "pseudo_header");
  return octets;
}

/**
 * The digest of an advertisement: HMAC-SHA256 over a pseudo-header, the message with its checksum as zero, and the
 * trailer with its digest as zeros, cut to 16 octets.
 *
 * @param payload message and trailer; the contents of checksum and digest do not matter.
 */
export function trailerDigest(
  payload: Uint8Array,
  source: IpAddress,
  key: Uint8Array,
): Uint8Array {
  const image = new Uint8Array(PSEUDO_HEADER_OCTETS + payload.length);
  image[0] = familyOf(source) === "ipv4" ? 4 : 6;
  image[1] = payload[0]! >> 4;
  image[2] = payload[1]!;
  image.set(parseIp(source) ?? [], 4);
  image.set(payload, PSEUDO_HEADER_OCTETS);
  image.fill(0, PSEUDO_HEADER_OCTETS + 6, PSEUDO_HEADER_OCTETS + 8);
  image.fill(0, image.length - DIGEST_OCTETS);
  return createHmac("sha256", key).update(image).digest().subarray(0, DIGEST_OCTETS);
}
