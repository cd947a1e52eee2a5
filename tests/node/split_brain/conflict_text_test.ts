/** What an alarm says about those that claim an address. */

import assert from "node:assert/strict";
import { type ClaimantAdvert, Claimants } from "../../../src/node/split_brain/claimants.ts";
import {
  claimantText,
  conflictAlarm,
  type KnownPeers,
} from "../../../src/node/split_brain/conflict_text.ts";
import { instanceConfig, VIP } from "../../../src/sim/cluster.ts";

const PEERS: KnownPeers = { peerWithAddress: () => null, peerAt: () => null, dropping: () => [] };
const GOOD: ClaimantAdvert = { kind: "good", source: "192.168.31.12", priority: 100 };
const MAC = "02:00:00:00:00:4d";
const VIRTUAL_MAC = "00:00:5e:00:01:37";

/** So many claimants, the one at this address the first of them. */
function claimants(count: number, mac: string, advert?: ClaimantAdvert, address = VIP.address) {
  const all = new Claimants(address, 0);
  for (const atMs of [0, 5000]) all.claimed(mac, address, atMs);
  if (advert) all.advertised(mac, advert);
  for (let other = 1; other < count; other++) all.claimed(`other ${other}`, address, 5000);
  return all;
}

const CASES: readonly (readonly [
  string,
  number,
  string,
  ClaimantAdvert | undefined,
  Partial<KnownPeers>,
  string,
])[] = [
  [
    "a host",
    1,
    MAC,
    undefined,
    {},
    `address_conflict: another host answers for ADDRESS too, at ${MAC}; no VRRP of it arrives`,
  ],
  [
    "a host among four",
    4,
    MAC,
    undefined,
    {},
    `address_conflict: another host answers for ADDRESS too, at ${MAC}; no VRRP of it arrives`,
  ],
  [
    "a peer that is no master",
    1,
    MAC,
    undefined,
    { peerWithAddress: () => "lb02" },
    "address_conflict: lb02 answers for ADDRESS too: it is not master and has the address all the same",
  ],
  [
    "a virtual MAC address",
    1,
    VIRTUAL_MAC,
    undefined,
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${VIRTUAL_MAC}; no advert of it arrives`,
  ],
  [
    "its peer is asked for by no address",
    1,
    VIRTUAL_MAC,
    undefined,
    { peerAt: () => "lb02" },
    `split_brain_address: another master answers for ADDRESS too, at ${VIRTUAL_MAC}; no advert of it arrives`,
  ],
  [
    "a master",
    1,
    MAC,
    GOOD,
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${MAC}; its adverts (192.168.31.12, priority 100) arrive at eth1`,
  ],
  [
    "a master that is a peer",
    1,
    MAC,
    GOOD,
    { peerAt: (at) => at === "192.168.31.12" ? "lb02" : null },
    "split_brain_address: lb02 answers for ADDRESS too, as another master; its adverts (192.168.31.12, priority 100) arrive at eth1",
  ],
  [
    "refused adverts",
    1,
    MAC,
    { kind: "refused", source: "192.168.31.12", why: "authentication_failed" },
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${MAC}; its adverts are refused (authentication_failed)`,
  ],
  [
    "another VRID",
    1,
    MAC,
    { kind: "otherVrid", source: "192.168.31.12", vrid: 77 },
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${MAC}; it is 192.168.31.12, which advertises it under VRID 77, this node under VRID 55`,
  ],
  [
    "a master among five",
    5,
    MAC,
    GOOD,
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${MAC}; its adverts (192.168.31.12, priority 100) arrive at eth1; 4 MAC addresses claim it too`,
  ],
  [
    "a host among five",
    5,
    MAC,
    undefined,
    {},
    "address_conflict: 5 MAC addresses claim ADDRESS: somebody forges HOW; this node keeps it",
  ],
  [
    "nine",
    9,
    MAC,
    undefined,
    {},
    "address_conflict: 9 MAC addresses claim ADDRESS: somebody forges HOW; this node keeps it",
  ],
  [
    "ten",
    10,
    MAC,
    undefined,
    {},
    "address_conflict: at least 10 MAC addresses claim ADDRESS: somebody forges HOW; this node keeps it",
  ],
  [
    "29",
    29,
    MAC,
    undefined,
    {},
    "address_conflict: at least 20 MAC addresses claim ADDRESS: somebody forges HOW; this node keeps it",
  ],
  [
    "312",
    312,
    MAC,
    undefined,
    {},
    "address_conflict: at least 300 MAC addresses claim ADDRESS: somebody forges HOW; this node keeps it",
  ],
  [
    "a master among 312",
    312,
    MAC,
    GOOD,
    {},
    `split_brain_address: another master answers for ADDRESS too, at ${MAC}; its adverts (192.168.31.12, priority 100) arrive at eth1; at least 300 MAC addresses claim it too`,
  ],
];

Deno.test("the text names who claims an address as far as that is known", () => {
  for (
    const [address, how] of [[VIP.address, "ARP"], ["fe80::5", "neighbour advertisements"]] as const
  ) {
    for (const [what, count, mac, advert, peers, said] of CASES) {
      const all = claimants(count, mac, advert, address);
      const named = all.lasting(5000);
      const { code, message } = conflictAlarm(instanceConfig(), all, named, { ...PEERS, ...peers });
      assert.equal(
        `${code}: ${message}`,
        said.replace("ADDRESS", address).replace("HOW", how),
        what,
      );
    }
  }
});

Deno.test("of many of whom none stands out, the text names all, and one advert alone makes no master of another", () => {
  const { code, message } = conflictAlarm(instanceConfig(), claimants(2, MAC, GOOD), null, PEERS);
  assert.equal(
    `${code}: ${message}`,
    "address_conflict: 2 MAC addresses claim 192.168.31.5: somebody forges ARP; this node keeps it",
  );
});

Deno.test("another master in half a sentence", () => {
  const of = (advert?: ClaimantAdvert) => claimantText(claimants(1, MAC, advert).lasting(0)!);
  assert.deepEqual([of(GOOD), of()], ["192.168.31.12 with priority 100", MAC]);
});
