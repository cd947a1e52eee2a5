/** Findings about the addresses that the machine has of its own: virtual ones, unicast peers, sources of adverts. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import type { Config } from "../../../src/config/model.ts";
import {
  addressesNow,
  ownAddressFindings,
  ownPeerFindings,
  ownUrlFindings,
  someVirtual,
  sourceFindings,
} from "../../../src/config/machine/own_addresses.ts";
import { importKeepalived } from "../../../src/keepalived/import.ts";
import { filesOf } from "../../keepalived/support.ts";
import { parseValid, withInstance } from "../support.ts";

const OWN = { prefixLength: 24, foreign: true } as const;
const INTERFACES = [{
  name: "eth1",
  addresses: [
    { address: "192.168.31.11", ...OWN },
    { address: "192.168.31.5", ...OWN },
    { address: "192.168.31.6", ...OWN, prefixLength: 32 },
    // vipd has added this one.
    { address: "192.168.31.9", prefixLength: 24 },
  ],
}];

function configOf(priority: number, ...addresses: string[]): Config {
  const { config } = parseValid(`instances:
  - { name: VI_1, interface: eth1, vrid: 55, priority: ${priority}, addresses: [${addresses}] }
`);
  return config;
}

function found(config: Config): string[] {
  return ownAddressFindings(config, INTERFACES).map(
    ({ severity, code, path, message, hint }) =>
      `${severity} ${path.join(".")}: ${message}; ${hint} [${code}]`,
  );
}

Deno.test("a virtual address that the machine has of its own is a warning, with the command that removes it", () => {
  assert.deepEqual(found(configOf(150, "192.168.31.9/24", "192.168.31.6/24")), [
    "warning instances.0.addresses.1: 192.168.31.6 is this machine's own address on eth1, not added " +
    "by vipd: it answers as backup, too; remove it (ip address del 192.168.31.6/32 dev eth1) and " +
    "take it out of the network's configuration, or make this node the owner with priority 255 " +
    "[own_address]",
  ]);
});

Deno.test("several are one warning", () => {
  const [warning, ...others] = found(configOf(150, "192.168.31.5/24", "192.168.31.6/24"));
  assert.match(warning!, /: 192\.168\.31\.5 and 1 more are this machine's own addresses on eth1, /);
  assert.deepEqual(others, []);
});

const RIGHT: readonly (readonly [string, Config])[] = [
  ["vipd has added it", configOf(150, "192.168.31.9/24")],
  ["it is not on this machine", configOf(150, "192.168.31.7/24")],
  ["the node is the owner (RFC 9568 section 8.3.1)", configOf(255, "192.168.31.5/24")],
];
for (const [name, config] of RIGHT) {
  Deno.test(`no warning about own addresses: ${name}`, () => assert.deepEqual(found(config), []));
}

Deno.test("the machine is only asked for its marks if it has one of the addresses", () => {
  const config = configOf(150, "192.168.31.5/24");
  assert.equal(someVirtual(config, ["192.168.31.11", "192.168.31.5"]), true);
  assert.equal(someVirtual(config, ["192.168.31.11"]), false);
});

Deno.test("an import gives the advice at the address", async () => {
  const text = `vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  virtual_ipaddress {
    192.168.31.7/24
    192.168.31.5/24
  }
}
`;
  const files = filesOf({ "keepalived.conf": text });
  const onMachine = (config: Config) => ownAddressFindings(config, INTERFACES);
  const options = { id: "lb01", hostname: "lb01", onMachine };
  const { findings, yaml } = await importKeepalived("keepalived.conf", files, options);
  const advice = findings.filter(({ message }) => message.includes("own address"));
  assert.deepEqual(advice.map(({ severity, line }) => [severity, line]), [["note", 6]]);
  assert.match(yaml!, /192\.168\.31\.5\/24/);
});

const { config: withPeers } = parseValid(
  `node: lb01\n${withInstance("unicast: { peers: [192.168.31.11, 192.168.31.12] }")}`,
);
const ownAddressesOf = (name: string) => name === "eth1" ? ["192.168.31.11", "fe80::1"] : [];

Deno.test("a peer that is this node's own address is an error, in this node's configuration alone", () => {
  const [finding, ...others] = ownPeerFindings(withPeers, "lb01", ownAddressesOf);
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
  assert.deepEqual(ownPeerFindings(withPeers, "lb02", ownAddressesOf), []);
  assert.deepEqual(ownPeerFindings(withPeers, "lb01", () => ["192.168.31.13"]), []);
});

/** [what, `listen`, URL, severity of the finding]. */
const URLS: readonly (readonly [string, string, string, "error" | "warning" | null])[] = [
  ["where it listens", "192.168.31.11:9112", "http://192.168.31.11:9112", "error"],
  ["where it listens, by name", "127.0.0.1:9112", "http://localhost:9112", "error"],
  ["all of IPv4", "0.0.0.0:9112", "https://192.168.31.11:9112", "error"],
  ["all of IPv4, loopback", "0.0.0.0:9112", "http://127.0.0.1:9112", "error"],
  ["all of IPv6", "[::]:9112", "http://[::1]:9112", "error"],
  ["its own name", "0.0.0.0:9112", "https://lb01.example.com:9112", "error"],
  ["the usual port of https", "0.0.0.0:443", "https://192.168.31.11", "error"],
  ["its own socket", "unix:/run/vipd/api.sock", "unix:/run/vipd/api.sock", "error"],
  ["another address with its port", "192.168.31.11:9112", "http://127.0.0.1:9112", "warning"],
  ["another port", "0.0.0.0:9112", "http://192.168.31.11:9113", "warning"],
  ["a tunnel on loopback", "127.0.0.1:9112", "http://127.0.0.1:9113", null],
  ["the other node", "0.0.0.0:9112", "https://192.168.31.12:9112", null],
  ["the other node's name", "0.0.0.0:9112", "https://lb02.example.com:9112", null],
  ["the virtual address", "0.0.0.0:9112", "https://192.168.31.5:9112", "warning"],
  ["another socket", "unix:/run/vipd/api.sock", "unix:/run/lb02/api.sock", null],
];

function urlFindings(listen: string, url: string, hostname: string) {
  const { config } = parseValid(`node: lb01
api:
  listen: "${listen}"
  allow_plaintext: true
peers: [{ name: lb02, url: "${url}" }]
${withInstance("")}`);
  return ownUrlFindings(config, hostname, ["127.0.0.1", "::1", "192.168.31.11", "192.168.31.5"]);
}

for (const [what, listen, url, severity] of URLS) {
  Deno.test(`the URL of a peer against this node: ${what}`, () => {
    const found = urlFindings(listen, url, "lb01.example.com");
    assert.deepEqual(
      found.map((one) => [one.severity, one.code, one.path.join(".")]),
      severity === null ? [] : [[severity, "own_peer_url", "peers.0.url"]],
    );
  });
}

Deno.test("the file of another node is judged by what it says of itself", () => {
  assert.deepEqual(urlFindings("0.0.0.0:9112", "https://192.168.31.11:9112", "lb02"), []);
  const [own] = urlFindings("192.168.31.13:9112", "https://192.168.31.13:9112", "lb02");
  assert.equal(own?.severity, "error");
  const [virtual] = urlFindings("192.168.31.13:9112", "https://192.168.31.5:9112", "lb02");
  assert.equal(
    `${virtual?.severity}: ${virtual?.message}; ${virtual?.hint}`,
    "warning: 192.168.31.5 is a virtual address: on the master, https://192.168.31.5:9112 is this node's own API; " +
      "write the address that the other node always has",
  );
});

const addressesOf = addressesNow([
  { name: "eth1", address: "192.168.31.11" },
  { name: "eth2", address: "192.168.32.11" },
  { name: "eth1", address: "192.168.31.21" },
  { name: "eth1", address: "192.168.31.5" },
  { name: "eth1", address: "fe80::1" },
  { name: "eth1", address: "2001:db8::1" },
]);

function ambiguities(more: string, changes: { device?: string; address?: string } = {}): string[] {
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
  assert.deepEqual(ambiguities(PEER), [
    "instances.0.unicast: eth1 has several own addresses (192.168.31.11, 192.168.31.21), and the " +
    "peers accept adverts from the one that they name; write `source_address: 192.168.31.11`, or " +
    "the one that the peers name [source_ambiguous]",
  ]);
});

const CERTAIN: readonly [string, string, Parameters<typeof ambiguities>[1]?][] = [
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
    assert.deepEqual(ambiguities(more, changes), []);
  });
}

Deno.test("an import gives the advice about the source at its unicast_peer", async () => {
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
