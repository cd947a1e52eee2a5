import assert from "node:assert/strict";
import { parseIp } from "../../src/wire/address.ts";
import { internetChecksum, pseudoHeaderSum, sumWords } from "../../src/wire/checksum.ts";
import { randomOctets, seededRandom } from "./random.ts";

/** RFC 1071 word by word, with the carry brought round after each addition. */
function slowChecksum(octets: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += octets[at]! * 256 + (octets[at + 1] ?? 0);
    if (sum >= 0x10000) sum -= 0xffff;
  }
  return 0xffff - sum;
}

Deno.test("the checksum of RFC 1071's example", () => {
  const octets = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(sumWords(octets), 0x2ddf0);
  assert.equal(internetChecksum(octets), 0xffff - 0xddf2);
});

Deno.test("the checksum of nothing, of zeros and of ones", () => {
  assert.equal(internetChecksum(new Uint8Array()), 0xffff);
  assert.equal(internetChecksum(new Uint8Array(20)), 0xffff);
  assert.equal(internetChecksum(new Uint8Array(20).fill(0xff)), 0);
  assert.equal(internetChecksum(Uint8Array.of(0xab)), 0xffff - 0xab00);
});

Deno.test("the largest datagram does not overflow the sum", () => {
  const octets = new Uint8Array(65_535).fill(0xff);
  assert.equal(internetChecksum(octets), slowChecksum([...octets]));
});

Deno.test("the checksum agrees with a slow one over random octets", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 5000; round++) {
    const octets = randomOctets(random, 300);
    assert.equal(internetChecksum(octets), slowChecksum([...octets]));
  }
});

Deno.test("a pseudo-header adds what its octets would", () => {
  const random = seededRandom(3);
  const addresses = [["10.77.0.1", "224.0.0.18"], ["fe80::77:1", "ff02::12"]] as const;
  for (const [source, destination] of addresses) {
    const head = [...parseIp(source)!, ...parseIp(destination)!];
    for (let round = 0; round < 200; round++) {
      const payload = [...randomOctets(random, 100)];
      // IPv4: zero, protocol, 16-bit length. IPv6: 32-bit length, three zeros, next header.
      const length = [payload.length >> 8, payload.length & 0xff];
      const tail = source.includes(":") ? [0, 0, ...length, 0, 0, 0, 112] : [0, 112, ...length];
      const sum = pseudoHeaderSum(source, destination, 112, payload.length);
      assert.equal(
        internetChecksum(Uint8Array.from(payload), sum),
        slowChecksum([...head, ...tail, ...payload]),
      );
    }
  }
});
