import assert from "node:assert/strict";
import { kindOf } from "./machine/frames.ts";

const [LB01, LB02, ALL] = ["020000000011", "020000000012", "ffffffffffff"] as const;
const [NONE, OWN, VIRTUAL] = ["00000000", "c0a81f0b", "c0a81f05"] as const;
const [REQUEST, REPLY] = ["0001", "0002"] as const;

/** Of lb01 (RFC 826). */
const arp = (
  to: string,
  operation: string,
  sender: string,
  target: string,
  targetMac: string = ALL,
) => `${to}${LB01}0806000108000604${operation}${LB01}${sender}${targetMac}${target}`;

const CASES = [
  ["a gratuitous ARP", arp(ALL, REQUEST, VIRTUAL, VIRTUAL), "announcement"],
  ["an ARP probe", arp(ALL, REQUEST, NONE, VIRTUAL), "probe"],
  ["a host that asks for the address", arp(ALL, REQUEST, OWN, VIRTUAL), null],
  ["the kernel's answer to a host", arp(LB02, REPLY, VIRTUAL, OWN, LB02), null],
  [
    "the kernel's answer to the next master's gratuitous ARP",
    arp(LB02, REPLY, VIRTUAL, VIRTUAL, LB02),
    null,
  ],
  ["an announcement of another address", arp(ALL, REQUEST, OWN, OWN), null],
] as const;

for (const [what, digits, kind] of CASES) {
  Deno.test(`${what} is ${kind === null ? "not what vipd sent" : `its ${kind}`}`, () => {
    assert.equal(kindOf(Uint8Array.fromHex(digits), [VIRTUAL]), kind);
  });
}
