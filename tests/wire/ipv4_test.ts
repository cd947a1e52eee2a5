import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { internetChecksum } from "../../src/wire/checksum.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../../src/wire/ipv4.ts";

const HEADER = {
  source: "192.168.31.1",
  destination: "224.0.0.18",
  ttl: 255,
  typeOfService: 0xc0,
  protocol: 112,
};
const PAYLOAD = Uint8Array.of(0x31, 55, 100, 0);

Deno.test("an encoded datagram has the octets of RFC 791 and a checksum that verifies", () => {
  const octets = encodeIpv4Datagram(HEADER, PAYLOAD);
  strictEqual(octets.subarray(0, 10).toHex(), "45c00018000000" + "00ff70");
  strictEqual(octets.subarray(12).toHex(), "c0a81f01" + "e0000012" + "31376400");
  strictEqual(internetChecksum(octets.subarray(0, 20)), 0);
});

Deno.test("what was encoded is parsed again", () => {
  deepStrictEqual(parseIpv4Datagram(encodeIpv4Datagram(HEADER, PAYLOAD)), {
    ...HEADER,
    payload: PAYLOAD,
  });
});

Deno.test("a datagram may be no more than its header", () => {
  const payload = new Uint8Array();
  deepStrictEqual(parseIpv4Datagram(encodeIpv4Datagram(HEADER, payload)), { ...HEADER, payload });
});

Deno.test("options are skipped: IHL 6 to 15", () => {
  for (let ihl = 6; ihl <= 15; ihl++) {
    const octets = withOptions(ihl);
    deepStrictEqual(parseIpv4Datagram(octets)?.payload, PAYLOAD, `IHL ${ihl}`);
  }
});

Deno.test("octets behind the total length are padding", () => {
  const padded = new Uint8Array(46);
  padded.set(encodeIpv4Datagram(HEADER, PAYLOAD));
  deepStrictEqual(parseIpv4Datagram(padded)?.payload, PAYLOAD);
});

Deno.test("what is no IPv4 datagram is refused", async (t) => {
  const good = encodeIpv4Datagram(HEADER, PAYLOAD);
  const cases: [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["19 octets", good.subarray(0, 19)],
    ["IPv6", changed(good, 0, 0x65)],
    ["IHL 4", changed(good, 0, 0x44)],
    ["a total length beyond the octets", changed(good, 3, good.length + 1)],
    ["a total length shorter than the header", changed(good, 3, 19)],
    ["a cut payload", good.subarray(0, good.length - 1)],
    ["options that do not fit", changed(good, 0, 0x4f)],
  ];
  for (const [name, octets] of cases) {
    await t.step(name, () => strictEqual(parseIpv4Datagram(octets), null));
  }
});

Deno.test("addresses of another family and payloads beyond 65,535 octets are not encoded", () => {
  throws(() => encodeIpv4Datagram({ ...HEADER, source: "fe80::1" }, PAYLOAD), {
    ...{ name: "RangeError", message: 'Cannot encode datagram: "fe80::1" is not IPv4' },
  });
  throws(() => encodeIpv4Datagram(HEADER, new Uint8Array(65516)), RangeError);
  strictEqual(encodeIpv4Datagram(HEADER, new Uint8Array(65515)).length, 65535);
});

function withOptions(ihl: number): Uint8Array {
  const plain = encodeIpv4Datagram(HEADER, PAYLOAD);
  const octets = new Uint8Array(ihl * 4 + PAYLOAD.length).fill(1);
  octets.set(plain.subarray(0, 20));
  octets[0] = 0x40 | ihl;
  octets[3] = octets.length;
  octets.set(PAYLOAD, ihl * 4);
  return octets;
}

function changed(octets: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at] = value;
  return copy;
}

Deno.test("a datagram of more than 255 octets has its length in both octets", () => {
  const payload = Uint8Array.from({ length: 1000 }, (_, index) => index);
  const octets = encodeIpv4Datagram(HEADER, payload);
  strictEqual(octets.subarray(2, 4).toHex(), "03fc");
  deepStrictEqual(parseIpv4Datagram(octets)?.payload, payload);
});
