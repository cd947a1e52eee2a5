/**
 * Netlink messages: octets to values and back (netlink(7), rtnetlink(7)). Numbers are in host order, which is
 * little-endian on every platform that vipd runs on.
 *
 *     struct nlmsghdr { __u32 nlmsg_len; __u16 nlmsg_type; __u16 nlmsg_flags; __u32 nlmsg_seq; __u32 nlmsg_pid; };
 *     struct rtattr   { unsigned short rta_len; unsigned short rta_type; };
 *
 * Messages and attributes begin at multiples of four octets; their lengths do not count the padding.
 *
 * @module
 */

/** Message types, linux/netlink.h and linux/rtnetlink.h. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
export const RTM_GETRULE = 34;

/** Message flags. */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** In an answer: the dumped objects changed during the dump. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
/** In a request: an error if the object exists already. */
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** In an answer of type NLMSG_ERROR: the request is cut to its header, and attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

const HEADER_OCTETS = 16;
/** struct nlattr */
export const ATTRIBUTE_HEADER_OCTETS = 4;
/** The upper two bits of an attribute's type are flags (NLA_TYPE_MASK). */
const ATTRIBUTE_TYPE_MASK = 0x3fff;
/** NLMSGERR_ATTR_MSG */
const ERROR_ATTRIBUTE_MESSAGE = 1;

/** One message. `payload` is a view of the octets it was decoded from. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  /** In an answer: the request's number. */
  readonly sequence: number;
  /** Of the socket whose request this answers or reports; 0 if the kernel acted by itself, or does not say. */
  readonly portId: number;
  readonly payload: Uint8Array;
}

/** The answer to a request, from a message of type NLMSG_ERROR or NLMSG_DONE. */
export interface Acknowledgement {
  /** 0 for success. */
  readonly errno: number;
  /** The kernel's explanation, if it gives one (NETLINK_EXT_ACK). */
  readonly text?: string;
}

/** The octets of one message. */
export function encodeMessage(
  type: number,
  flags: number,
  sequence: number,
  ...payload: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const length = payload.reduce((sum, part) => sum + part.length, HEADER_OCTETS);
  const octets = new Uint8Array(length);
  writeHeader(new DataView(octets.buffer), 0, { length, type, flags, sequence });
  let at = HEADER_OCTETS;
  for (const part of payload) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** The octets of many messages of one type, one after the other; their sequence numbers count from `firstSequence`. */
export function encodeMessages(
  type: number,
  flags: number,
  firstSequence: number,
  payloads: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(payloads.reduce((sum, it) => sum + messageOctets(it), 0));
  const view = new DataView(octets.buffer);
  let at = 0;
  for (const [index, payload] of payloads.entries()) {
    const length = HEADER_OCTETS + payload.length;
    writeHeader(view, at, { length, type, flags, sequence: firstSequence + index });
    octets.set(payload, at + HEADER_OCTETS);
    at += messageOctets(payload);
  }
  return octets;
}

/** The room of a message with this payload in a datagram, padded. */
export function messageOctets(payload: Uint8Array): number {
  return align(HEADER_OCTETS + payload.length);
}

/** struct nlmsghdr; nlmsg_pid stays 0: the kernel puts the socket's own number there. */
function writeHeader(
  view: DataView,
  at: number,
  header: Readonly<Record<"length" | "type" | "flags" | "sequence", number>>,
): void {
  view.setUint32(at, header.length, true);
  view.setUint16(at + 4, header.type, true);
  view.setUint16(at + 6, header.flags, true);
  view.setUint32(at + 8, header.sequence, true);
}

/** A structure and the attributes after it, in one pass. Omits attributes without a value. */
export function encodeWithAttributes(
  structure: Uint8Array,
  attributes: readonly (readonly [type: number, value: Uint8Array | null])[],
): Uint8Array<ArrayBuffer> {
  let octetCount = structure.length;
  for (const [, value] of attributes) {
    if (value) octetCount += align(ATTRIBUTE_HEADER_OCTETS + value.length);
  }
  const octets = new Uint8Array(octetCount);
  const view = new DataView(octets.buffer);
  octets.set(structure);
  let at = structure.length;
  for (const [type, value] of attributes) {
    if (!value) continue;
    const length = ATTRIBUTE_HEADER_OCTETS + value.length;
    view.setUint16(at, length, true);
    view.setUint16(at + 2, type, true);
    octets.set(value, at + ATTRIBUTE_HEADER_OCTETS);
    at += align(length);
  }
  return octets;
}

/** One attribute, padded. */
export function encodeAttribute(type: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeWithAttributes(new Uint8Array(), [[type, value]]);
}

/** The messages in one received datagram. Ends at the first one that does not fit; never throws. */
export function* decodeMessages(octets: Uint8Array): Generator<NetlinkMessage> {
  const view = viewOf(octets);
  for (let at = 0; at + HEADER_OCTETS <= octets.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_OCTETS || at + length > octets.length) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      portId: view.getUint32(at + 12, true),
      payload: octets.subarray(at + HEADER_OCTETS, at + length),
    };
    at += align(length);
  }
}

/**
 * The attributes in `octets` by type; of equal types the last. Ends at the first one that does not fit; never throws.
 */
export function decodeAttributes(octets: Uint8Array): Map<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(octets);
  for (let at = 0; at + ATTRIBUTE_HEADER_OCTETS <= octets.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_OCTETS || at + length > octets.length) break;
    attributes.set(
      view.getUint16(at + 2, true) & ATTRIBUTE_TYPE_MASK,
      octets.subarray(at + ATTRIBUTE_HEADER_OCTETS, at + length),
    );
    at += align(length);
  }
  return attributes;
}

/**
 * The answer in a message of type NLMSG_ERROR or NLMSG_DONE; `null` for any other type.
 *
 *     struct nlmsgerr { int error; struct nlmsghdr msg; };    then, without NLM_F_CAPPED, the request's payload
 */
export function decodeAcknowledgement(message: NetlinkMessage): Acknowledgement | null {
  const { type, flags, payload } = message;
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return null;
  // A dump may end without a number.
  if (payload.length < 4) return { errno: 0 };
  const view = viewOf(payload);
  const errno = 0 - view.getInt32(0, true);
  if (!(flags & NLM_F_ACK_TLVS)) return { errno };
  let attributesAt = 4;
  if (type === NLMSG_ERROR) {
    const echoed = flags & NLM_F_CAPPED || payload.length < 8
      ? HEADER_OCTETS
      : align(view.getUint32(4, true));
    attributesAt += echoed;
  }
  const text = decodeAttributes(payload.subarray(attributesAt)).get(ERROR_ATTRIBUTE_MESSAGE);
  return text ? { errno, text: decodeText(text) } : { errno };
}

const TEXT = new TextDecoder();

/** A string attribute, with or without its terminating zero. */
export function decodeText(octets: Uint8Array): string {
  const end = octets.indexOf(0);
  return TEXT.decode(end < 0 ? octets : octets.subarray(0, end));
}

/** A view of exactly these octets. */
export function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** NLMSG_ALIGN and RTA_ALIGN. */
function align(length: number): number {
  return (length + 3) & ~3;
}

/** A string attribute as the kernel reads it. */
export function zeroTerminated(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
