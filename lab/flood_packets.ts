/**
 * Packets that do not belong on the wire of a pair: VRRP of others, CARP, and packets that are damaged or forged.
 *
 * @module
 */

import { internetChecksum } from "../src/wire/checksum.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV4, multicastMac } from "../src/wire/ethernet.ts";
import { encodeIpv4Datagram } from "../src/wire/ipv4.ts";
import { VRRP_GROUP, VRRP_PROTOCOL } from "../src/wire/vrrp.ts";

const SOURCE = "192.168.31.66";
const SOURCE_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 0x66);

interface Packet {
  readonly name: string;
  readonly payload: readonly number[];
  /** @default {255} */
  readonly ttl?: number;
  /** Whether the checksum is correct. @default {true} */
  readonly checksum?: boolean;
}

/** Version 2, 1 s, PASS "123456", 192.168.31.5: an advert as the pair itself sends it. */
function advert(vrid: number, priority: number): number[] {
  return [
    ...[0x21, vrid, priority, 1, 1, 1, 0, 0],
    ...[192, 168, 31, 5],
    ...new TextEncoder().encode("123456\0\0"),
  ];
}

function replaced(octets: readonly number[], at: number, ...values: readonly number[]): number[] {
  const changed = [...octets];
  changed.splice(at, values.length, ...values);
  return changed;
}

/** The kinds of packets, by their defect; `vrid` is the pair's own. */
function kinds(vrid: number): Packet[] {
  const own = advert(vrid, 200);
  const foreign = (vrid + 1) % 256 || 1;
  return [
    { name: "another pair", payload: advert(foreign, 200) },
    {
      name: "another pair, version 3",
      payload: [0x31, foreign, 254, 1, 0, 100, 0, 0, 10, 0, 0, 1],
    },
    { name: "CARP", payload: [0x21, vrid, 0, 7, 0, 1, ...Array(30).fill(0x5a)] },
    { name: "wrong password", payload: replaced(own, 12, 0x78, 0x78) },
    { name: "wrong checksum", payload: own, checksum: false },
    { name: "wrong TTL", payload: own, ttl: 254 },
    { name: "unknown version", payload: replaced(own, 0, 0x41) },
    { name: "unknown type", payload: replaced(own, 0, 0x22) },
    { name: "cut off", payload: own.slice(0, 7) },
    { name: "more addresses than octets", payload: replaced(own, 3, 200) },
    { name: "another interval", payload: replaced(own, 5, 9) },
    { name: "nothing", payload: [] },
    { name: "noise", payload: Array.from({ length: 64 }, (_, at) => (at * 73 + 41) & 0xff) },
  ];
}

/** A whole Ethernet frame to the VRRP group, and its defect. */
export interface FloodFrame {
  readonly name: string;
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** One frame of each kind. */
export function floodFrames(vrid: number): FloodFrame[] {
  return kinds(vrid).map(({ name, payload, ttl, checksum }) => {
    const octets = Uint8Array.from(payload);
    if (checksum !== false && octets.length >= 8) {
      new DataView(octets.buffer).setUint16(6, internetChecksum(octets));
    }
    const datagram = encodeIpv4Datagram({
      source: SOURCE,
      destination: VRRP_GROUP.ipv4,
      ttl: ttl ?? 255,
      typeOfService: 0xc0,
      protocol: VRRP_PROTOCOL,
    }, octets);
    const group = multicastMac(VRRP_GROUP.ipv4);
    return { name, frame: encodeEthernetFrame(group, SOURCE_MAC, ETHERTYPE_IPV4, datagram) };
  });
}
