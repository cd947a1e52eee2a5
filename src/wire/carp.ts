/**
 * CARP, the other protocol that sends IP protocol 112 to 224.0.0.18.
 *
 * @module
 */

/** Octets of a CARP advertisement: header, counter and SHA-1 (carp(4), struct carp_header). */
const CARP_OCTETS = 36;
/** Counter and SHA-1 in 32-bit words: the only length of authentication data that exists. */
const CARP_AUTHENTICATION_WORDS = 7;

/**
 * True for the payload of a CARP advertisement: version 2 and type 1 as in VRRPv2, but with a length that no VRRPv2
 * message with seven addresses (44 octets) has.
 */
export function isCarp(payload: Uint8Array): boolean {
  return payload.length === CARP_OCTETS && payload[0] === 0x21 &&
    payload[3] === CARP_AUTHENTICATION_WORDS;
}
