import assert from "node:assert/strict";
import { ownPeerFindings } from "../../../src/config/machine/own_peers.ts";
import { parseValid, withInstance } from "../support.ts";

const { config } = parseValid(
  `node: lb01\n${withInstance("unicast: { peers: [192.168.31.11, 192.168.31.12] }")}`,
);
const addressesOf = (name: string) => name === "eth1" ? ["192.168.31.11", "fe80::1"] : [];

Deno.test("a peer that is this node's own address is an error, in this node's configuration alone", () => {
  const [finding, ...others] = ownPeerFindings(config, "lb01", addressesOf);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [finding?.severity, finding?.code, finding?.path.join("."), finding?.message],
    [
      "error",
      "invalid_peer",
      "instances.0.unicast.peers.0",
      "192.168.31.11 is this node's own address",
    ],
  );
  assert.deepEqual(ownPeerFindings(config, "lb02", addressesOf), []);
  assert.deepEqual(ownPeerFindings(config, "lb01", () => ["192.168.31.13"]), []);
});
