/** The engine's record of what it has on the machine, written and read. */

import assert from "node:assert/strict";
import {
  decodeResourceRecord,
  encodeResourceRecord,
  isRecordOf,
} from "../../../src/node/resources/resource_record.ts";
import { instanceConfig, VIP } from "../../../src/sim/cluster.ts";

const AT_MS = Date.UTC(2026, 2, 1, 10);
const INSTANCE = { config: instanceConfig(), held: true, source: "192.168.31.11" };
const TEXT = encodeResourceRecord("3f2a", AT_MS, [INSTANCE]);

Deno.test("a record is read as it was written, and names no password", () => {
  assert.deepEqual(decodeResourceRecord(TEXT), {
    ok: true,
    record: {
      boot: "3f2a",
      writtenAtMs: AT_MS,
      instances: [{
        ...{ interface: "eth1", family: "ipv4", vrid: 55, held: true, leaseSeconds: 3 },
        ...{ source: "192.168.31.11", addresses: [{ address: VIP.address, device: VIP.device }] },
      }],
    },
  });
  assert.ok(!TEXT.includes("123456"));
});

Deno.test("a record is taken whole or not at all", () => {
  const broken: readonly (readonly [string, RegExp])[] = [
    [TEXT.slice(0, -10), /damaged or cut off/],
    ["", /damaged or cut off/],
    ["[]", /no record/],
    [TEXT.replace('"version":1', '"version":2'), /at version/],
    [TEXT.replace("vipd-held", "vipd-state"), /at format/],
    [TEXT.replace('"vrid":55', '"vrid":0'), /at instances\.0\.vrid/],
    [TEXT.replace('"held":true', '"held":true,"key":"00"'), /at instances\.0/],
  ];
  for (const [text, problem] of broken) {
    assert.notEqual(text, TEXT);
    const decoded = decodeResourceRecord(text);
    assert.ok(!decoded.ok, text);
    assert.match(decoded.problem, problem);
  }
});

Deno.test("a record may have the shortest names, and each VRID that there is", () => {
  for (const vrid of [1, 255]) {
    const config = instanceConfig({ vrid, interface: "e" });
    const decoded = decodeResourceRecord(
      encodeResourceRecord("b", AT_MS, [{ ...INSTANCE, config }]),
    );
    assert.ok(decoded.ok);
    const { boot, instances: [instance] } = decoded.record;
    assert.deepEqual([boot, instance?.interface, instance?.vrid], ["b", "e", vrid]);
  }
  for (const text of [TEXT.replace("3f2a", ""), TEXT.replace('"eth1"', '""')]) {
    assert.equal(decodeResourceRecord(text).ok, false);
  }
  assert.equal(decodeResourceRecord(TEXT.replace('"vrid":55', '"vrid":256')).ok, false);
});

Deno.test("a record is of the instance of the same interface, family and VRID", () => {
  const decoded = decodeResourceRecord(TEXT);
  assert.ok(decoded.ok);
  const [recorded] = decoded.record.instances;
  const of = (changes: Parameters<typeof instanceConfig>[0]) =>
    isRecordOf(recorded!, instanceConfig(changes));
  assert.deepEqual([of({}), of({ name: "another" })], [true, true]);
  assert.deepEqual([of({ interface: "eth2" }), of({ family: "ipv6" }), of({ vrid: 56 })], [
    ...[false, false, false],
  ]);
});
