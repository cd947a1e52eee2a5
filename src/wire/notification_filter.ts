/**
 * A filter (bpf.ts) of netlink sockets that are told of changes: the packets begin with struct nlmsghdr
 * { __u32 nlmsg_len; __u16 nlmsg_type; __u16 nlmsg_flags; __u32 nlmsg_seq; __u32 nlmsg_pid; }, in host order.
 *
 * @module
 */

import { end, type FilterInstruction, jumpIfEqual, loadWord } from "./bpf.ts";

const SEQUENCE_AT = 8;
const PORT_ID_AT = 12;

/** Passes all but what the socket with this port id brought about by requests with this sequence number. */
export function exceptOwn(portId: number, sequence: number): FilterInstruction[] {
  return [
    loadWord(SEQUENCE_AT),
    jumpIfEqual(swapped(sequence), 0, 3),
    loadWord(PORT_ID_AT),
    jumpIfEqual(swapped(portId), 0, 1),
    end(false),
    end(true),
  ];
}

/** A number in host order as the filter loads it; all hosts that vipd runs on are little-endian. */
function swapped(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0);
}
