/**
 * Echo requests and their replies: ICMP (RFC 792) and ICMPv6 (RFC 4443 section 4), which differ only in their types.
 *
 *     +---------------+---------------+-------------------------------+
 *     |     Type      |    Code 0     |          Checksum             |
 *     +---------------+---------------+-------------------------------+
 *     |          Identifier           |        Sequence number        |
 *     +-------------------------------+-------------------------------+
 *     |  Data: the reply has the same                                 |
 *     +---------------------------------------------------------------+
 *
 * @module
 */

import type { Family } from "./address.ts";
import { internetChecksum } from "./checksum.ts";
import {
  end,
  type FilterInstruction,
  jumpIfEqual,
  loadIndex,
  loadIndexedHalf,
  loadIpv4HeaderLength,
} from "./filters/bpf.ts";

/** Protocol number, or next header, of each family. */
export const ICMP_PROTOCOL: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 58 };

const REQUEST: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 128 };
const REPLY: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 129 };
const HEADER_OCTETS = 8;
const IDENTIFIER_AT = 4;
const SEQUENCE_AT = 6;

/** The fields of a request that its reply repeats. */
export interface Echo {
  /** 16 bits. */
  readonly identifier: number;
  /** 16 bits. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

/**
 * An echo request. The checksum of ICMPv6 covers addresses that only the kernel knows, so the kernel writes it (RFC
 * 3542 section 3.1).
 */
export function encodeEchoRequest(family: Family, echo: Echo): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEADER_OCTETS + echo.data.length);
  const view = new DataView(message.buffer);
  message[0] = REQUEST[family];
  view.setUint16(IDENTIFIER_AT, echo.identifier);
  view.setUint16(SEQUENCE_AT, echo.sequence);
  message.set(echo.data, HEADER_OCTETS);
  if (family === "ipv4") view.setUint16(2, internetChecksum(message));
  return message;
}

/** Whether a message, without IP header, is the reply to that request. */
export function answersEcho(family: Family, message: Uint8Array, request: Echo): boolean {
  const { identifier, sequence, data } = request;
  if (message.length !== HEADER_OCTETS + data.length) return false;
  const view = new DataView(message.buffer, message.byteOffset);
  return message[0] === REPLY[family] && message[1] === 0 &&
    view.getUint16(IDENTIFIER_AT) === identifier && view.getUint16(SEQUENCE_AT) === sequence &&
    data.every((octet, index) => message[HEADER_OCTETS + index] === octet);
}

/**
 * Passes the replies with this identifier: of all ICMP that reaches a machine, only one socket's.
 *
 * An IPv4 raw socket's packets begin with the IP header (raw(7)), an IPv6 one's with the message (RFC 3542 section 3).
 */
export function echoReplyFilter(family: Family, identifier: number): FilterInstruction[] {
  const typeAndCode = REPLY[family] << 8;
  return [
    family === "ipv4" ? loadIpv4HeaderLength(0) : loadIndex(0),
    loadIndexedHalf(0),
    jumpIfEqual(typeAndCode, 1, 0),
    end(false),
    loadIndexedHalf(IDENTIFIER_AT),
    jumpIfEqual(identifier, 1, 0),
    end(false),
    end(true),
  ];
}
