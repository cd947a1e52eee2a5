/**
 * A VRRP message without its secrets: another password, and a trailer that is signed with another key. Whatever is right about
 * it stays right, and what is wrong stays wrong.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { familyOf } from "../wire/address.ts";
import { decodeAdvertisement, type Envelope, writeChecksum } from "../wire/vrrp.ts";
import {
  decodeTrailer,
  type HmacKey,
  TRAILER_OCTETS,
  trailerDigest,
} from "../wire/vrrp_trailer.ts";

/** The stand-ins for the secrets. */
export interface Replacements {
  /** Of the eight octets in which version 2 carries a password. */
  password(octets: Uint8Array): Uint8Array;
  readonly keys: Iterable<{ readonly real: HmacKey; readonly standIn: Uint8Array }>;
}

const HEADER_OCTETS = 8;
const AUTHENTICATION_OCTETS = 8;
const DIGEST_OCTETS = 16;
const CHECKSUM_OFFSET = 6;

/** Never throws, whatever the octets. The payload stays as it is. */
export function maskedPayload(
  payload: Uint8Array,
  envelope: Envelope,
  replacements: Replacements,
): Uint8Array {
  const decoded = decodeAdvertisement(payload, envelope, TRAILER_OCTETS);
  if (!decoded.ok) return damaged(payload, envelope);
  const { advertisement: { authentication }, checksumForm, trailer } = decoded;
  const masked = new Uint8Array(payload);
  const end = payload.length - (trailer ? TRAILER_OCTETS : 0);
  if (authentication) {
    masked.set(replacements.password(authentication.data), end - AUTHENTICATION_OCTETS);
  }
  if (trailer) sign(masked, trailer, payload, envelope, replacements);
  // Over IPv6 the checksum covers the trailer, too.
  const summed = familyOf(envelope.source) === "ipv6" ? masked : masked.subarray(0, end);
  if (authentication || trailer) writeChecksum(summed, envelope, checksumForm);
  return masked;
}

/** The digest of the key's stand-in where the key's own was right, else zeros. */
function sign(
  masked: Uint8Array,
  trailer: Uint8Array,
  payload: Uint8Array,
  { source }: Envelope,
  { keys }: Replacements,
): void {
  const { keyId, digest } = decodeTrailer(trailer);
  const key = Array.from(keys).find(({ real }) =>
    real.id === keyId && timingSafeEqual(trailerDigest(payload, source, real.key), digest)
  );
  const other = key ? trailerDigest(masked, source, key.standIn) : new Uint8Array(DIGEST_OCTETS);
  masked.set(other, masked.length - DIGEST_OCTETS);
}

/** Of what is no advertisement the header counts, and how long it is. */
function damaged(payload: Uint8Array, envelope: Envelope): Uint8Array {
  const masked = new Uint8Array(payload.length);
  masked.set(payload.subarray(0, HEADER_OCTETS));
  // By chance the sum of what is left may be right.
  if (decodeAdvertisement(masked, envelope, TRAILER_OCTETS).ok) masked[CHECKSUM_OFFSET]! ^= 0xff;
  return masked;
}
