/**
 * Classic BPF programs that the kernel runs on each packet before a socket gets it (Documentation/networking/filter.rst):
 *
 *     struct sock_filter { __u16 code; __u8 jt; __u8 jf; __u32 k; };
 *
 * @module
 */

import type { Family } from "./address.ts";
import { TYPE_ADVERTISEMENT, type VrrpVersion } from "./vrrp.ts";

/** One instruction: `code` of linux/bpf_common.h, how many to skip when a comparison is true or false, its operand. */
export interface FilterInstruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

/** Size of struct sock_filter. */
export const INSTRUCTION_OCTETS = 8;

/** BPF_LDX | BPF_B | BPF_MSH: X = 4 * (P[k] & 15), the length of an IPv4 header. */
const LOAD_HEADER_LENGTH = 0xb1;
/** BPF_LDX | BPF_IMM: X = k. */
const LOAD_INDEX = 0x01;
/** BPF_LD | BPF_W | BPF_LEN: A = the packet's length. */
const LOAD_LENGTH = 0x80;
/** BPF_ALU | BPF_SUB | BPF_X: A -= X. */
const SUBTRACT_INDEX = 0x1c;
/** BPF_JMP | BPF_JGE | BPF_K */
const JUMP_IF_NOT_LESS = 0x35;
/** BPF_LD | BPF_H | BPF_IND: A = the two octets at X + k. */
const LOAD_HALF = 0x48;
/** BPF_JMP | BPF_JEQ | BPF_K */
const JUMP_IF_EQUAL = 0x15;
/** BPF_RET | BPF_K: how many octets the socket gets; 0 for none. */
const RETURN = 0x06;

const ALL_OCTETS = 0xffffffff;

/** A virtual router by what the first two octets of its adverts say (RFC 9568 section 5.1). */
export interface ExpectedRouter {
  readonly version: VrrpVersion;
  readonly vrid: number;
}

/**
 * Passes the adverts of the expected virtual routers, or only all other packets. Looks at version, type and VRID.
 *
 * An IPv4 raw socket's packets begin with the IP header (raw(7)), an IPv6 one's with the message (RFC 3542 section 3).
 */
export function vrrpFilter(
  family: Family,
  expected: readonly ExpectedRouter[],
  pass: "expected" | "others",
): FilterInstruction[] {
  const firstOctets = new Set(
    expected.map(({ version, vrid }) => ((version << 4 | TYPE_ADVERTISEMENT) << 8) | vrid),
  );
  const [onMatch, otherwise] = pass === "expected" ? [ALL_OCTETS, 0] : [0, ALL_OCTETS];
  return [
    family === "ipv4" ? instruction(LOAD_HEADER_LENGTH, 0) : instruction(LOAD_INDEX, 0),
    instruction(LOAD_LENGTH, 0),
    instruction(SUBTRACT_INDEX, 0),
    // Too short to say whose it is.
    { ...instruction(JUMP_IF_NOT_LESS, 2), ifTrue: 1 },
    instruction(RETURN, otherwise),
    instruction(LOAD_HALF, 0),
    // Each comparison has its own return: a jump reaches 255 instructions at most.
    ...Array.from(firstOctets, (octets) => [
      { ...instruction(JUMP_IF_EQUAL, octets), ifFalse: 1 },
      instruction(RETURN, onMatch),
    ]).flat(),
    instruction(RETURN, otherwise),
  ];
}

/** The program as an array of struct sock_filter. */
export function encodeFilter(program: readonly FilterInstruction[]): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(program.length * INSTRUCTION_OCTETS);
  const view = new DataView(octets.buffer);
  for (const [index, { code, ifTrue, ifFalse, operand }] of program.entries()) {
    const at = index * INSTRUCTION_OCTETS;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, operand, true);
  }
  return octets;
}

function instruction(code: number, operand: number): FilterInstruction {
  return { code, ifTrue: 0, ifFalse: 0, operand };
}
