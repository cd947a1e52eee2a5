import assert from "node:assert/strict";
import {
  bitString,
  context,
  contextPrimitive,
  element,
  elements,
  integer,
  oid,
  TAG,
  time,
} from "../../src/wire/der.ts";

/** Octets as other tools write them. */
const CASES = [
  ["an OID", oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
  ["a small integer", integer(2), "020102"],
  ["zero", integer(0), "020100"],
  ["an integer that would be negative", integer(0x80, 1), "02030080" + "01"],
  ["an integer with leading zeros", integer(0, 0, 5), "020105"],
  ["a bit string", bitString(Uint8Array.of(0x80), 7), "03020780"],
  ["a bit string of whole octets", bitString(Uint8Array.of(0x80)), "03020080"],
  ["a time before 2050", time(Date.UTC(2026, 10, 29, 9, 7, 5)), "170d3236313132393039303730355a"],
  ["the last time before 2050", time(Date.UTC(2050, 0) - 1000), "170d3439313233313233353935395a"],
  ["the first time of 2050", time(Date.UTC(2050, 0)), "180f32303530303130313030303030305a"],
  ["no end", time(Date.UTC(9999, 11, 31, 23, 59, 59)), "180f39393939313233313233353935395a"],
  ["true", element(TAG.boolean, Uint8Array.of(0xff)), "0101ff"],
  ["a text", element(TAG.utf8String, Uint8Array.of(0x61)), "0c0161"],
  ["128 octets", element(TAG.octetString, new Uint8Array(128)), "048180" + "00".repeat(128)],
  ["a sequence of one", element(TAG.sequence, integer(2)), "3003020102"],
  ["a set of one", element(TAG.set, integer(2)), "3103020102"],
  ["a part of its context", context(0, integer(2)), "a003020102"],
  ["a name", contextPrimitive(2, Uint8Array.of(0x61)), "820161"],
] as const;

for (const [name, octets, hex] of CASES) {
  Deno.test(`DER: ${name}`, () => assert.equal(octets.toHex(), hex));
}

for (const length of [0, 127, 128, 255, 256, 65_536]) {
  Deno.test(`DER: content of ${length} octets is read as it was written`, () => {
    const content = new Uint8Array(length).fill(7);
    const whole = element(TAG.octetString, content);
    assert.deepEqual(elements(whole), [{ tag: TAG.octetString, content, whole }]);
  });
}

for (const hex of ["30", "3005", "30820100", "3085ffffffffff", "0401", "308500000000020500"]) {
  Deno.test(`DER: ${hex} is none`, () => {
    assert.throws(() => elements(Uint8Array.fromHex(hex)), RangeError);
  });
}

Deno.test("DER: a length may have four octets", () => {
  const [found] = elements(Uint8Array.fromHex("3084000000020500"));
  assert.equal(found?.content.toHex(), "0500");
});
