/**
 * Options of sockets of every kind (socket(7)): packet filters, and how much waits to be read.
 *
 * @module
 */

import {
  encodeFilter,
  type FilterInstruction,
  INSTRUCTION_OCTETS,
} from "../../wire/filters/bpf.ts";
import { SO_ATTACH_FILTER, SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/** struct sock_fprog { unsigned short len; struct sock_filter *filter; } */
const PROGRAM_OCTETS = 16;
const POINTER_OFFSET = 8;

/**
 * Gives the socket only what `program` passes, in place of any earlier filter.
 *
 * @throws {SysError}
 */
export function attachFilter(
  libc: Libc,
  fd: number,
  action: string,
  program: readonly FilterInstruction[],
): void {
  // One block for both, so that the pointer in it cannot outlive its target.
  const block = new ArrayBuffer(PROGRAM_OCTETS + program.length * INSTRUCTION_OCTETS);
  new Uint8Array(block).set(encodeFilter(program), PROGRAM_OCTETS);
  const header: Octets = new Uint8Array(block, 0, PROGRAM_OCTETS);
  const view = new DataView(block);
  const address = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(header)));
  view.setUint16(0, program.length, true);
  view.setBigUint64(POINTER_OFFSET, address + BigInt(PROGRAM_OCTETS), true);
  const attached = libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header);
  must(action, "setsockopt(SO_ATTACH_FILTER)", attached);
}

/** Sets SO_RCVBUF, beyond the system's limit if that is permitted. */
export function enlargeReceiveBuffer(libc: Libc, fd: number, octets: number): void {
  if (libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, octets) < 0) {
    libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, octets);
  }
}
