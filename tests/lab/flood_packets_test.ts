/** Every packet of the flood is refused, each for the reason that it was made for. */

import assert from "node:assert/strict";
import { floodFrames } from "../../lab/flood_packets.ts";
import { VRID } from "../../lab/pair_config.ts";
import { checkAdvertisement, checkTtl } from "../../src/vrrp/receive.ts";
import { parseIpv4Datagram } from "../../src/wire/ipv4.ts";
import { decodeAdvertisement, passwordOctets } from "../../src/wire/vrrp.ts";

const ETHERNET_OCTETS = 14;

const REASONS: Readonly<Record<string, string>> = {
  "another pair": "unknown_vrid",
  "another pair, version 3": "unknown_vrid",
  "CARP": "packet_length",
  "wrong password": "authentication_failed",
  "wrong checksum": "checksum",
  "wrong TTL": "ttl",
  "unknown version": "version",
  "unknown type": "invalid_type",
  "cut off": "packet_length",
  "more addresses than octets": "packet_length",
  "another interval": "interval_mismatch",
  "nothing": "packet_length",
  "noise": "invalid_type",
};

function reasonFor(frame: Uint8Array): string {
  const datagram = parseIpv4Datagram(frame.subarray(ETHERNET_OCTETS));
  assert.ok(datagram !== null, "a datagram that the kernel would drop would load nobody");
  const { payload, ttl } = datagram;
  const envelope = checkTtl(ttl);
  if (envelope !== null) return envelope;
  const decoded = decodeAdvertisement(payload, datagram);
  if (!decoded.ok) return decoded.error;
  if (decoded.advertisement.vrid !== VRID) return "unknown_vrid";
  const verdict = checkAdvertisement(decoded.advertisement, {
    version: 2,
    priority: 150,
    advertIntervalCs: 100,
    authentication: { type: 1, data: passwordOctets("123456") },
    addresses: ["192.168.31.5"],
  });
  return verdict.accept ? "accepted" : verdict.reason;
}

Deno.test("no packet of the flood would be accepted", () => {
  const reasons = floodFrames(VRID).map(({ name, frame }) => [name, reasonFor(frame)]);
  assert.deepEqual(Object.fromEntries(reasons), REASONS);
});
