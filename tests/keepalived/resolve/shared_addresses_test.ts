/** Addresses that stand twice, in one instance or in two. */

import assert from "node:assert/strict";
import { importText, told } from "../support.ts";

function instance(vrid: number, more: readonly string[], link = "eth0"): string {
  return [
    `vrrp_instance VI_${vrid} {`,
    ...[`interface ${link}`, `virtual_router_id ${vrid}`, ...more, "}", ""],
  ].join("\n");
}

const of = (...addresses: readonly string[]) => ["virtual_ipaddress {", ...addresses, "}"];
const excluded = (...addresses: readonly string[]) => [
  ...["virtual_ipaddress_excluded {", ...addresses, "}"],
];

const ABOVE = /note: 10\.0\.0\.1\/24: the address stands above already; keep one/;
const TAKEN = /loss: \S+: the address stands in "VI_1" already/;

const CASES: readonly [name: string, text: string, says?: RegExp][] = [
  ["two addresses", instance(1, of("10.0.0.1/24", "10.0.0.2/24"))],
  ["the same one", instance(1, of("10.0.0.1/24", "10.0.0.1/24")), ABOVE],
  [
    "with another prefix length",
    instance(1, of("10.0.0.1/24", "10.0.0.1/32")),
    /loss: 10\.0\.0\.1\/32: the address stands above already/,
  ],
  [
    "in two instances",
    instance(1, of("10.0.0.1/24")) + instance(2, of("10.0.0.2/24", "10.0.0.1/24")),
    TAKEN,
  ],
  [
    "on two links",
    instance(1, of("10.0.0.1/24 dev eth1")) +
    instance(2, of("10.0.0.2/24", "10.0.0.1/24 dev eth2")),
    TAKEN,
  ],
  [
    "a link-local one on two links",
    instance(1, of("fe80::1/64")) + instance(2, of("fe80::1/64"), "eth1"),
  ],
  [
    "a link-local one on another link by its own device",
    instance(1, of("fe80::1/64")) + instance(2, of("fe80::1/64 dev eth1")),
  ],
  [
    "a link-local one on one link",
    instance(1, of("fe80::1/64")) + instance(2, of("fe80::2/64", "fe80::1/64")),
    TAKEN,
  ],
  [
    "in adverts and out of them",
    instance(1, [...excluded("10.0.0.1/24"), ...of("10.0.0.1/24")]),
    /keepalived\.conf:5: note: 10\.0\.0\.1\/24: the address stands above already/,
  ],
];

for (const [name, text, says] of CASES) {
  Deno.test(`addresses that stand twice: ${name}`, async () => {
    const said = told((await importText(text)).findings);
    assert.equal(said.length, says === undefined ? 0 : 1, said.join("\n"));
    if (says !== undefined) assert.match(said[0]!, says);
  });
}
