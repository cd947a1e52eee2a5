import assert from "node:assert/strict";
import { encodeArpProbe, encodeGratuitousArp } from "../../../src/wire/arp.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "../../../src/wire/ethernet.ts";
import type { FilterInstruction } from "../../../src/wire/filters/bpf.ts";
import {
  claimFilter,
  NOTHING_PASSES,
  vrrpFrameFilter,
} from "../../../src/wire/filters/frame_filter.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { encodeIpv6Datagram, ipv6Octets } from "../../../src/wire/ipv6.ts";
import {
  encodeNeighbourAdvertisement,
  encodeNeighbourSolicitation,
} from "../../../src/wire/ndp.ts";
import { passes } from "../bpf_machine.ts";

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 9);
const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
const OTHER_HOST = 3;
const OUTGOING = 4;

const ADDRESSES = ["192.168.31.5", "192.168.31.6", "10.0.0.1"];
const ADDRESSES6 = ["fe80::5", "2001:db8::1:2:3"];

/** A neighbour advertisement that a host sends from another one of its addresses (RFC 4861 section 4.4). */
function advertisedFrom(source: string, target: string): Uint8Array {
  const frame = encodeNeighbourAdvertisement(target, MAC, false);
  frame.set(ipv6Octets(source), 22);
  return frame;
}

Deno.test("a claim filter passes on what others say about the addresses, and nothing else", () => {
  const ipv4 = claimFilter("ipv4", ADDRESSES);
  const ipv6 = claimFilter("ipv6", ADDRESSES6);
  const cases: (readonly [readonly FilterInstruction[], Uint8Array, number, boolean])[] = [
    ...ADDRESSES.map((address) =>
      [ipv4, encodeGratuitousArp(address, MAC), BROADCAST, true] as const
    ),
    [ipv4, encodeGratuitousArp("192.168.31.5", MAC), HOST, true],
    [ipv4, encodeGratuitousArp("192.168.31.5", MAC), OTHER_HOST, false],
    [ipv4, encodeGratuitousArp("192.168.31.5", MAC), OUTGOING, false],
    [ipv4, encodeGratuitousArp("192.168.31.7", MAC), BROADCAST, false],
    [ipv4, encodeArpProbe("192.168.31.5", MAC), BROADCAST, false],
    [ipv4, new Uint8Array(20), BROADCAST, false],
    ...ADDRESSES6.map((address) =>
      [ipv6, encodeNeighbourAdvertisement(address, MAC, false), MULTICAST, true] as const
    ),
    [ipv6, encodeNeighbourAdvertisement("fe80::5", MAC, false), OUTGOING, false],
    [ipv6, encodeNeighbourAdvertisement("fe80::6", MAC, false), MULTICAST, false],
    [ipv6, advertisedFrom("fe80::9", "fe80::5"), MULTICAST, true],
    [ipv6, advertisedFrom("fe80::5", "fe80::9"), MULTICAST, false],
    [ipv6, encodeNeighbourSolicitation("fe80::5", "fe80::9", MAC), MULTICAST, false],
    [ipv6, new Uint8Array(60), MULTICAST, false],
  ];
  for (const [filter, frame, packetType, want] of cases) {
    assert.equal(passes(filter, frame, packetType), want, `${frame.toHex()} as ${packetType}`);
  }
});

Deno.test("a claim filter has no limit of addresses", () => {
  for (const count of [1, 255, 2000, 3000]) {
    const many = Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.1`);
    const filter = claimFilter("ipv4", many);
    assert.ok(filter.length <= 4096, `${count} addresses: ${filter.length} instructions`);
    for (const address of [many[0]!, many.at(-1)!]) {
      assert.equal(passes(filter, encodeGratuitousArp(address, MAC), BROADCAST), true);
    }
  }
});

Deno.test("the filter for a while passes nothing, from nobody", () => {
  for (const packetType of [HOST, BROADCAST, MULTICAST, OTHER_HOST, OUTGOING]) {
    assert.equal(passes(NOTHING_PASSES, encodeGratuitousArp("10.0.0.1", MAC), packetType), false);
  }
});

Deno.test("a VRRP filter passes on protocol 112 of others", () => {
  const payload = new Uint8Array(20);
  const frame = (protocol: number) =>
    encodeEthernetFrame(
      MAC,
      MAC,
      ETHERTYPE_IPV4,
      encodeIpv4Datagram({
        source: "10.0.0.1",
        destination: "224.0.0.18",
        ttl: 255,
        typeOfService: 0,
        protocol,
      }, payload),
    );
  const frame6 = (nextHeader: number) =>
    encodeEthernetFrame(
      MAC,
      MAC,
      ETHERTYPE_IPV6,
      encodeIpv6Datagram({
        source: "fe80::1",
        destination: "ff02::12",
        hopLimit: 255,
        trafficClass: 0,
        nextHeader,
      }, payload),
    );
  assert.equal(passes(vrrpFrameFilter("ipv4"), frame(112), MULTICAST), true);
  assert.equal(passes(vrrpFrameFilter("ipv4"), frame(112), OUTGOING), false);
  assert.equal(passes(vrrpFrameFilter("ipv4"), frame(6), HOST), false);
  assert.equal(passes(vrrpFrameFilter("ipv6"), frame6(112), MULTICAST), true);
  assert.equal(passes(vrrpFrameFilter("ipv6"), frame6(112), OUTGOING), false);
  assert.equal(passes(vrrpFrameFilter("ipv6"), frame6(58), HOST), false);
});

Deno.test("of more than 2000 addresses every claim passes, whatever it is for", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
  const other = encodeGratuitousArp("192.168.31.5", MAC);
  assert.equal(passes(claimFilter("ipv4", many(2000)), other, BROADCAST), false);
  assert.equal(passes(claimFilter("ipv4", many(2001)), other, BROADCAST), true);
  assert.throws(() => claimFilter("ipv4", ["example"]), {
    ...{ name: "RangeError", message: 'Cannot filter: "example" is not an IP address' },
  });
});
