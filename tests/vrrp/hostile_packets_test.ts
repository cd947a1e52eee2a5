/** 100,000 mutated and random packets on the way of a received packet, judged by an independent reading. */

import assert from "node:assert/strict";
import { checkAdvertisement, checkTtl, type ReceiveExpectation } from "../../src/vrrp/receive.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  encodeAdvertisement,
  type Envelope,
} from "../../src/wire/vrrp.ts";
import { randomOctets, seededRandom } from "../wire/random.ts";
import { backup, describeEffect, Driver, HIGHER_ADDRESS, master } from "./driving.ts";

const ENVELOPE: Envelope = { source: HIGHER_ADDRESS, destination: "224.0.0.18" };
const ADDRESSES = ["192.0.2.1", "192.0.2.2"];
const EXPECTED: Readonly<Record<2 | 3, ReceiveExpectation>> = {
  2: expecting(2),
  3: expecting(3),
};

function expecting(version: 2 | 3): ReceiveExpectation {
  return {
    version,
    priority: 100,
    advertIntervalCs: 100,
    authentication: { type: 0, data: new Uint8Array(8) },
    addresses: ADDRESSES,
  };
}

/** What is accepted, or `null`: the code under test. */
function accepted(ttl: number, payload: Uint8Array, version: 2 | 3): Advertisement | null {
  if (checkTtl(ttl)) return null;
  const decoded = decodeAdvertisement(payload, ENVELOPE);
  if (!decoded.ok) return null;
  return checkAdvertisement(decoded.advertisement, EXPECTED[version]).accept
    ? decoded.advertisement
    : null;
}

/** The one's complement sum, folded at each step. */
function sum(octets: Iterable<number>): number {
  let total = 0;
  let high = true;
  for (const octet of octets) {
    total += high ? octet << 8 : octet;
    if (total > 0xffff) total -= 0xffff;
    high = !high;
  }
  return total;
}

/** Source, destination, zero, protocol, length. */
function pseudoHeader(length: number): number[] {
  return [192, 0, 2, 11, 224, 0, 0, 18, 0, 112, length >> 8, length & 0xff];
}

/** The same question, answered by the RFC's tables without the code under test. */
function shouldBeAccepted(ttl: number, payload: Uint8Array, version: 2 | 3): boolean {
  const count = payload[3] ?? 0;
  if (ttl !== 255 || payload[0] !== version * 16 + 1 || count === 0) return false;
  const intact = sum(payload) === 0xffff;
  if (version === 2) {
    return payload.length === 16 + 4 * count && intact && payload[4] === 0 && payload[5] === 1;
  }
  const intervalCs = (payload[4]! % 16) * 256 + payload[5]!;
  const intactWithHeader = sum([...pseudoHeader(payload.length), ...payload]) === 0xffff;
  return payload.length === 8 + 4 * count && intervalCs > 0 && (intact || intactWithHeader);
}

/** Makes the checksum right for what the packet has become. */
function repairChecksum(octets: Uint8Array, withPseudoHeader: boolean): void {
  if (octets.length < 8) return;
  octets.fill(0, 6, 8);
  const head = withPseudoHeader ? pseudoHeader(octets.length) : [];
  const checksum = 0xffff - sum([...head, ...octets]);
  octets[6] = checksum >> 8;
  octets[7] = checksum & 0xff;
}

/** A packet with some octets changed, cut or added; a third of them with a checksum that fits again. */
function hostilePacket(random: () => number): Uint8Array {
  const number = (maximum: number) => Math.floor(random() * (maximum + 1));
  if (random() < 0.2) return randomOctets(random, 64);
  const version = random() < 0.5 ? 2 : 3;
  const form = random() < 0.5 ? "message" : "pseudo_header";
  const advertisement = { version, vrid: 51, priority: number(255), intervalCs: 100 } as const;
  const good = encodeAdvertisement({ ...advertisement, addresses: ADDRESSES }, ENVELOPE, form);
  let octets = Uint8Array.from([...good, ...(random() < 0.1 ? randomOctets(random, 12) : [])]);
  if (random() < 0.1) octets = octets.slice(0, number(octets.length));
  if (octets.length === 0) return octets;
  for (let changes = number(3); changes > 0; changes--) {
    octets[number(random() < 0.7 ? 7 : 100) % octets.length] = number(255);
  }
  if (random() < 0.4) repairChecksum(octets, version === 3 && form === "pseudo_header");
  return octets;
}

Deno.test("of 100,000 hostile packets the valid ones are accepted and no others", () => {
  const random = seededRandom(6);
  let valid = 0;
  for (let round = 0; round < 100_000; round++) {
    const packet = hostilePacket(random);
    const ttl = random() < 0.02 ? 254 : 255;
    for (const version of [2, 3] as const) {
      const expected = shouldBeAccepted(ttl, packet, version);
      if (expected) valid++;
      assert.equal(accepted(ttl, packet, version) !== null, expected, packet.toHex());
    }
  }
  assert.ok(valid > 10_000 && valid < 90_000, `${valid} valid ones make no good test`);
});

Deno.test("what is accepted moves a router as its state allows, and in no other way", () => {
  const random = seededRandom(7);
  const routers = {
    init: () => new Driver(),
    fault: () => {
      const router = new Driver();
      router.fails(0);
      return router;
    },
    backup: () => backup(),
    master: () => master(),
    handingOver: () => {
      const router = master();
      router.at(0, "handOver");
      return router;
    },
  };
  for (let round = 0; round < 20_000; round++) {
    const advertisement = accepted(255, hostilePacket(random), 2);
    if (!advertisement) continue;
    const { priority } = advertisement;
    const heard = { kind: "advertisementReceived", from: HIGHER_ADDRESS, advertisement } as const;
    for (const [name, start] of Object.entries(routers)) {
      const { router } = start();
      const effects = router.handle(heard, 10).map(describeEffect);
      const moved = effects.find((effect) => effect.includes("->"));
      const context = `${name}, priority ${priority}: ${effects.join(", ")}`;
      if (name === "init" || name === "fault") assert.deepEqual(effects, [], context);
      if (name === "backup") {
        assert.ok(effects.every((effect) => effect.startsWith("set masterDown ")), context);
      }
      // From a higher address: the same priority is enough.
      if (name === "master") assert.equal(moved !== undefined, priority >= 100, context);
      if (name === "handingOver") assert.equal(moved !== undefined, priority > 0, context);
      assert.equal(effects.includes("release"), moved !== undefined, context);
      assert.ok(!effects.includes("acquire"), context);
    }
  }
});
