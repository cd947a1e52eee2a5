import assert from "node:assert/strict";
import * as z from "zod";
import { STATUS_EXAMPLE } from "../../src/front/openapi/examples.ts";
import { boundedSchema } from "../../src/ipc/bounded_schema.ts";
import { readFrontMessage } from "../../src/ipc/messages.ts";
import { peerInstance } from "../../src/status/schemas/peer.ts";

const INSTANCE = STATUS_EXAMPLE.peers[0]!.instances[0]!;
/** A value for each optional key of the model, so that the next key added there is missing here. */
const OPTIONAL: { readonly [K in OptionalKey]-?: NonNullable<z.infer<typeof peerInstance>[K]> } = {
  lowered_by: ["check nginx is down"],
  adverts_missing: true,
  adverts_blocked: "a rule drops them",
  adverts_dropped_by: { rule: "drop", command: "nft delete rule" },
  addresses_missing: ["192.168.31.5"],
  since: "2026-03-01T10:00:00.000Z",
  client_check: { target: "http://192.168.31.5:80/", ok: true, detail: "HTTP 200" },
  address_on_backup: { address: "192.168.31.5", device: "eth1" },
  address_conflict: { alarm: "address_conflict", message: "another host has it", hint: "find it" },
  client_check_unknown: "nothing has answered yet",
  without_verdict: true,
};
type PeerInstance = z.infer<typeof peerInstance>;
type OptionalKey = {
  [K in keyof PeerInstance]-?: undefined extends PeerInstance[K] ? K : never;
}[keyof PeerInstance];

Deno.test("the engine reads every key of a peer's instance that the model has", () => {
  const full = { ...INSTANCE, ...OPTIONAL };
  assert.deepEqual(Object.keys(full).sort(), Object.keys(peerInstance.shape).sort());
  const message = { type: "peer_instances", name: "lb02", instances: [full] };
  assert.deepEqual(readFrontMessage(JSON.parse(JSON.stringify(message))), message);
});

Deno.test("what a later version says more is ignored, and every text and list is bounded", () => {
  const read = (instance: object) =>
    readFrontMessage({ type: "peer_instances", name: "lb02", instances: [instance] });
  assert.deepEqual(read({ ...INSTANCE, later: 1 }), read(INSTANCE));
  assert.notEqual(read(INSTANCE), null);
  const long = "a".repeat(4097);
  const wrong: readonly object[] = [
    { name: long },
    { faults: [long] },
    { faults: Array(4097).fill("") },
    { client_check: { ...OPTIONAL.client_check, detail: long } },
    { since: `2026-03-01T10:00:00.${"0".repeat(4097)}Z` },
    { priority: { configured: 256, effective: 1 } },
    { state: "other" },
  ];
  for (const change of wrong) assert.equal(read({ ...INSTANCE, ...change }), null);
});

Deno.test("a kind of schema without a bound is refused", () => {
  assert.throws(() => boundedSchema(z.unknown()), TypeError);
});
