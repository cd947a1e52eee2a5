/** Leased addresses on the real kernel. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { HostError } from "../../../src/host/errors.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";

const IPV4: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
const IPV6: VirtualAddress = { address: "2001:db8::5", prefixLength: 64, device: "eth0" };

/** IFA_PROTO is not known to every iproute2; lifetimes in seconds, INFINITY_LIFE_TIME is 4294967295. */
interface SeenAddress {
  readonly local: string;
  readonly valid_life_time: number;
  readonly preferred_life_time: number;
  readonly deprecated?: true;
}

const FOR_EVER = 4294967295;

function open(): { readonly host: LinuxHost; readonly changes: string[] } {
  ip("link add eth0 type veth peer name far0");
  ip("link set far0 up");
  ip("link set eth0 addrgenmode none");
  ip("link set eth0 up");
  const host = openHost();
  const changes: string[] = [];
  host.watchInterfaces((name) => changes.push(name));
  return { host, changes };
}

/** Asks for a renewal and waits until the kernel has it, or has refused it. */
async function renew(
  host: LinuxHost,
  addresses: readonly VirtualAddress[],
  leaseSeconds: number,
): Promise<HostError | null> {
  let told: HostError | null = null;
  host.renewAddresses(addresses, leaseSeconds, (error) => told = error);
  await delay(0);
  await until("the renewal", () => told !== null || renewed(leaseSeconds) >= addresses.length);
  return told;
}

/** How many addresses have this lease, which began in the last second. */
function renewed(leaseSeconds: number): number {
  return seen().filter((it) => [leaseSeconds, leaseSeconds - 1].includes(it.valid_life_time))
    .length;
}

function seen(): SeenAddress[] {
  return JSON.parse(ip("-j -d address show dev eth0"))[0].addr_info;
}

function lifetime(address: VirtualAddress): number | undefined {
  return seen().find(({ local }) => local === address.address)?.valid_life_time;
}

namespaceTest(
  import.meta.url,
  "a leased address has its lifetime, a renewal begins it again, and no change is reported",
  async () => {
    const { host, changes } = open();
    const addresses = [IPV4, IPV6];
    for (const address of addresses) strictEqual(host.addAddress(address, 5), null);
    await delay(100);
    changes.length = 0;
    for (const address of addresses) ok([4, 5].includes(lifetime(address)!), address.address);
    strictEqual(seen().find(({ local }) => local === IPV6.address)?.preferred_life_time, 0);
    strictEqual(seen().find(({ local }) => local === IPV4.address)?.deprecated, undefined);
    strictEqual(await renew(host, addresses, 60), null);
    strictEqual(await renew(host, addresses, 60), null, "encoded once, sent again");
    await delay(100);
    for (const address of addresses) ok(lifetime(address)! >= 59, address.address);
    strictEqual(seen().find(({ local }) => local === IPV6.address)?.deprecated, true);
    deepStrictEqual(changes, [], "a renewal is no change");
    strictEqual(host.markedAddresses().length, 2);
    // Without a lease from now on, as after a change of the configuration.
    for (const address of addresses) strictEqual(host.addAddress(address), null);
    deepStrictEqual(addresses.map(lifetime), [FOR_EVER, FOR_EVER]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "addresses that were prepared are added with the lease and on the interface of then, whatever was prepared",
  async () => {
    const { host } = open();
    const addresses = [IPV4, { ...IPV4, address: "192.168.31.6" }];
    const added = (leaseSeconds?: number) => {
      deepStrictEqual([...host.addNewAddresses(addresses, leaseSeconds)], addresses);
      const seconds = addresses.map(lifetime);
      for (const address of addresses) strictEqual(host.removeAddress(address), null);
      deepStrictEqual(host.interfaceState("eth0")?.addresses, []);
      return seconds;
    };
    host.prepareAddresses(addresses, 60);
    for (const seconds of added(60)) ok(seconds === 59 || seconds === 60, `${seconds}`);
    for (const seconds of added(600)) ok(seconds! >= 599, `${seconds}`);
    deepStrictEqual(added(), [FOR_EVER, FOR_EVER]);
    host.prepareAddresses(addresses, null);
    deepStrictEqual(added(), [FOR_EVER, FOR_EVER]);
    ip("link delete eth0");
    ip("link add eth0 index 4711 type veth peer name far0");
    ip("link set eth0 up");
    await until("the new interface is known", () => host.interfaceState("eth0")?.index === 4711);
    deepStrictEqual(added(), [FOR_EVER, FOR_EVER]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a lease that is not renewed ends: the kernel takes the address off, and that is a change",
  async () => {
    const { host, changes } = open();
    ip("address add 2001:db8::11/64 dev eth0 nodad");
    const startMs = performance.now();
    for (const address of [IPV4, IPV6]) strictEqual(host.addAddress(address, 2), null);
    await delay(100);
    changes.length = 0;
    await until("both to be gone", () => lifetime(IPV4) === undefined, 4000);
    await until("both to be gone", () => lifetime(IPV6) === undefined, 4000);
    // A second at most, for the kernel waits that long between two looks (vip/lease.ts).
    const lastedMs = performance.now() - startMs;
    ok(lastedMs > 1900 && lastedMs < 3600, `${lastedMs}`);
    const left = () => host.interfaceState("eth0")?.addresses.map(({ address }) => address) ?? [];
    await until("the table to know", () => left().length === 1);
    deepStrictEqual(left(), ["2001:db8::11"]);
    ok(changes.length > 0);
    ok(ip("-6 route show dev eth0").includes("2001:db8::/64"), "the network's route stays");
    strictEqual(host.removeAddress(IPV4), null, "what is gone already is no error");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a renewal undoes what another program did to the address or its lifetime",
  async () => {
    const { host } = open();
    const addresses = [IPV4, IPV6];
    for (const address of addresses) strictEqual(host.addAddress(address, 60), null);
    ip("address replace 192.168.31.5/24 dev eth0 valid_lft forever preferred_lft forever");
    ip("address replace 2001:db8::5/64 dev eth0 valid_lft 600 preferred_lft 300");
    strictEqual(await renew(host, addresses, 60), null);
    for (const address of addresses) ok([59, 60].includes(lifetime(address)!), address.address);
    ip("address del 192.168.31.5/24 dev eth0");
    strictEqual(await renew(host, addresses, 60), null);
    ok(lifetime(IPV4)! >= 59);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an address that a renewal puts back, because the kernel or another program removed it, is known as vipd's",
  async () => {
    const { host } = open();
    const shown = () =>
      host.interfaceState("eth0")?.addresses.map(({ address, ends, foreign }) =>
        `${address} ${foreign ? "of others" : ends ? "leased" : "for ever"}`
      ).toSorted();
    for (const address of [IPV4, IPV6]) strictEqual(host.addAddress(address, 60), null);
    await delay(100);
    for (let round = 0; round < 20; round++) {
      // No notification of the removal is read before the renewal, as after a short stop of the process.
      ip("address del 192.168.31.5/24 dev eth0");
      ip("address del 2001:db8::5/64 dev eth0");
      for (let times = 0; times < 3; times++) {
        strictEqual(await renew(host, [IPV4, IPV6], 60), null);
      }
      const wanted = ["192.168.31.5 leased", "2001:db8::5 leased"];
      // The kernel reports from a worker, which may wait for a processor.
      for (let tries = 0; tries < 100 && shown()?.join() !== wanted.join(); tries++) {
        await delay(20);
      }
      deepStrictEqual(shown(), wanted, `round ${round}`);
    }
    for (const address of [IPV4, IPV6]) strictEqual(host.removeAddress(address), null);
    deepStrictEqual(seen().map(({ local }) => local), [], "nothing stays behind");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an IPv6 address that a renewal puts back is vipd's before the kernel reports it",
  async () => {
    const { host } = open();
    const addresses = Array.from({ length: 100 }, (_, n): VirtualAddress => ({
      ...IPV6,
      address: `2001:db8::1:${n.toString(16)}`,
    }));
    // The kernel reports each from a worker, some time after it has answered.
    for (const address of addresses) {
      host.renewAddresses([address], 60, () => {});
      strictEqual(host.addAddress(address, 600), null);
    }
    strictEqual(seen().filter((it) => it.valid_life_time >= 599).length, 100);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "hundreds of addresses are renewed together, on the device's new index too; a missing one is an error",
  async () => {
    const { host, changes } = open();
    const addresses = Array.from({ length: 600 }, (_, n): VirtualAddress => ({
      ...n % 2 ? IPV4 : IPV6,
      ...(n % 2 ? { label: "eth0:1" } : {}),
      address: n % 2 ? `10.0.${n >> 8}.${n & 255}` : `2001:db8::1:${n.toString(16)}`,
    }));
    for (const address of addresses) strictEqual(host.addAddress(address, 60), null);
    await delay(300);
    changes.length = 0;
    strictEqual(await renew(host, addresses, 90), null);
    await delay(100);
    strictEqual(seen().filter((it) => it.valid_life_time >= 89).length, 600);
    deepStrictEqual(changes, []);
    ip("link del eth0");
    await until("the interface to be gone", () => host.interfaceState("eth0") === null);
    strictEqual((await renew(host, addresses, 90))?.code, "ENODEV");
    ip("link add dummy9 type bridge");
    ip("link add eth0 type veth peer name far0");
    await until("the interface to be back", () => host.interfaceState("eth0") !== null);
    strictEqual(await renew(host, addresses, 90), null);
    strictEqual(seen().filter((it) => it.valid_life_time >= 89).length, 600);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "what is asked for in one turn is renewed together; who lacks something learns it, and no other",
  async () => {
    const { host } = open();
    const many = Array.from({ length: 300 }, (_, n): VirtualAddress[] => [
      { ...IPV4, address: `10.0.${n >> 8}.${n & 255}`, label: "eth0:long-label" },
      { ...IPV4, address: `10.1.${n >> 8}.${n & 255}` },
    ]);
    for (const address of many.flat()) strictEqual(host.addAddress(address, 60), null);
    const nowhere: VirtualAddress[] = [{ ...IPV4, device: "eth7" }];
    const told: string[] = [];
    const ask = (name: string, addresses: readonly VirtualAddress[], leaseSeconds = 90) =>
      host.renewAddresses(addresses, leaseSeconds, ({ code }) => told.push(`${name} ${code}`));
    for (const addresses of many) ask("good", addresses);
    strictEqual(renewed(90), 0, "the turn has not ended");
    await until("more than one datagram holds", () => renewed(90) === 600);

    for (const addresses of many) ask("good", addresses, 200);
    ask("nowhere", nowhere, 200);
    // The kernel refuses a lifetime of nothing.
    ask("refused", [...many[7]!], 0.5);
    await until("both know", () => told.length > 1);
    deepStrictEqual(told, ["nowhere ENODEV", "refused EINVAL"]);
    strictEqual(renewed(200), 600);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a renewal puts nothing back: not what is taken off in the same turn, nor what was lost in a sleep",
  async () => {
    const { host } = open();
    strictEqual(host.addAddress(IPV4, 60), null);
    strictEqual(host.addAddress(IPV6, 60), null);
    host.renewAddresses([IPV4], 90, () => {});
    strictEqual(host.removeAddress(IPV4), null);
    await delay(0);
    strictEqual(lifetime(IPV4), undefined);

    // As with SIGSTOP in the middle of a turn; the kernel would have taken the address off by now.
    host.renewAddresses([IPV6], 1, () => {});
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
    await delay(0);
    ok(lifetime(IPV6)! > 50, "not renewed");
    strictEqual(await renew(host, [IPV6], 90), null, "the next one is");
    ok(lifetime(IPV6)! >= 89);
    await host.close();
  },
);
