import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ETHERTYPE_IPV6 } from "../../../src/wire/ethernet.ts";
import { ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const ETHERTYPE_ARP = 0x0806;
const VIP = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };

namespaceTest(
  import.meta.url,
  "an announcement is one gratuitous ARP on the wire of its device",
  async () => {
    using tap = new WireTap("eth0", "far0");
    using other = new WireTap("eth1", "far1");
    ip("link set eth0 address 02:00:00:00:00:01");
    const host = openHost();
    strictEqual(host.announce(VIP), null);
    deepStrictEqual(tap.received(ETHERTYPE_ARP).map((frame) => frame.toHex()), [
      "ffffffffffff" + "020000000001" + "0806" + "0001" + "0800" + "06" + "04" + "0001" +
      "020000000001" + "c0a81f05" + "ffffffffffff" + "c0a81f05",
    ]);
    deepStrictEqual(other.received(ETHERTYPE_ARP), []);
    ip("link set eth0 address 02:00:00:00:00:02");
    await until("the new MAC is known", () => host.interfaceState("eth0")?.mac[5] === 2);
    strictEqual(host.announce(VIP), null);
    strictEqual(tap.received(ETHERTYPE_ARP)[0]?.subarray(6, 12).toHex(), "020000000002");
    await host.close();
  },
);

namespaceTest(import.meta.url, "an announcement that cannot be made says why", async () => {
  using _tap = new WireTap("eth0", "far0");
  const host = openHost();
  strictEqual(host.announce({ ...VIP, device: "eth9" })?.code, "ENODEV");
  ip("link set eth0 down");
  strictEqual(host.announce(VIP)?.code, "ENETDOWN");
  await host.close();
});

namespaceTest(
  import.meta.url,
  "an IPv6 announcement is one neighbour advertisement, with the Router flag on a router only",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("link set eth0 address 02:00:00:00:00:01");
    const host = openHost();
    const flags = () => {
      strictEqual(host.announce({ ...VIP, address: "fe80::5", prefixLength: 64 }), null);
      const frames = tap.received(ETHERTYPE_IPV6).filter((frame) => frame[54] === 136);
      strictEqual(frames.length, 1);
      strictEqual(frames[0]!.subarray(0, 12).toHex(), "333300000001" + "020000000001");
      return frames[0]![58];
    };
    strictEqual(flags(), 0x20, "Override");
    const forwarding = "/proc/sys/net/ipv6/conf/eth0/forwarding";
    await Deno.writeTextFile(forwarding, "1");
    strictEqual(flags(), 0xa0, "Router and Override");
    await host.close();
  },
);
