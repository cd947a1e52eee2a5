/** The kernel's part: runs a filter on a packet, as far as our filters need it. */

import {
  type FilterInstruction,
  findAttribute,
  PACKET_TYPE_AT,
} from "../../src/wire/filters/bpf.ts";

const FIND_ATTRIBUTE = findAttribute().operand;

/**
 * True when the program lets the packet through.
 *
 * @param packetType how a frame came: PACKET_HOST and so on (packet(7))
 */
export function passes(
  program: readonly FilterInstruction[],
  packet: Uint8Array,
  packetType = 0,
): boolean {
  const octets = new DataView(packet.buffer, packet.byteOffset, packet.length);
  let a = 0;
  let x = 0;
  /** The scratch memory, by its words. */
  const stored = new Map<number, number>();
  /** The kernel ends a program that loads from beyond the packet with 0. */
  const within = (at: number, size: number) => at + size <= octets.byteLength;
  for (let pc = 0;;) {
    const { code, ifTrue, ifFalse, operand } = program[pc++]!;
    switch (code) {
      case 0x00:
        a = operand;
        break;
      case 0x02:
        stored.set(operand, a);
        break;
      case 0x07:
        x = a;
        break;
      case 0x20:
        if (operand === FIND_ATTRIBUTE) {
          a = attributeAt(octets, a, x);
          break;
        }
        if (!within(operand, 4)) return false;
        a = octets.getUint32(operand);
        break;
      case 0x28:
        if (!within(operand, 2)) return false;
        a = octets.getUint16(operand);
        break;
      case 0x40:
        if (!within(x + operand, 4)) return false;
        a = octets.getUint32(x + operand);
        break;
      case 0x50:
        if (!within(x + operand, 1)) return false;
        a = octets.getUint8(x + operand);
        break;
      case 0x61:
        x = stored.get(operand) ?? 0;
        break;
      case 0x1d:
        pc += a === x ? ifTrue : ifFalse;
        break;
      case 0x45:
        pc += (a & operand) !== 0 ? ifTrue : ifFalse;
        break;
      case 0x30:
        if (operand !== PACKET_TYPE_AT && !within(operand, 1)) return false;
        a = operand === PACKET_TYPE_AT ? packetType : octets.getUint8(operand);
        break;
      case 0x48:
        if (!within(x + operand, 2)) return false;
        a = octets.getUint16(x + operand);
        break;
      case 0x80:
        a = octets.byteLength;
        break;
      case 0x01:
        x = operand;
        break;
      case 0xb1:
        if (!within(operand, 1)) return false;
        x = (octets.getUint8(operand) & 15) * 4;
        break;
      case 0x1c:
        a = (a - x) >>> 0;
        break;
      case 0x15:
        pc += a === operand ? ifTrue : ifFalse;
        break;
      case 0x25:
        pc += a > operand ? ifTrue : ifFalse;
        break;
      case 0x35:
        pc += a >= operand ? ifTrue : ifFalse;
        break;
      case 0x06:
        return operand > 0;
      default:
        throw new Error(`unknown instruction ${code.toString(16)}`);
    }
  }
}

/** Where the netlink attribute of this type is, from `at` on; 0 when it is not there (nla_find in the kernel). */
function attributeAt(octets: DataView, at: number, type: number): number {
  for (let next = at; next + 4 <= octets.byteLength;) {
    const length = octets.getUint16(next, true);
    if (length < 4) return 0;
    if ((octets.getUint16(next + 2, true) & 0x3fff) === type) return next;
    next += (length + 3) & ~3;
  }
  return 0;
}
