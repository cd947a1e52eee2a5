/** The addresses of this machine, without a netlink socket. */

import assert from "node:assert/strict";
import { ownAddresses, readLocalRoutes } from "../../../src/front/rehearsal/own_addresses.ts";
import { machineFiles } from "./proc_files.ts";

Deno.test("the addresses of this machine are those of its interfaces", () => {
  const known = Deno.networkInterfaces().map(({ address }) => address);
  const read = ownAddresses(machineFiles);
  for (const address of known) assert(read.includes(address), `${address} is not in ${read}`);
});

Deno.test("networks and broadcast addresses are none of this machine", () => {
  const text = `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 127.255.255.255
        /32 link BROADCAST
     +-- 192.168.31.0/24 2 0 2
        |-- 192.168.31.0
           /24 link UNICAST
        |-- 192.168.31.11
           /32 host LOCAL
`;
  assert.deepEqual(readLocalRoutes(text), ["192.168.31.11"]);
});
