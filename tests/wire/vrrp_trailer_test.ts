/** What the digest of a signed advertisement covers. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { trailerDigest } from "../../src/wire/vrrp_trailer.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);

Deno.test("a digest covers family, version, VRID, source and message, not checksum and digest", () => {
  const cases: readonly [version: number, source: string, header: string][] = [
    [2, "192.0.2.1", "04023300c000020100000000000000000000000000"],
    [3, "192.0.2.1", "04033300c000020100000000000000000000000000"],
    [3, "fe80::c8", "06033300fe8000000000000000000000000000c800"],
  ];
  for (const [version, source, header] of cases) {
    const head = `${version}133640100640000`;
    const message = `${head.slice(0, 12)}beefc0000264`;
    const prefix = "010700006a0b0c0d8000002a";
    const payload = Uint8Array.fromHex(message + prefix + "ff".repeat(16));
    const image = header.slice(0, 40) + `${head}c0000264` + prefix + "00".repeat(16);
    const want = createHmac("sha256", KEY).update(Uint8Array.fromHex(image)).digest("hex");
    assert.equal(trailerDigest(payload, source, KEY).toHex(), want.slice(0, 32), source);
  }
});
