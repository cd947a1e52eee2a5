/** Which addresses of a machine are vipd's. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { addedAddresses } from "../../src/daemon/machine_addresses.ts";
import type { FoundRecord } from "../../src/daemon/files/found_record.ts";
import { isMarkingLinux, readInterfaces } from "../../src/linux/netlink/interface_dump.ts";
import { Libc } from "../../src/linux/sys/libc.ts";
import { findAddress } from "../../src/vip/addresses.ts";
import { ip, namespaceTest, openHost } from "../linux/namespace.ts";

Deno.test("the kernel keeps marks since Linux 5.18", () => {
  const releases = ["5.10.0-28-amd64", "5.15.0-91-generic", "5.17.9", "5.18.0", "6.1.0-18", ""];
  deepStrictEqual(releases.map(isMarkingLinux), [false, false, false, true, true, false]);
});

const address = (last: number) => ({ address: `192.168.31.${last}`, device: "eth1" });
const instance = (held: boolean, last: number) => ({
  ...{
    interface: "eth1",
    family: "ipv4",
    vrid: last,
    held,
    leaseSeconds: 3,
    source: null,
  } as const,
  addresses: [address(last)],
});
const RECORD: FoundRecord = {
  kind: "record",
  record: { boot: "b", writtenAtMs: 0, instances: [instance(true, 5), instance(false, 6)] },
};
const ALL = [address(5), address(6), address(7)];

const CASES: readonly (readonly [string, FoundRecord | null, typeof ALL])[] = [
  ["no engine has left a record", { kind: "none" }, []],
  ["what the engine holds is vipd's, what it would add is not", RECORD, [address(5)]],
  ["a record that this user may not read: nothing is said of any", null, ALL],
  ["one that cannot be used", { kind: "unusable", problem: "it is damaged" }, ALL],
];
for (const [name, found, added] of CASES) {
  Deno.test(`without marks: ${name}`, () => deepStrictEqual(addedAddresses(found, ALL), added));
}

namespaceTest(
  import.meta.url,
  "another process knows vipd's addresses from the machine's own by their mark or by vipd's record",
  async () => {
    ip("link add eth1 type veth peer name far1");
    for (const name of ["far1", "eth1"]) ip(`link set ${name} up`);
    const vip = (last: number) => ({ ...address(last), prefixLength: 24 });
    const host = openHost();
    const libc = Libc.open();
    try {
      strictEqual(host.addAddress(vip(5), 60), null);
      ip("address add 192.168.31.6/24 dev eth1");
      const kinds = (added: readonly ReturnType<typeof address>[]) => {
        const eth1 = readInterfaces(libc, added).find(({ name }) => name === "eth1");
        ok(eth1);
        return [5, 6, 7].map((last) => findAddress(vip(last), eth1.addresses).kind);
      };
      deepStrictEqual(kinds([]), ["present", "own", "absent"]);
      deepStrictEqual(
        kinds([address(6), { address: "192.168.31.6", device: "eth9" }]).slice(0, 2),
        [
          "present",
          "altered",
        ],
      );
    } finally {
      libc.close();
      await host.close();
    }
  },
);
