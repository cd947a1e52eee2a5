/**
 * Classic BPF programs that the kernel runs on each packet before a socket gets it
 * (Documentation/networking/filter.rst). A program that loads from beyond the packet ends there and rejects it. A jump
 * skips at most 255 instructions.
 *
 *     struct sock_filter { __u16 code; __u8 jt; __u8 jf; __u32 k; };
 *
 * @module
 */

/**
 * One instruction: `code` of linux/bpf_common.h, how many instructions to skip if a comparison is true or false,
 * operand.
 */
export interface FilterInstruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

/** Size of struct sock_filter. */
export const INSTRUCTION_OCTETS = 8;

/** SKF_AD_OFF + SKF_AD_PKTTYPE: loads the kind of frame, PACKET_HOST and so on (packet(7)). */
export const PACKET_TYPE_AT = 0xfffff004;

const ALL_OCTETS = 0xffffffff;

/** BPF_LD | BPF_W | BPF_ABS: A = the four octets at `at`. */
export function loadWord(at: number): FilterInstruction {
  return instruction(0x20, at);
}

/** BPF_LD | BPF_B | BPF_ABS: A = the octet at `at`. */
export function loadOctet(at: number): FilterInstruction {
  return instruction(0x30, at);
}

/** BPF_LD | BPF_H | BPF_IND: A = the two octets at X + `at`. */
export function loadIndexedHalf(at: number): FilterInstruction {
  return instruction(0x48, at);
}

/** BPF_LD | BPF_W | BPF_LEN: A = the packet's length. */
export function loadLength(): FilterInstruction {
  return instruction(0x80, 0);
}

/**
 * SKF_AD_OFF + SKF_AD_NLATTR: A = the offset of the attribute of type X, searched from A on; 0 if the message lacks it.
 */
export function findAttribute(): FilterInstruction {
  return loadWord(0xfffff00c);
}

/** BPF_LD | BPF_IMM: A = `value`. */
export function loadNumber(value: number): FilterInstruction {
  return instruction(0x00, value);
}

/** BPF_LD | BPF_H | BPF_ABS: A = the two octets at `at`. */
export function loadHalf(at: number): FilterInstruction {
  return instruction(0x28, at);
}

/** BPF_LD | BPF_W | BPF_IND: A = the four octets at X + `at`. */
export function loadIndexedWord(at: number): FilterInstruction {
  return instruction(0x40, at);
}

/** BPF_LD | BPF_B | BPF_IND: A = the octet at X + `at`. */
export function loadIndexedOctet(at: number): FilterInstruction {
  return instruction(0x50, at);
}

/** BPF_MISC | BPF_TAX: X = A. */
export function copyToIndex(): FilterInstruction {
  return instruction(0x07, 0);
}

/** BPF_JMP | BPF_JEQ | BPF_X: skips `ifTrue` instructions if A is X, else `ifFalse`. */
export function jumpIfIndex(ifTrue: number, ifFalse: number): FilterInstruction {
  return { code: 0x1d, ifTrue, ifFalse, operand: 0 };
}

/** BPF_ST: keeps A. */
export function store(): FilterInstruction {
  return instruction(0x02, 0);
}

/** BPF_LDX | BPF_MEM: X = the number that `store` kept. */
export function loadStored(): FilterInstruction {
  return instruction(0x61, 0);
}

/** BPF_JMP | BPF_JSET | BPF_K: skips `ifTrue` instructions if A has one of these bits, else `ifFalse`. */
export function jumpIfBits(bits: number, ifTrue: number, ifFalse: number): FilterInstruction {
  return { code: 0x45, ifTrue, ifFalse, operand: bits };
}

/** BPF_LDX | BPF_IMM: X = `value`. */
export function loadIndex(value: number): FilterInstruction {
  return instruction(0x01, value);
}

/** BPF_LDX | BPF_B | BPF_MSH: X = the length of the IPv4 header at `at`. */
export function loadIpv4HeaderLength(at: number): FilterInstruction {
  return instruction(0xb1, at);
}

/** BPF_ALU | BPF_SUB | BPF_X: A -= X. */
export function subtractIndex(): FilterInstruction {
  return instruction(0x1c, 0);
}

/** BPF_JMP | BPF_JEQ | BPF_K: skips `ifTrue` instructions if A is `value`, else `ifFalse`. */
export function jumpIfEqual(value: number, ifTrue: number, ifFalse: number): FilterInstruction {
  return { code: 0x15, ifTrue, ifFalse, operand: value };
}

/** BPF_JMP | BPF_JGT | BPF_K: skips `ifTrue` instructions if A is greater than `value`, else `ifFalse`. */
export function jumpIfGreater(value: number, ifTrue: number, ifFalse: number): FilterInstruction {
  return { code: 0x25, ifTrue, ifFalse, operand: value };
}

/** BPF_JMP | BPF_JGE | BPF_K: skips `ifTrue` instructions if A is not less than `value`, else `ifFalse`. */
export function jumpIfNotLess(value: number, ifTrue: number, ifFalse: number): FilterInstruction {
  return { code: 0x35, ifTrue, ifFalse, operand: value };
}

/** BPF_RET | BPF_K: the socket gets the packet whole, or not at all. */
export function end(passes: boolean): FilterInstruction {
  return instruction(0x06, passes ? ALL_OCTETS : 0);
}

/**
 * Ends with `passes` if A is one of the values. Each value has its own return, so their number has no limit from jumps.
 */
export function endIfOneOf(values: Iterable<number>, passes: boolean): FilterInstruction[] {
  return Array.from(values, (value) => [jumpIfEqual(value, 0, 1), end(passes)]).flat();
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
