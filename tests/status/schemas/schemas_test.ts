/** Where the numbers of the status end, and what is there only if it is true. */

import assert from "node:assert/strict";
import type * as z from "zod";
import { commandClient } from "../../../src/status/schemas/command_origin.ts";
import { address, instance } from "../../../src/status/schemas/instance.ts";
import { peerInstance } from "../../../src/status/schemas/peer.ts";
import { process } from "../../../src/status/schemas/process.ts";
import { count, named, priority } from "../../../src/status/schemas/terms.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";
import { instanceWith } from "../pair/example.ts";

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

Deno.test("each number is accepted from its least to its greatest", () => {
  const place = { address: "192.168.31.5", device: "eth1", label: null, advertised: true };
  const rows: [what: string, of: (value: number) => boolean, from: number, to: number][] = [
    ["count", (value) => accepts(count, value), 0, Infinity],
    ["priority", (value) => accepts(priority, value), 0, 255],
    ["vrid", (vrid) => accepts(instance, instanceWith("protected", { vrid })), 1, 255],
    [
      "version",
      (version) => accepts(instance, { ...instanceWith("protected"), version }),
      ...[2, 3] as const,
    ],
    [
      "prefix_length",
      (prefix_length) => accepts(address, { ...place, prefix_length, held: true }),
      ...[0, 128] as const,
    ],
    [
      "realtime_priority",
      (realtime_priority) => accepts(process, { realtime_priority, nice: null }),
      ...[1, 99] as const,
    ],
    ["nice", (nice) => accepts(process, { realtime_priority: null, nice }), -20, 19],
  ];
  for (const [what, of, from, to] of rows) {
    assert.deepEqual([of(from - 1), of(from), of(from + 1)], [false, true, true], what);
    if (to < Infinity) assert.deepEqual([of(to), of(to + 1)], [true, false], what);
  }
});

Deno.test("what is said only if it is true is never false", () => {
  const whole = instanceWith("protected");
  const [peer] = examplePeer().instances;
  for (const key of ["adverts_missing", "without_verdict"]) {
    assert.ok(accepts(peerInstance, { ...peer, [key]: true }), key);
    assert.ok(!accepts(peerInstance, { ...peer, [key]: false }), key);
  }
  assert.ok(accepts(instance, { ...whole, adverts_missing: true }));
  assert.ok(!accepts(instance, { ...whole, adverts_missing: false }));
});

Deno.test("a peer does not say when it asked the address: its answer would be another one each time", () => {
  const [peer] = examplePeer().instances;
  const check = { target: "tcp 192.168.31.5:80", ok: true, detail: "" };
  assert.ok(accepts(peerInstance, { ...peer, client_check: check }));
  const at = "2026-03-01T10:00:00.000Z";
  assert.ok(!accepts(peerInstance, { ...peer, client_check: { ...check, at } }));
});

Deno.test("the client of a command has a name in the document", () => {
  assert.equal(named.get(commandClient)?.id, "CommandClient");
});
