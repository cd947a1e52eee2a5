/**
 * Gratuitous ARP: a new master announces on the link where an IPv4 address is now (RFC 9568 section 6.4.2, RFC 5227
 * section 2.3). And ARP that shows whether another host has the address (RFC 5227 section 2.4).
 *
 * Ethernet header, then RFC 826:
 *
 *     +-------------------------------+-------------------------------+
 *     |     Hardware type 1           |     Protocol type 0x0800      |
 *     +---------------+---------------+-------------------------------+
 *     |  HW length 6  | Prot length 4 |         Operation             |
 *     +---------------+---------------+-------------------------------+
 *     | sender hardware address (6), sender protocol address (4)      |
 *     | target hardware address (6), target protocol address (4)      |
 *     +---------------------------------------------------------------+
 *
 * @module
 */

import {
  type AddressClaim,
  formatIp,
  type IpAddress,
  type MacAddress,
  parseIp,
} from "./address.ts";

/** EtherType of ARP. */
export const ETHERTYPE_ARP = 0x0806;
/** Every station of the link. */
export const BROADCAST_MAC: MacAddress = new Uint8Array(6).fill(0xff);

const ETHERNET_OCTETS = 14;
const ARP_OCTETS = 28;
const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const OPERATION_REQUEST = 1;
const OPERATION_REPLY = 2;

/**
 * The Ethernet frame of a gratuitous ARP that announces `address` at `mac`.
 *
 * A request whose sender and target protocol address are both `address`. Deviation: RFC 9568 section 6.4.2 (errata 7947
 * and 7949) wants the sender's address as target hardware address. vipd writes the broadcast address there, as deployed
 * routers do; receivers ignore the field (RFC 826).
 *
 * @throws {RangeError} if `address` is not IPv4.
 */
export function encodeGratuitousArp(address: IpAddress, mac: MacAddress): Uint8Array<ArrayBuffer> {
  return encodeRequest(mac, address, BROADCAST_MAC, address);
}

/**
 * The Ethernet frame that asks which host has `address`. The sender names no address of its own, so that only the host
 * that has `address` reacts and no cache changes (RFC 5227 section 2.1.1, ARP Probe).
 *
 * @throws {RangeError} if `address` is not IPv4.
 */
export function encodeArpProbe(address: IpAddress, mac: MacAddress): Uint8Array<ArrayBuffer> {
  return encodeRequest(mac, "0.0.0.0", new Uint8Array(mac.length), address);
}

/** The sender's claim in a frame's ARP packet, request or reply; `null` if it is no ARP for IPv4 on Ethernet. */
export function decodeArpSender(frame: Uint8Array): AddressClaim | null {
  if (frame.length < ETHERNET_OCTETS + ARP_OCTETS) return null;
  const view = new DataView(frame.buffer, frame.byteOffset);
  const known = view.getUint16(12) === ETHERTYPE_ARP &&
    view.getUint16(14) === HARDWARE_ETHERNET && view.getUint16(16) === PROTOCOL_IPV4 &&
    frame[18] === 6 && frame[19] === 4;
  return known ? { mac: frame.slice(22, 28), address: formatIp(frame.subarray(28, 32)) } : null;
}

/** Whether a frame is the reply of `address` to a request from `mac`: a reply, sent to `mac` alone (RFC 826). */
export function answersArp(frame: Uint8Array, address: IpAddress, mac: MacAddress): boolean {
  if (decodeArpSender(frame)?.address !== address) return false;
  const operation = new DataView(frame.buffer, frame.byteOffset).getUint16(20);
  return operation === OPERATION_REPLY &&
    mac.every((octet, index) => frame[index] === octet && frame[32 + index] === octet);
}

function encodeRequest(
  mac: MacAddress,
  sender: IpAddress,
  targetMac: MacAddress,
  target: IpAddress,
): Uint8Array<ArrayBuffer> {
  const [senderAddress, targetAddress] = [parseIp(sender), parseIp(target)];
  if (senderAddress?.length !== 4 || targetAddress?.length !== 4) {
    throw new RangeError(`Cannot encode ARP: "${target}" is not IPv4`);
  }
  const frame = new Uint8Array(ETHERNET_OCTETS + ARP_OCTETS);
  const view = new DataView(frame.buffer);
  frame.set(BROADCAST_MAC, 0);
  frame.set(mac, 6);
  view.setUint16(12, ETHERTYPE_ARP);
  view.setUint16(14, HARDWARE_ETHERNET);
  view.setUint16(16, PROTOCOL_IPV4);
  frame[18] = mac.length;
  frame[19] = targetAddress.length;
  view.setUint16(20, OPERATION_REQUEST);
  frame.set(mac, 22);
  frame.set(senderAddress, 28);
  frame.set(targetMac, 32);
  frame.set(targetAddress, 38);
  return frame;
}
