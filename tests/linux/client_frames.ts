/**
 * What a client on the cable sends and what it hears, frame by frame: no stack of the host's kernel is in the way.
 *
 * @module
 */

import { familyOf, parseIp } from "../../src/wire/address.ts";
import { internetChecksum, pseudoHeaderSum } from "../../src/wire/checksum.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "../../src/wire/ethernet.ts";
import { encodeIpv4Datagram } from "../../src/wire/ipv4.ts";
import { encodeIpv6Datagram } from "../../src/wire/ipv6.ts";

export const ETHERTYPE_ARP = 0x0806;
export const CLIENT_MAC = Uint8Array.of(2, 0, 0, 0, 0, 0x99);
const BROADCAST = new Uint8Array(6).fill(0xff);

type Octets = Uint8Array<ArrayBuffer>;

/** Who has `address`? */
export function arpRequest(client: string, address: string): Octets {
  const request = [0, 1, 8, 0, 6, 4, 0, 1, ...CLIENT_MAC, ...parseIp(client)!];
  const body = Uint8Array.of(...request, 0, 0, 0, 0, 0, 0, ...parseIp(address)!);
  return encodeEthernetFrame(BROADCAST, CLIENT_MAC, ETHERTYPE_ARP, body);
}

/** ICMP echo request. */
export function echoRequest(client: string, address: string, mac: Octets): Octets {
  const message = Uint8Array.of(8, 0, 0xf7, 0xfd, 0, 1, 0, 1);
  return ipv4Frame(client, address, mac, 1, message);
}

/** The first segment of a TCP connection. */
export function tcpSyn(client: string, address: string, port: number, mac: Octets): Octets {
  return tcpSegment(client, address, port, mac, { sourcePort: 50_000, flags: 2 });
}

/** A segment without data, over the addresses' family. */
export function tcpSegment(
  client: string,
  address: string,
  port: number,
  mac: Octets,
  { sourcePort, flags }: { readonly sourcePort: number; readonly flags: number },
): Octets {
  const segment = new Uint8Array(20);
  const view = new DataView(segment.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  view.setUint8(12, 5 << 4);
  view.setUint8(13, flags);
  view.setUint16(14, 1024);
  view.setUint16(16, internetChecksum(segment, pseudoHeaderSum(client, address, 6, 20)));
  return familyOf(client) === "ipv4"
    ? ipv4Frame(client, address, mac, 6, segment)
    : ipv6Frame(client, address, mac, 6, segment);
}

/** ICMPv6 echo request. */
export function echoRequestV6(client: string, address: string, mac: Octets): Octets {
  return icmpv6Frame(client, address, mac, Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1));
}

/** Neighbour solicitation for `address`, to itself (RFC 4861 section 7.3.3: is it still there?). */
export function neighbourSolicitation(client: string, address: string, mac: Octets): Octets {
  const option = [1, 1, ...CLIENT_MAC];
  const message = Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0, ...parseIp(address)!, ...option);
  return icmpv6Frame(client, address, mac, message);
}

function ipv4Frame(
  source: string,
  destination: string,
  mac: Octets,
  protocol: number,
  message: Uint8Array,
): Octets {
  const datagram = encodeIpv4Datagram(
    { source, destination, ttl: 64, typeOfService: 0, protocol },
    message,
  );
  return encodeEthernetFrame(mac, CLIENT_MAC, ETHERTYPE_IPV4, datagram);
}

function icmpv6Frame(source: string, destination: string, mac: Octets, message: Octets): Octets {
  const sum = pseudoHeaderSum(source, destination, 58, message.length);
  new DataView(message.buffer).setUint16(2, internetChecksum(message, sum));
  return ipv6Frame(source, destination, mac, 58, message);
}

function ipv6Frame(
  source: string,
  destination: string,
  mac: Octets,
  nextHeader: number,
  message: Octets,
): Octets {
  const header = { source, destination, hopLimit: 255, trafficClass: 0, nextHeader };
  return encodeEthernetFrame(mac, CLIENT_MAC, ETHERTYPE_IPV6, encodeIpv6Datagram(header, message));
}

/** What the frames are, as far as a client cares: `arp reply 10.0.0.1`, `echo reply`, `tcp`. */
export function heard(frames: readonly Uint8Array[]): string[] {
  return frames.flatMap((frame) => {
    switch (frame[12]! << 8 | frame[13]!) {
      case ETHERTYPE_ARP:
        return frame[21] === 2 ? [`arp reply ${frame.subarray(28, 32).join(".")}`] : [];
      case ETHERTYPE_IPV4:
        if (frame[23] === 1) return [`icmp ${frame[34]} from ${frame.subarray(26, 30).join(".")}`];
        return frame[23] === 6 ? ["tcp"] : [];
      case ETHERTYPE_IPV6:
        return frame[20] === 58 && [129, 136].includes(frame[54]!) ? [`icmpv6 ${frame[54]}`] : [];
      default:
        return [];
    }
  });
}
