/** Warnings about sources of adverts that a configuration leaves open, on a machine with several addresses. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import type { Config } from "../../../src/config/model.ts";
import { sourceFindings } from "../../../src/config/machine/own_sources.ts";
import { importKeepalived } from "../../../src/keepalived/import.ts";
import { filesOf } from "../../keepalived/support.ts";

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  eth1: ["192.168.31.11", "192.168.31.21", "192.168.31.5", "fe80::1", "2001:db8::1"],
  eth2: ["192.168.32.11"],
};
const addressesOf = (name: string) => ADDRESSES[name] ?? [];

function found(more: string, changes: { device?: string; address?: string } = {}): string[] {
  const { device = "eth1", address = "192.168.31.5/24" } = changes;
  const text = `instances:
  - { name: VI_1, interface: ${device}, vrid: 55, version: 3, addresses: [${address}]${more} }
`;
  const loaded = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return sourceFindings(loaded.config, addressesOf).map(({ code, path, message, hint }) =>
    `${path.join(".")}: ${message}; ${hint} [${code}]`
  );
}

const PEER = ", unicast: { peers: [192.168.31.12] }";

Deno.test("unicast without source_address on an interface with several own addresses is a warning", () => {
  assert.deepEqual(found(PEER), [
    "instances.0.unicast: eth1 has several own addresses (192.168.31.11, 192.168.31.21), and the " +
    "peers accept adverts from the one that they name; write `source_address: 192.168.31.11`, or " +
    "the one that the peers name [source_ambiguous]",
  ]);
});

const CERTAIN: readonly [string, string, Parameters<typeof found>[1]?][] = [
  ["multicast", ""],
  ["with source_address", `${PEER}, source_address: 192.168.31.21`],
  ["one own address", PEER, { device: "eth2" }],
  ["an interface of another machine", PEER, { device: "eth9" }],
  ["one address of the family and scope", ", unicast: { peers: ['fe80::12'] }", {
    address: "'fe80::5/64'",
  }],
];
for (const [what, more, changes] of CERTAIN) {
  Deno.test(`no warning about the source: ${what}`, () => {
    assert.deepEqual(found(more, changes), []);
  });
}

Deno.test("an import gives the advice at its unicast_peer", async () => {
  const text = `vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  unicast_peer { 192.168.31.12 }
  virtual_ipaddress { 192.168.31.5/24 }
}
`;
  const files = filesOf({ "keepalived.conf": text });
  const onMachine = (config: Config) => sourceFindings(config, addressesOf);
  const options = { id: "lb01", hostname: "lb01", onMachine };
  const { findings } = await importKeepalived("keepalived.conf", files, options);
  const advice = findings.filter(({ message }) => message.includes("several own addresses"));
  assert.deepEqual(advice.map(({ severity, line }) => [severity, line]), [["note", 4]]);
});
