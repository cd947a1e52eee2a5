/** The kernel's part: runs a filter on a packet, as far as our filters need it. */

import { type FilterInstruction, PACKET_TYPE_AT } from "../../src/wire/bpf.ts";

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
  /** The kernel ends a program that loads from beyond the packet with 0. */
  const within = (at: number, size: number) => at + size <= octets.byteLength;
  for (let pc = 0;;) {
    const { code, ifTrue, ifFalse, operand } = program[pc++]!;
    switch (code) {
      case 0x20:
        if (!within(operand, 4)) return false;
        a = octets.getUint32(operand);
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
