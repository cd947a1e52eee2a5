import assert from "node:assert/strict";
import type { VrrpDatagram } from "../../src/host/vrrp.ts";
import { Delivery } from "../../src/monitor/delivery.ts";

const ADVERT: VrrpDatagram = {
  interface: "eth1",
  source: "192.168.31.12",
  destination: "224.0.0.18",
  ttl: 255,
  payload: new Uint8Array([0x21, 55, 100, 1, 0, 1, 0, 0]),
};

/** When the advert arrives (a) and is delivered (d), then what is reported until a second later. */
const CASES: readonly [name: string, events: readonly [number, "a" | "d"][], string[]][] = [
  ["delivered at once", [[0, "a"], [1, "d"], [1000, "a"], [1001, "d"]], []],
  ["the second socket is read first", [[0, "d"], [1, "a"], [1000, "d"], [1020, "a"]], []],
  ["delivered late, but in time", [[0, "a"], [99, "d"]], []],
  ["never delivered, reported once", [[0, "a"], [1000, "a"], [2000, "a"]], ["finding_began"]],
  ["never delivered, heard once", [[0, "a"]], ["finding_began"]],
  ["a rule that goes", [[0, "a"], [1000, "a"], [1001, "d"]], ["finding_began", "finding_ended"]],
  ["a rule that comes", [[0, "a"], [1, "d"], [1000, "a"]], ["finding_began"]],
];

Deno.test("what arrives and is not delivered within 100 ms is dropped by the firewall", () => {
  for (const [name, events, want] of CASES) {
    const delivery = new Delivery();
    const codes: string[] = [];
    const last = events.at(-1)![0];
    for (let nowMs = 0; nowMs <= last + 1000; nowMs++) {
      for (const [, kind] of events.filter(([atMs]) => atMs === nowMs)) {
        const changes = kind === "a"
          ? delivery.arrived(ADVERT, nowMs)
          : delivery.delivered(ADVERT, nowMs);
        codes.push(...changes.map(({ code }) => code));
      }
      if (nowMs % 500 === 0) codes.push(...delivery.tick(nowMs).map(({ code }) => code));
    }
    assert.deepEqual(codes, want, name);
    assert.equal(delivery.undelivered().length, want.at(-1) === "finding_began" ? 1 : 0, name);
  }
});

Deno.test("100 ms are in time, more are not", () => {
  const counts = (act: (delivery: Delivery) => void) => {
    const delivery = new Delivery();
    act(delivery);
    return delivery.undelivered().map(({ count }) => count);
  };
  const look = (...ticksMs: number[]) => (delivery: Delivery) => {
    delivery.arrived(ADVERT, 0);
    for (const nowMs of ticksMs) delivery.tick(nowMs);
  };
  assert.deepEqual(counts(look(100)), []);
  assert.deepEqual(counts(look(100.5)), [1]);
  assert.deepEqual(counts(look(200, 400)), [1], "a datagram is counted once");
  const after = (arrivedMs: number) => (delivery: Delivery) => {
    delivery.delivered(ADVERT, 0);
    delivery.arrived(ADVERT, arrivedMs);
    delivery.tick(1000);
  };
  assert.deepEqual(counts(after(100)), [], "it may be the one that was delivered before");
  assert.deepEqual(counts(after(100.5)), [1]);
});

Deno.test("of too many senders the one heard longest ago is forgotten", () => {
  const delivery = new Delivery();
  const source = (number: number) => `10.0.${number >> 8}.${number & 255}`;
  for (const number of [...Array(256).keys(), 0, 256]) {
    delivery.arrived({ ...ADVERT, source: source(number) }, 0);
  }
  delivery.tick(200);
  const known = delivery.undelivered().map((flow) => flow.source);
  assert.deepEqual([known.includes(source(0)), known.includes(source(1))], [true, false]);
});

Deno.test("forged senders fill no memory", () => {
  const delivery = new Delivery();
  for (let i = 0; i < 1000; i++) {
    delivery.arrived({ ...ADVERT, source: `10.0.${i >> 8}.${i & 255}` }, 0);
  }
  delivery.tick(200);
  assert.equal(delivery.undelivered().length, 256);
});
