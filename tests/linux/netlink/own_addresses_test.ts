/** vipd's addresses and those of others on the real kernel. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { VIPD_ADDRESS_PROTOCOL } from "../../../src/linux/netlink/lease_renewals.ts";
import { NetlinkRequester, openNetlink } from "../../../src/linux/netlink/netlink_socket.ts";
import { MSG_DONTWAIT } from "../../../src/linux/sys/constants.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { attachFilter } from "../../../src/linux/sys/socket_options.ts";
import { findAddress } from "../../../src/vip/addresses.ts";
import { exceptRenewals } from "../../../src/wire/filters/notification_filter.ts";
import { NLM_F_CREATE, NLM_F_EXCL, RTM_NEWADDR } from "../../../src/wire/netlink/netlink.ts";
import {
  encodeAddress,
  RTMGRP_IPV4_IFADDR,
  RTMGRP_IPV6_IFADDR,
} from "../../../src/wire/netlink/rtnetlink.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";

const VIP: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
const VIP_IPV6: VirtualAddress = { address: "2001:db8::5", prefixLength: 64, device: "eth0" };
const FOR_EVER = 4294967295;

interface SeenAddress {
  readonly local: string;
  readonly prefixlen: number;
  readonly label?: string;
  readonly scope: string;
  readonly broadcast?: string;
  readonly valid_life_time: number;
}

function addCable(): void {
  ip("link add eth0 type veth peer name far0");
  ip("link set far0 up");
  ip("link set eth0 addrgenmode none");
  ip("link set eth0 up");
}

function seen(): SeenAddress[] {
  return JSON.parse(ip("-j address show dev eth0"))[0].addr_info;
}

/** How many messages lie ready, which are read by that. */
function received(libc: Libc, fd: number): number {
  const octets = new Uint8Array(4096);
  for (let count = 0;; count++) {
    if (libc.recv(fd, octets, MSG_DONTWAIT) < 0) return count;
  }
}

function found(host: LinuxHost, address: VirtualAddress): string {
  return findAddress(address, host.interfaceState("eth0")!.addresses).kind;
}

for (const own of [VIP, VIP_IPV6]) {
  namespaceTest(
    import.meta.url,
    `the host's own ${own.address} stays as it is: not leased, not renewed, not removed`,
    async () => {
      addCable();
      const nodad = own === VIP_IPV6 ? " nodad" : "";
      ip(`address add ${own.address}/${own.prefixLength} dev eth0${nodad}`);
      const host = openHost();
      strictEqual(host.addAddress(own, 5), null);
      strictEqual(found(host, own), "own");
      host.renewAddresses([own], 5, () => {});
      await delay(50);
      strictEqual(seen()[0]?.valid_life_time, FOR_EVER);
      deepStrictEqual(host.markedAddresses(), []);
      strictEqual(host.removeAddress(own), null);
      strictEqual(seen().length, 1);
      // Its owner takes it off: from now on it may be vipd's.
      ip(`address del ${own.address}/${own.prefixLength} dev eth0`);
      await until("the removal is known", () => found(host, own) === "absent");
      strictEqual(host.addAddress(own, 5), null);
      strictEqual(found(host, own), "present");
      host.renewAddresses([own], 60, () => {});
      await delay(50);
      ok(seen()[0]!.valid_life_time > 50, "leased and renewed");
      strictEqual(host.removeAddress(own), null);
      deepStrictEqual(seen(), []);
      await host.close();
    },
  );
}

namespaceTest(
  import.meta.url,
  "an IPv6 address that another program has added, and vipd has not read yet, is not leased",
  async () => {
    addCable();
    const host = openHost();
    const libc = Libc.open();
    const another = new NetlinkRequester(libc);
    const { index } = host.interfaceState("eth0")!;
    const octets = encodeAddress({ address: VIP_IPV6.address, prefixLength: 128, index });
    strictEqual(another.request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, octets).errno, 0);
    strictEqual(host.addAddress(VIP_IPV6, 5), null);
    host.renewAddresses([VIP_IPV6], 5, () => {});
    strictEqual(found(host, VIP_IPV6), "own");
    await delay(50);
    strictEqual(found(host, VIP_IPV6), "own");
    deepStrictEqual(seen().map((it) => it.valid_life_time), [FOR_EVER]);
    deepStrictEqual(host.markedAddresses(), []);
    another.close();
    libc.close();
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an address that another program marks as its own by a change of its lifetime is still vipd's",
  async () => {
    addCable();
    const host = openHost();
    strictEqual(host.addAddress(VIP, 60), null);
    ip("address replace 192.168.31.5/24 dev eth0 valid_lft forever");
    await until("read", () => host.markedAddresses().length === 0);
    strictEqual(found(host, VIP), "altered");
    strictEqual(host.removeAddress(VIP), null);
    deepStrictEqual(seen(), []);
    await host.close();
  },
);

/** What differs, and how the kernel shows it afterwards. */
const CHANGES: readonly (readonly [string, Partial<VirtualAddress>, Partial<SeenAddress>])[] = [
  ["label", { label: "eth0:7" }, { label: "eth0:7" }],
  ["scope", { scope: "link" }, { scope: "link" }],
  ["broadcast", { broadcast: "192.168.31.255" }, { broadcast: "192.168.31.255" }],
  ["prefix length", { prefixLength: 32 }, { prefixlen: 32 }],
];

for (const [what, change, shown] of CHANGES) {
  namespaceTest(import.meta.url, `an address gets another ${what} in its place`, async () => {
    addCable();
    const host = openHost();
    strictEqual(host.addAddress(VIP, 60), null);
    const changed = { ...VIP, ...change };
    strictEqual(found(host, changed), "altered");
    strictEqual(host.addAddress(changed, 60), null);
    strictEqual(found(host, changed), "present");
    strictEqual(seen().length, 1);
    const [only] = seen();
    deepStrictEqual({ ...only, ...shown }, only);
    strictEqual(host.addAddress(VIP), null);
    strictEqual(found(host, VIP), "present", "and back, within one turn");
    strictEqual(seen().length, 1);
    await host.close();
  });
}

/** What another program does to an address of vipd's, and what of it is another then. */
const TAMPERINGS: readonly (readonly [
  what: string,
  address: VirtualAddress,
  leaseSeconds: number | undefined,
  change: string,
  attributes: readonly string[],
])[] = [
  ["ends one without a lease", VIP, undefined, "valid_lft 60 preferred_lft 60", [
    "valid lifetime",
    "vipd's mark",
  ]],
  ["takes the lease from one", VIP, 60, "valid_lft forever", ["valid lifetime", "vipd's mark"]],
  ["takes the mark from one", VIP, undefined, "", ["vipd's mark"]],
  ["takes the mark from one", VIP_IPV6, undefined, "preferred_lft 0 nodad", ["vipd's mark"]],
  [
    "lets the host speak from one",
    VIP_IPV6,
    undefined,
    "preferred_lft forever nodad",
    ["vipd's mark", "preferred lifetime"],
  ],
  [
    "has one looked for elsewhere",
    VIP_IPV6,
    60,
    "valid_lft 60 preferred_lft 0",
    ["vipd's mark", "flags"],
  ],
  [
    "makes one a mobile node's home",
    VIP_IPV6,
    60,
    "valid_lft 60 preferred_lft 0 nodad home",
    ["vipd's mark", "flags"],
  ],
];

for (const [what, address, leaseSeconds, change, attributes] of TAMPERINGS) {
  namespaceTest(
    import.meta.url,
    `it is noticed when another program ${what}, and put back while the address stays: ${address.address}`,
    async () => {
      addCable();
      const host = openHost();
      strictEqual(host.addAddress(address, leaseSeconds), null);
      const look = () =>
        findAddress(
          address,
          host.interfaceState("eth0")!.addresses,
          leaseSeconds !== undefined,
        );
      await delay(300);
      deepStrictEqual(look(), { kind: "present" });
      let changes = 0;
      host.watchInterfaces(() => changes++);
      const named = `${address.address}/${address.prefixLength}`;
      ip(`address change ${named} dev eth0 ${change}`.trimEnd());
      await until("it is noticed", () => changes > 0);
      deepStrictEqual(look(), { kind: "altered", attributes });
      const libc = Libc.open();
      const watcher = openNetlink(libc, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
      strictEqual(host.addAddress(address, leaseSeconds), null);
      deepStrictEqual(look(), { kind: "present" });
      await delay(300);
      deepStrictEqual(look(), { kind: "present" }, "and the kernel says so");
      strictEqual(host.markedAddresses().length, 1);
      strictEqual(received(libc, watcher), 1, "it was changed, not taken off and put on");
      libc.closeFd(watcher);
      libc.close();
      await host.close();
    },
  );
}

namespaceTest(
  import.meta.url,
  "an IPv6 address that another program makes one end of a line is put back",
  async () => {
    addCable();
    const host = openHost();
    strictEqual(host.addAddress(VIP_IPV6, 60), null);
    await delay(300);
    ip(
      "address change 2001:db8::5 peer 2001:db8::6/64 dev eth0 valid_lft 60 preferred_lft 0 nodad",
    );
    await until("it is noticed", () => found(host, VIP_IPV6) !== "present");
    strictEqual(host.addAddress(VIP_IPV6, 60), null);
    await delay(300);
    strictEqual(found(host, VIP_IPV6), "present");
    strictEqual(seen().length, 1);
    await host.close();
  },
);

/** More than the kernel keeps for a socket that is not read: this program reads nothing meanwhile. */
async function withLostNotifications(...commands: readonly string[]): Promise<void> {
  const noise = "address add 10.9.9.9/32 dev eth0\naddress del 10.9.9.9/32 dev eth0\n".repeat(8000);
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${noise}${commands.join("\n")}\n`);
  ip(`-batch ${file}`);
  await Deno.remove(file);
}

namespaceTest(
  import.meta.url,
  "a removal whose notification is lost is read from the kernel, and what another puts in its place is the other's",
  async () => {
    addCable();
    const host = openHost();
    strictEqual(host.addAddress(VIP, 60), null);
    await withLostNotifications("address del 192.168.31.5/24 dev eth0");
    await until("it is noticed", () => found(host, VIP) === "absent");
    ip("address add 192.168.31.5/24 dev eth0");
    await until("and what is there now", () => found(host, VIP) === "own");
    strictEqual(host.removeAddress(VIP), null);
    strictEqual(seen().length, 1);

    ip("address del 192.168.31.5/24 dev eth0");
    await until("its removal", () => found(host, VIP) === "absent");
    strictEqual(host.addAddress(VIP), null);
    strictEqual(found(host, VIP), "present");
    await withLostNotifications(
      "address del 192.168.31.5/24 dev eth0",
      "address add 192.168.31.5/24 dev eth0",
    );
    await until("and what is there without a notification", () => found(host, VIP) === "own");
    strictEqual(host.removeAddress(VIP), null);
    strictEqual(seen().length, 1);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "renewals are no notification, of IPv6 neither; what others do to an address is one",
  async () => {
    addCable();
    const addresses = Array.from({ length: 20 }, (_, n): VirtualAddress => ({
      ...VIP_IPV6,
      address: `2001:db8::1:${n.toString(16)}`,
    }));
    const host = openHost();
    for (const address of addresses) strictEqual(host.addAddress(address, 60), null);
    await delay(300);
    // A watcher of another process, with vipd's filter and without: the kernel does report each renewal.
    const libc = Libc.open();
    const groups = RTMGRP_IPV6_IFADDR;
    const [all, filtered] = [openNetlink(libc, groups), openNetlink(libc, groups)];
    attachFilter(libc, filtered, "watch", exceptRenewals(1, 0, VIPD_ADDRESS_PROTOCOL));
    const changes: string[] = [];
    host.watchInterfaces((name) => changes.push(name));
    host.renewAddresses(addresses, 90, () => {});
    await delay(500);
    deepStrictEqual(changes, []);
    strictEqual(seen().filter(({ valid_life_time }) => valid_life_time >= 88).length, 20);
    strictEqual(received(libc, all), 20);
    strictEqual(received(libc, filtered), 0);
    ip("address del 2001:db8::1:0/64 dev eth0");
    await until("the removal is noticed", () => changes.length > 0);
    strictEqual(received(libc, filtered), 1);
    for (const fd of [all, filtered]) libc.closeFd(fd);
    libc.close();
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a virtual address that is the primary one gets behind the host's own, and the host has it all the while",
  async () => {
    addCable();
    const labelled = { ...VIP, label: "eth0:1" };
    const host = openHost();
    strictEqual(host.addAddress(labelled, 60), null);
    ip("address add 192.168.31.11/24 dev eth0");
    await until("the own one is known", () => host.interfaceState("eth0")!.addresses.length === 2);
    const order = () =>
      host.interfaceState("eth0")!.addresses.map(({ address, secondary }) =>
        secondary ? `${address} secondary` : address
      );
    deepStrictEqual(order(), ["192.168.31.5", "192.168.31.11 secondary"]);
    const monitor = new Deno.Command("ip", {
      args: ["-4", "monitor", "route"],
      stdout: "piped",
    }).spawn();
    await delay(300);
    strictEqual(host.demoteAddress(labelled, 60), null);
    deepStrictEqual(order(), ["192.168.31.11", "192.168.31.5 secondary"]);
    await delay(300);
    monitor.kill();
    // The kernel drops what arrives for an address without such a route.
    let routes = 1;
    const counts = new TextDecoder().decode((await monitor.output()).stdout).split("\n")
      .filter((line) => line.includes("local 192.168.31.5 "))
      .map((line) => routes += line.startsWith("Deleted") ? -1 : 1);
    ok(counts.length > 0 && Math.min(...counts) > 0, counts.join());
    const virtual = seen().filter(({ local }) => local === VIP.address);
    deepStrictEqual(virtual.map(({ prefixlen, label }) => [prefixlen, label]), [[24, "eth0:1"]]);
    ok(virtual[0]!.valid_life_time > 50, "with its lease");
    strictEqual(found(host, labelled), "present");
    await host.close();
  },
);
