/** How one entry of `virtual_ipaddress` is read. */

import { deepStrictEqual } from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { readVirtualAddress } from "../../../src/keepalived/keywords/virtual_address.ts";
import { parseText } from "../support.ts";

function read(line: string) {
  const report = new Report();
  const [statement] = parseText(line).statements;
  const { address } = readVirtualAddress(statement!, false, report);
  return { address, findings: report.sorted([]).map(({ message }) => message) };
}

const ENTRIES: readonly (readonly [line: string, address: string])[] = [
  ["10.0.0.100", "10.0.0.100/32"],
  ["10.0.0.100/24", "10.0.0.100/24"],
  ["2001:db8::5", "2001:db8::5/128"],
  ["2001:db8::5/64", "2001:db8::5/64"],
];

for (const [line, address] of ENTRIES) {
  Deno.test(`${line} is the address ${address}`, () => {
    deepStrictEqual(read(line), { address, findings: [] });
  });
}

Deno.test("a word that is no option, and an option without its value, are reported", () => {
  deepStrictEqual(read("10.0.0.100 dv eth1").findings, [
    '"dv" is no option of an address; it has no effect',
    '"eth1" is no option of an address; it has no effect',
  ]);
  deepStrictEqual(read("10.0.0.100 dev").findings, ["the value of dev is missing"]);
});

Deno.test("only a network of four addresses or more has a broadcast address of its own", () => {
  deepStrictEqual(read("10.0.0.100/30 brd +").findings, []);
  deepStrictEqual(read("10.0.0.100/31 brd +").findings, [
    "brd: a network /31 has no broadcast address",
  ]);
  deepStrictEqual(read("10.0.0.100/31 brd 10.0.0.101").findings, []);
});
