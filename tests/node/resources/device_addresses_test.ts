/** Addresses as an interface carries them. */

import assert from "node:assert/strict";
import type { InterfaceAddress, InterfaceState } from "../../../src/host/interfaces.ts";
import { allOnDevice, onDevice } from "../../../src/node/resources/device_addresses.ts";

const ADDRESSES: readonly InterfaceAddress[] = [
  { address: "192.168.31.5", prefixLength: 24 },
  { address: "192.168.31.5", prefixLength: 32, foreign: true },
  { address: "192.168.31.6", prefixLength: 24 },
];

function hostWith(addresses: readonly InterfaceAddress[]) {
  const state = { addresses } as InterfaceState;
  return { interfaceState: (name: string) => name === "eth1" ? state : null };
}

Deno.test("an address is found with each of its prefix lengths, on its device alone", () => {
  const host = hostWith(ADDRESSES);
  const found = (address: string, device: string) =>
    onDevice(host, { address, prefixLength: 24, device }).map(({ prefixLength }) => prefixLength);
  assert.deepEqual(found("192.168.31.5", "eth1"), [24, 32]);
  assert.deepEqual(found("192.168.31.7", "eth1"), []);
  assert.deepEqual(found("192.168.31.5", "eth2"), []);
});

Deno.test("a state is gone through once, for however many addresses it is asked", () => {
  const host = hostWith(ADDRESSES);
  const address = { address: "192.168.31.5", prefixLength: 24, device: "eth1" } as const;
  assert.equal(onDevice(host, address), onDevice(host, address));
  assert.equal(allOnDevice(host, "eth1"), allOnDevice(host, "eth1"));
  assert.notEqual(onDevice(hostWith([...ADDRESSES]), address), onDevice(host, address));
});
