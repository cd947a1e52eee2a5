/**
 * A filter (socket_filter.ts) of netlink sockets that are told of changes: the packets begin with struct nlmsghdr
 * { __u32 nlmsg_len; __u16 nlmsg_type; __u16 nlmsg_flags; __u32 nlmsg_seq; __u32 nlmsg_pid; }, in host order.
 *
 * @module
 */

import type { FilterInstruction } from "./socket_filter.ts";

/** BPF_LD | BPF_W | BPF_ABS: A = the four octets at k, as if they were in network order. */
const LOAD_WORD = 0x20;
/** BPF_JMP | BPF_JEQ | BPF_K */
const JUMP_IF_EQUAL = 0x15;
/** BPF_RET | BPF_K: how many octets the socket gets; 0 for none. */
const RETURN = 0x06;
const SEQUENCE_AT = 8;
const PORT_ID_AT = 12;
const WHOLE_MESSAGE = 0xffffffff;

/** Passes all but what the socket with this port id brought about by requests with this sequence number. */
export function exceptOwn(portId: number, sequence: number): FilterInstruction[] {
  const instruction = (code: number, operand: number, ifTrue = 0, ifFalse = 0) => ({
    ...{ code, operand, ifTrue, ifFalse },
  });
  return [
    instruction(LOAD_WORD, SEQUENCE_AT),
    instruction(JUMP_IF_EQUAL, swapped(sequence), 0, 3),
    instruction(LOAD_WORD, PORT_ID_AT),
    instruction(JUMP_IF_EQUAL, swapped(portId), 0, 1),
    instruction(RETURN, 0),
    instruction(RETURN, WHOLE_MESSAGE),
  ];
}

/** A number in host order as the filter loads it; all hosts that vipd runs on are little-endian. */
function swapped(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0);
}
