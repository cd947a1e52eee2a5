import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isHostError } from "../../../src/host/errors.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions } from "../../../src/host/vrrp.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { ETHERTYPE_IPV6 } from "../../../src/wire/ethernet.ts";
import { encodeIpv6Datagram } from "../../../src/wire/ipv6.ts";
import { decodeAdvertisement, encodeAdvertisement } from "../../../src/wire/vrrp.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { ETHERNET_OCTETS, WireTap } from "../wire_tap.ts";

const GROUP = "ff02::12";
const ADVERT = {
  version: 3,
  vrid: 55,
  priority: 150,
  intervalCs: 100,
  addresses: ["fe80::5", "2001:db8::5"],
} as const;

/** What a test keeps of a datagram: the payload itself is valid during the call only. */
type Kept = Omit<VrrpDatagram, "payload"> & { readonly payload: string };

function openPort(host: LinuxHost, received: Kept[], options?: VrrpPortOptions): VrrpPort {
  const port = host.openVrrp("eth0", "ipv6", (datagram) => {
    received.push({ ...datagram, payload: datagram.payload.toHex() });
  }, options);
  if (isHostError(port)) throw new Error(port.message);
  return port;
}

function payload(source: string, destination = GROUP): Uint8Array {
  return encodeAdvertisement(ADVERT, { source, destination }, "message");
}

function datagram(change: { hopLimit?: number; destination?: string; nextHeader?: number } = {}) {
  const source = "fe80::2";
  return encodeIpv6Datagram({
    source,
    destination: GROUP,
    hopLimit: 255,
    trafficClass: 0xc0,
    nextHeader: 112,
    ...change,
  }, payload(source, change.destination));
}

/** eth0 with fe80::1, and the address that a virtual router has put before it. */
function address(): void {
  ip("address add fe80::1/64 dev eth0 nodad");
  ip("address add fe80::5/64 dev eth0 nodad");
}

namespaceTest(
  import.meta.url,
  "IPv6: an advert leaves with hop limit 255, class 0xc0, its source and a checksum that fits",
  async () => {
    using tap = new WireTap("eth0", "far0");
    address();
    const host = openHost();
    const port = openPort(host, []);
    for (const source of ["fe80::5", "fe80::1"]) {
      tap.received(ETHERTYPE_IPV6);
      strictEqual(port.send(payload(source), source, GROUP), null);
      const [frame, ...more] = tap.received(ETHERTYPE_IPV6).filter((it) => it[20] === 112);
      strictEqual(more.length, 0);
      strictEqual(frame?.subarray(0, 6).toHex(), "333300000012", "the group's Ethernet address");
      const expected = encodeIpv6Datagram({
        source,
        destination: GROUP,
        hopLimit: 255,
        trafficClass: 0xc0,
        nextHeader: 112,
      }, payload(source));
      deepStrictEqual(frame.slice(ETHERNET_OCTETS), expected);
      const decoded = decodeAdvertisement(frame.subarray(ETHERNET_OCTETS + 40), {
        source,
        destination: GROUP,
      });
      deepStrictEqual(decoded.ok && decoded.advertisement, ADVERT);
    }
    strictEqual(port.send(payload("fe80::1"), "fe80::1", "10.0.0.1")?.code, "address");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "IPv6: adverts are received with sender, destination and hop limit; other groups and our own are not",
  async () => {
    using tap = new WireTap("eth0", "far0");
    address();
    const host = openHost();
    const received: Kept[] = [];
    const port = openPort(host, received);
    tap.sendIpv6(datagram());
    tap.sendIpv6(datagram({ hopLimit: 254 }));
    tap.sendIpv6(datagram({ destination: "ff02::1" }));
    tap.sendIpv6(datagram({ nextHeader: 59 }));
    strictEqual(port.send(payload("fe80::1"), "fe80::1", GROUP), null);
    await until("received", () => received.length >= 2);
    await delay(20);
    const common = { interface: "eth0", source: "fe80::2", destination: GROUP };
    deepStrictEqual(
      received,
      [255, 254].map((ttl) => ({
        ...common,
        ttl,
        payload: payload("fe80::2").toHex(),
      })),
    );
    port.close();
    tap.sendIpv6(datagram());
    await delay(20);
    strictEqual(received.length, 2, "a closed port receives nothing");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "IPv6: a port without the group hears unicast alone, one with it both",
  async () => {
    using tap = new WireTap("eth0", "far0");
    address();
    const host = openHost();
    const received: Kept[] = [];
    openPort(host, received, { multicast: false });
    // Another program joins: the interface takes in what is sent to the group.
    ip("-6 maddress add 33:33:00:00:00:12 dev eth0");
    tap.sendIpv6(datagram());
    await delay(50);
    deepStrictEqual(received, []);
    const both: Kept[] = [];
    openPort(host, both);
    tap.sendIpv6(datagram());
    await until("the group", () => both.length === 1);
    strictEqual(received.length, 0);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "IPv6: a port hears its own groups and no other, whatever others have joined",
  async () => {
    using tap = new WireTap("eth0", "far0");
    address();
    const host = openHost();
    const received: Kept[] = [];
    openPort(host, received, { groups: ["ff02::81"] });
    ip("-6 maddress add 33:33:00:00:00:12 dev eth0");
    tap.sendIpv6(datagram());
    tap.sendIpv6(datagram({ destination: "ff02::81" }));
    await until("its group", () => received.length === 1);
    await delay(50);
    deepStrictEqual(received.map(({ destination }) => destination), ["ff02::81"]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "IPv6: two ports of one host in two networks exchange unicast adverts",
  async () => {
    ip("link add eth0 type veth peer name eth1");
    for (const [device, own] of [["eth0", "fe80::1"], ["eth1", "fe80::2"]] as const) {
      ip(`link set ${device} addrgenmode none`);
      ip(`link set ${device} up`);
      ip(`address add ${own}/64 dev ${device} nodad`);
    }
    const host = openHost();
    await until("up", () => host.interfaceState("eth1")?.up === true);
    const received: Kept[] = [];
    const far = host.openVrrp("eth1", "ipv6", (it) => {
      received.push({ ...it, payload: it.payload.toHex() });
    }, { multicast: false });
    ok(!isHostError(far));
    const port = openPort(host, []);
    strictEqual(port.send(payload("fe80::1", "fe80::2"), "fe80::1", "fe80::2", 64), null);
    await until("received", () => received.length === 1);
    deepStrictEqual(received, [{
      ...{ interface: "eth1", source: "fe80::1", destination: "fe80::2", ttl: 64 },
      payload: payload("fe80::1", "fe80::2").toHex(),
    }]);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an IPv6 virtual address answers at once and is no source for connections",
  async () => {
    using _tap = new WireTap("eth0", "far0");
    ip("address add 2001:db8::11/64 dev eth0 nodad");
    const host = openHost();
    const vip = { address: "2001:db8::5", prefixLength: 64, device: "eth0" };
    strictEqual(host.addAddress(vip), null);
    strictEqual(host.addAddress(vip), null, "once more does no harm");
    const shown = JSON.parse(ip("-j -6 address show dev eth0"))[0].addr_info
      .find(({ local }: { local: string }) => local === vip.address);
    strictEqual(shown.nodad, true);
    strictEqual(shown.deprecated, true);
    strictEqual(shown.tentative, undefined);
    strictEqual(shown.preferred_life_time, 0);
    strictEqual(shown.valid_life_time, 0xffffffff);
    strictEqual(JSON.parse(ip("-j route get 2001:db8::99"))[0].prefsrc, "2001:db8::11");
    ok(host.markedAddresses().some(({ address }) => address === vip.address));
    strictEqual(host.removeAddress(vip), null);
    ok(!ip("-6 address show dev eth0").includes(vip.address));
    ok(ip("-6 route show dev eth0").includes("2001:db8::/64"), "the prefix stays with the other");
    await host.close();
  },
);
