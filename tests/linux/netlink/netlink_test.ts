import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { seededRandom } from "../../wire/random.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";

const VIP: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };

/** A host whose changed interfaces are written down. */
function openWatched(): { readonly host: LinuxHost; readonly changes: string[] } {
  const host = openHost();
  const changes: string[] = [];
  host.watchInterfaces((name) => changes.push(name));
  return { host, changes };
}

function addCable(name = "eth0", far = "far0"): void {
  ip(`link add ${name} type veth peer name ${far}`);
  ip(`link set ${far} up`);
  // Without link-local addresses, whose duplicate address detection changes the interface again a second later.
  ip(`link set ${name} addrgenmode none`);
  ip(`link set ${name} up`);
}

/** What another program sees: `10.0.0.1/24 label` of each address. */
function seenAddresses(device: string): string[] {
  const [link] = JSON.parse(ip(`-j address show dev ${device}`));
  return link.addr_info.map((it: { local: string; prefixlen: number; label?: string }) =>
    `${it.local}/${it.prefixlen}` +
    (it.label === undefined || it.label === device ? "" : ` ${it.label}`)
  );
}

/** The same from the host's table. */
function knownAddresses(host: LinuxHost, device: string): string[] | undefined {
  return host.interfaceState(device)?.addresses.map((it) =>
    `${it.address}/${it.prefixLength}` + (it.label === undefined ? "" : ` ${it.label}`)
  );
}

namespaceTest(
  import.meta.url,
  "an address is put on its device with prefix, scope and label, and taken off",
  async () => {
    addCable();
    const host = openHost();
    const labelled = { ...VIP, address: "192.168.31.6", label: "eth0:1" };
    const ipv6 = { ...VIP, address: "2001:db8::5", prefixLength: 64 };
    for (const address of [VIP, labelled, ipv6]) strictEqual(host.addAddress(address), null);
    const want = ["192.168.31.5/24", "192.168.31.6/24 eth0:1", "2001:db8::5/64"];
    deepStrictEqual(knownAddresses(host, "eth0"), want, "current when the call returns");
    deepStrictEqual(seenAddresses("eth0"), want);
    const [link] = JSON.parse(ip("-j address show dev eth0"));
    for (const info of link.addr_info) {
      strictEqual(info.scope, "global");
      strictEqual(info.broadcast, undefined);
      strictEqual(info.tentative, undefined, "no duplicate address detection");
    }
    strictEqual(host.addAddress(VIP), null, "adding again is no error");
    for (const address of [VIP, labelled, ipv6]) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(knownAddresses(host, "eth0"), []);
    deepStrictEqual(seenAddresses("eth0"), []);
    strictEqual(host.removeAddress(VIP), null, "removing again is no error");
    strictEqual(host.removeAddress({ ...VIP, device: "eth9" }), null, "nor from a missing device");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "many new addresses are put together; those that are refused, or are there, are left to be put alone",
  async () => {
    addCable();
    ip("address add 10.0.0.9/24 dev eth0");
    const host = openHost();
    const many = Array.from({ length: 600 }, (_, index): VirtualAddress => (
      { ...VIP, address: `10.${index % 3}.1.${Math.floor(index / 3) + 1}` }
    ));
    const refused = { ...VIP, address: "10.9.0.1", prefixLength: 33 };
    const own = { ...VIP, address: "10.0.0.9" };
    const nowhere = { ...VIP, address: "10.9.0.2", device: "eth9" };
    const put = host.addNewAddresses([refused, own, nowhere, ...many], 3600);
    deepStrictEqual([...put], many);
    strictEqual(knownAddresses(host, "eth0")?.length, 1 + many.length);
    strictEqual(seenAddresses("eth0").length, 1 + many.length);
    strictEqual(host.addNewAddresses(many).size, 0, "nothing is new any more");
    strictEqual(host.addAddress(refused)?.code, "EINVAL");
    strictEqual(host.addAddress(own), null);
    for (const address of many) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(seenAddresses("eth0"), ["10.0.0.9/24"]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an address has the scope and the broadcast address that it is given",
  async () => {
    addCable();
    const host = openHost();
    const broadcast = "192.168.31.255";
    strictEqual(host.addAddress({ ...VIP, broadcast }), null);
    strictEqual(host.addAddress({ ...VIP, address: "10.0.0.5", scope: "link" }), null);
    strictEqual(host.addAddress({ ...VIP, address: "10.1.0.5", scope: "host" }), null);
    const [{ addr_info }] = JSON.parse(ip("-j address show dev eth0"));
    const seen = addr_info.map((it: { local: string; scope: string; broadcast?: string }) =>
      [it.local, it.scope, it.broadcast].join(" ")
    );
    // The kernel puts narrower scopes first.
    deepStrictEqual(seen, ["10.1.0.5 host ", "10.0.0.5 link ", `192.168.31.5 global ${broadcast}`]);
    strictEqual(host.markedAddresses().length, 3);
    for (const address of host.markedAddresses()) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(seenAddresses("eth0"), []);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an interface that was replaced by another of its name a moment ago gets the address",
  async () => {
    addCable();
    const host = openHost();
    // One of its turn before, so that nothing else is read in that turn.
    strictEqual(host.addAddress({ ...VIP, device: "lo" }), null);
    for (const address of ["192.168.31.5", "2001:db8::5"]) {
      ip("link del eth0");
      addCable();
      // All of it within one turn: nothing of the interfaces has been read meanwhile.
      strictEqual(host.addAddress({ ...VIP, address }), null);
      strictEqual(host.announce({ ...VIP, address }), null);
      deepStrictEqual(seenAddresses("eth0"), [`${address}/24`]);
      deepStrictEqual(knownAddresses(host, "eth0"), [`${address}/24`]);
    }
    ip("link del eth0");
    strictEqual(host.addAddress(VIP)?.code, "ENODEV");
    strictEqual(host.interfaceState("eth0"), null);
    await host.close();
  },
);

namespaceTest(import.meta.url, "what the kernel refuses is reported with its reason", async () => {
  addCable();
  const host = openHost();
  deepStrictEqual(host.addAddress({ ...VIP, device: "eth9" }), {
    code: "ENODEV",
    message: "Cannot put 192.168.31.5/24 on eth9: rtnetlink: ENODEV, there is no interface eth9",
  });
  const refused = host.addAddress({ ...VIP, prefixLength: 33 });
  strictEqual(refused?.code, "EINVAL");
  ok(refused.message.includes("prefix length"), refused.message);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "an address that vipd has put with another prefix length is taken off too, another program's stays",
  async () => {
    addCable();
    const host = openHost();
    strictEqual(host.addAddress({ ...VIP, prefixLength: 32 }), null);
    strictEqual(host.removeAddress(VIP), null);
    deepStrictEqual(seenAddresses("eth0"), []);
    ip("address add 192.168.31.5/32 dev eth0");
    strictEqual(host.removeAddress(VIP), null);
    deepStrictEqual(seenAddresses("eth0"), ["192.168.31.5/32"]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "removing the first address of a prefix spares the others, and the system's setting is put back",
  async () => {
    addCable();
    const host = openHost();
    const setting = () => Deno.readTextFileSync("/proc/sys/net/ipv4/conf/eth0/promote_secondaries");
    const before = setting();
    strictEqual(before.trim(), "0", "otherwise this proves nothing");
    for (const last of [5, 6, 7]) host.addAddress({ ...VIP, address: `192.168.31.${last}` });
    ip("address add 192.168.31.99/24 dev eth0");
    strictEqual(host.removeAddress(VIP), null);
    const want = ["192.168.31.6/24", "192.168.31.7/24", "192.168.31.99/24"];
    deepStrictEqual(seenAddresses("eth0"), want);
    deepStrictEqual(knownAddresses(host, "eth0"), want);
    strictEqual(setting().trim(), "1", "the host's own address may go, too");
    ip("address del 192.168.31.6/24 dev eth0");
    deepStrictEqual(seenAddresses("eth0"), want.slice(1));
    strictEqual(host.removeAddress({ ...VIP, address: "192.168.31.7" }), null);
    await until("the setting is put back", () => setting() === before);
    deepStrictEqual(seenAddresses("eth0"), want.slice(2));
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "addresses show which of their network is the primary one, and which are not known to be unique",
  async () => {
    addCable();
    const host = openHost();
    ip("address add 192.168.31.99/24 dev eth0");
    host.addAddress(VIP);
    ip("address add fe80::1/64 dev eth0 nodad");
    ip("address add fe80::2/64 dev eth0");
    host.readInterfaces();
    const seen = () =>
      host.interfaceState("eth0")!.addresses.map(({ address, secondary, unusable }) =>
        [address, secondary ? "secondary" : "", unusable ?? ""].filter((it) => it).join(" ")
      );
    const ipv4 = ["192.168.31.99", "192.168.31.5 secondary"];
    deepStrictEqual(seen(), [...ipv4, "fe80::2 tentative", "fe80::1"]);
    let changes = 0;
    host.watchInterfaces(() => changes++);
    await until("it is found unique", () => seen().includes("fe80::2"));
    ok(changes > 0, "whoever waits for it learns that");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "stale addresses of an earlier run are distinguished from the addresses of others",
  async () => {
    addCable();
    ip("address add 10.0.0.1/24 dev eth0");
    const labelled = { ...VIP, address: "192.168.31.6", label: "eth0:1" };
    const first = openHost();
    first.addAddress(VIP);
    first.addAddress(labelled);
    await first.close();
    ip("address add 10.0.0.2/24 dev eth0");
    const second = openHost();
    deepStrictEqual(second.markedAddresses(), [VIP, labelled]);
    for (const address of second.markedAddresses()) second.removeAddress(address);
    deepStrictEqual(second.markedAddresses(), []);
    deepStrictEqual(seenAddresses("eth0"), ["10.0.0.1/24", "10.0.0.2/24"]);
    await second.close();
  },
);

namespaceTest(
  import.meta.url,
  "an interface is followed through creation, carrier, addresses, renaming and deletion",
  async () => {
    const { host, changes } = openWatched();
    const expect = async (what: string, names: string[], holds: () => boolean) => {
      await until(what, () => holds() && names.every((name) => changes.includes(name)));
      changes.length = 0;
    };
    const state = (name: string) => host.interfaceState(name);
    strictEqual(state("eth0"), null);
    ip("link add eth0 address 02:00:00:00:00:01 type veth peer name far0");
    await expect("created", ["eth0"], () => state("eth0")?.up === false);
    deepStrictEqual(state("eth0")?.mac, Uint8Array.of(2, 0, 0, 0, 0, 1));
    ip("link set eth0 addrgenmode none");
    ip("link set eth0 up");
    await delay(20);
    strictEqual(state("eth0")?.up, false, "up without a carrier is not up");
    ip("link set far0 up");
    await expect("has a carrier", ["eth0"], () => state("eth0")?.up === true);
    ip("address add 10.0.0.1/24 dev eth0");
    await expect("has an address", ["eth0"], () => knownAddresses(host, "eth0")?.length === 1);
    ip("address del 10.0.0.1/24 dev eth0");
    await expect("has none", ["eth0"], () => knownAddresses(host, "eth0")?.length === 0);
    ip("link set far0 down");
    await expect("lost its carrier", ["eth0"], () => state("eth0")?.up === false);
    ip("link set eth0 name lan0");
    await expect(
      "renamed",
      ["eth0", "lan0"],
      () => state("eth0") === null && state("lan0") !== null,
    );
    ip("link set lan0 address 02:00:00:00:00:02");
    await expect("has another MAC", ["lan0"], () => state("lan0")?.mac[5] === 2);
    ip("link delete lan0");
    await expect(
      "deleted",
      ["lan0", "far0"],
      () => state("lan0") === null && state("far0") === null,
    );
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "what an interface does not show changes nobody's mind",
  async () => {
    addCable();
    ip("address add 10.0.0.1/24 dev eth0");
    const { host, changes } = openWatched();
    ip("link set eth0 mtu 1400");
    ip("link set eth0 txqueuelen 500");
    ip("address change 10.0.0.1/24 dev eth0 valid_lft 100 preferred_lft 100");
    await delay(50);
    deepStrictEqual(changes, []);
    await host.close();
  },
);

namespaceTest(import.meta.url, "an interface that leaves a bridge stays an interface", async () => {
  addCable();
  ip("link add br0 type bridge");
  ip("link set eth0 master br0");
  ip("address add 10.0.0.1/24 dev eth0");
  const { host } = openWatched();
  ip("link set eth0 nomaster");
  await delay(50);
  deepStrictEqual(knownAddresses(host, "eth0"), ["10.0.0.1/24"]);
  strictEqual(host.interfaceState("eth0")?.up, true);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "our own change is reported after the call, not within it",
  async () => {
    addCable();
    const { host, changes } = openWatched();
    host.addAddress(VIP);
    deepStrictEqual(changes, []);
    await delay(5);
    deepStrictEqual(changes, ["eth0"]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "the table keeps the kernel's order through random changes",
  async () => {
    addCable();
    const host = openHost();
    const seed = Date.now() >>> 0;
    const random = seededRandom(seed);
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
    for (let round = 0; round < 300; round++) {
      const address = `10.${pick([0, 1])}.${pick([0, 1])}.${1 + Math.floor(random() * 6)}`;
      const prefixLength = pick([16, 24, 24, 32]);
      const target = { address, prefixLength, device: "eth0" };
      const action = Math.floor(random() * 6);
      if (action < 2) host.addAddress(target);
      else if (action === 2) host.removeAddress(target);
      else if (action === 3) {
        attempt(
          `address add ${address}/${prefixLength} dev eth0 scope ${pick(["link", "host"])}`,
        );
      } else if (action === 4) attempt(`address del ${address}/${prefixLength} dev eth0`);
      else {
        const promote = pick(["0", "1"]);
        await Deno.writeTextFile("/proc/sys/net/ipv4/conf/eth0/promote_secondaries", promote);
      }
      // Some rounds in one gulp.
      if (random() < 0.5) continue;
      await delay(1);
      const seen = seenAddresses("eth0");
      await until(
        `seed ${seed}, round ${round}: known ${knownAddresses(host, "eth0")}, seen ${seen}`,
        () => JSON.stringify(knownAddresses(host, "eth0")) === JSON.stringify(seen),
      );
    }
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "lost notifications are made good by reading everything again",
  async () => {
    addCable();
    const { host, changes } = openWatched();
    const commands: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const address = `10.1.${i >> 6 & 255}.${1 + (i & 63)}/32 dev eth0`;
      commands.push(`address add ${address}`, `address del ${address}`);
    }
    commands.push("address add 10.9.9.9/24 dev eth0");
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, commands.join("\n"));
    // Nothing is read while this blocks the program.
    ip(`-batch ${path}`);
    ok(monitorDrops() > 0, "the storm was too small to lose anything");
    await Deno.remove(path);
    await until("made good", () => changes.includes("eth0"));
    deepStrictEqual(knownAddresses(host, "eth0"), ["10.9.9.9/24"]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "hundreds of addresses are added, known as our own, and removed",
  async () => {
    addCable();
    const host = openHost();
    for (let i = 0; i < 250; i++) {
      strictEqual(host.addAddress({ ...VIP, address: `192.168.31.${1 + i}` }), null);
    }
    strictEqual(host.markedAddresses().length, 250);
    for (const address of host.markedAddresses()) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(seenAddresses("eth0"), []);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an IPv6 address is known as soon as it is added, and gone as soon as it is removed",
  async () => {
    addCable();
    const host = openHost();
    for (let i = 1; i <= 200; i++) {
      const address = { address: `2001:db8::${i.toString(16)}`, prefixLength: 64, device: "eth0" };
      strictEqual(host.addAddress(address), null);
      deepStrictEqual(knownAddresses(host, "eth0"), [`${address.address}/64`]);
      strictEqual(host.removeAddress(address), null);
      deepStrictEqual(knownAddresses(host, "eth0"), []);
    }
    // What the kernel tells late changes nothing any more.
    await delay(100);
    deepStrictEqual(knownAddresses(host, "eth0"), []);
    deepStrictEqual(seenAddresses("eth0"), []);
    await host.close();
  },
);

/** A command that the kernel may refuse. */
function attempt(command: string): void {
  try {
    ip(command);
  } catch {
    // The address is there already, or is not.
  }
}

/** The Drops column of /proc/net/netlink, summed over this namespace's sockets. */
function monitorDrops(): number {
  const [, ...lines] = Deno.readTextFileSync("/proc/net/netlink").trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[8]), 0);
}

namespaceTest(
  import.meta.url,
  "an address is taken off the interface that it was put on, whatever that is called by now",
  async () => {
    addCable();
    const host = openHost();
    const ipv6 = { ...VIP, address: "2001:db8::5", prefixLength: 64 };
    for (const address of [VIP, ipv6]) strictEqual(host.addAddress(address), null);
    ip("link set eth0 down");
    ip("link set eth0 name old0");
    ip("link set old0 up");
    // Another one has the name, and must not be mistaken for it.
    addCable("eth0", "far1");
    for (const address of [VIP, ipv6]) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(seenAddresses("old0"), []);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an interface is down, or up without a carrier, or up; each change is reported",
  async () => {
    addCable();
    const { host, changes } = openWatched();
    const state = () => {
      const { enabled, up } = host.interfaceState("eth0")!;
      return [enabled, up];
    };
    await until("a carrier", () => host.interfaceState("eth0")?.up === true);
    ip("link set far0 down");
    await until("no carrier", () => host.interfaceState("eth0")?.up === false);
    deepStrictEqual(state(), [true, false]);
    changes.length = 0;
    ip("link set eth0 down");
    await until("the change", () => changes.includes("eth0"));
    deepStrictEqual(state(), [false, false]);
    await host.close();
  },
);
