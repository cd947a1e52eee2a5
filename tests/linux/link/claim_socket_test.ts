import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { HeardClaim } from "../../../src/host/claims.ts";
import { isHostError } from "../../../src/host/errors.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { type Family, formatMac } from "../../../src/wire/address.ts";
import { encodeGratuitousArp } from "../../../src/wire/arp.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV4 } from "../../../src/wire/ethernet.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { encodeNeighbourAdvertisement } from "../../../src/wire/ndp.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const OTHER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 0x99);

function listen(host: LinuxHost, family: Family, addresses: readonly string[]) {
  const heard: string[] = [];
  const port = host.openClaims("eth0", family, addresses, (claim: HeardClaim) => {
    const { address, mac, own, interface: name } = claim;
    heard.push(`${address} ${formatMac(mac)} ${name}${own ? " own" : ""}`);
  });
  if (isHostError(port)) throw new Error(port.message);
  return { port, heard };
}

namespaceTest(
  import.meta.url,
  "claims of others to the addresses are heard, those of this machine and to other addresses are not",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("link set eth0 address 02:00:00:00:00:01");
    const host = openHost();
    const { port, heard } = listen(host, "ipv4", ["192.168.31.5", "192.168.31.6"]);
    tap.send(encodeGratuitousArp("192.168.31.7", OTHER_MAC));
    host.announce({ address: "192.168.31.5", prefixLength: 24, device: "eth0" });
    tap.send(encodeGratuitousArp("192.168.31.6", OTHER_MAC));
    tap.send(encodeGratuitousArp("192.168.31.5", Uint8Array.of(2, 0, 0, 0, 0, 1)));
    await until("both claims are heard", () => heard.length === 2);
    await delay(20);
    deepStrictEqual(heard, [
      "192.168.31.6 02:00:00:00:00:99 eth0",
      "192.168.31.5 02:00:00:00:00:01 eth0 own",
    ]);
    port.close();
    tap.send(encodeGratuitousArp("192.168.31.6", OTHER_MAC));
    await delay(20);
    strictEqual(heard.length, 2);
    await host.close();
  },
);

namespaceTest(import.meta.url, "claims to IPv6 addresses are heard", async () => {
  using tap = new WireTap("eth0", "far0");
  const host = openHost();
  // The last four octets alone are the filter's.
  const { heard } = listen(host, "ipv6", ["fe80::5", "2001:db8::5"]);
  tap.send(encodeNeighbourAdvertisement("2001:db8:1::5", OTHER_MAC, false));
  tap.send(encodeNeighbourAdvertisement("2001:db8::5", OTHER_MAC, false));
  await until("the claim is heard", () => heard.length > 0);
  await delay(20);
  deepStrictEqual(heard, ["2001:db8::5 02:00:00:00:00:99 eth0"]);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "a kernel that has the address answers the question, IPv4 and IPv6, and learns no address of ours",
  async () => {
    const holder = new Deno.Command("unshare", { args: ["-n", "sleep", "30"] }).spawn();
    try {
      ip("link add eth0 type veth peer name far0");
      await until("the other namespace is there", () => {
        const own = Deno.readLinkSync("/proc/self/ns/net");
        return Deno.readLinkSync(`/proc/${holder.pid}/ns/net`) !== own;
      });
      ip(`link set far0 netns ${holder.pid}`);
      const there = (command: string) => {
        const args = ["-t", `${holder.pid}`, "-n", "ip", ...command.split(" ")];
        const { success, stdout } = new Deno.Command("nsenter", { args }).outputSync();
        ok(success, command);
        return new TextDecoder().decode(stdout);
      };
      there("link set far0 address 02:00:00:00:00:99");
      there("address add 192.168.31.5/24 dev far0");
      there("address add fe80::5/64 dev far0 nodad");
      there("link set far0 up");
      ip("link set eth0 up");
      ip("address add 192.168.31.11/24 dev eth0");
      const host = openHost();
      await until("the link is up", () => host.interfaceState("eth0")?.up === true);
      const ipv4 = listen(host, "ipv4", ["192.168.31.5", "192.168.31.6"]);
      const ipv6 = listen(host, "ipv6", ["fe80::5"]);
      for (const address of ["192.168.31.5", "192.168.31.6"]) {
        strictEqual(ipv4.port.probe(address), null);
      }
      strictEqual(ipv6.port.probe("fe80::5"), null);
      await until("both answers are heard", () => ipv4.heard.length + ipv6.heard.length >= 2);
      deepStrictEqual(ipv4.heard, ["192.168.31.5 02:00:00:00:00:99 eth0"]);
      deepStrictEqual(ipv6.heard, ["fe80::5 02:00:00:00:00:99 eth0"]);
      strictEqual(there("neighbour show 192.168.31.11"), "");
      await host.close();
    } finally {
      holder.kill("SIGKILL");
      await holder.status;
    }
  },
);

namespaceTest(
  import.meta.url,
  "a tap hears VRRP, with the MAC address that it came from, and nothing else",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 192.168.31.11/24 dev eth0");
    const host = openHost();
    const heard: string[] = [];
    const opened = host.openVrrpTap("eth0", "ipv4", ({ source, ttl, payload }, from) => {
      heard.push(`${source} ${ttl} ${payload.toHex()} ${formatMac(from)}`);
    });
    ok(!isHostError(opened));
    const send = (protocol: number) => {
      const datagram = encodeIpv4Datagram({
        source: "192.168.31.12",
        destination: "224.0.0.18",
        ttl: 255,
        typeOfService: 0xc0,
        protocol,
      }, Uint8Array.of(1, 2, 3, 4));
      const group = Uint8Array.of(1, 0, 0x5e, 0, 0, 0x12);
      tap.send(encodeEthernetFrame(group, OTHER_MAC, ETHERTYPE_IPV4, datagram));
    };
    send(17);
    send(112);
    await until("it is heard", () => heard.length > 0);
    deepStrictEqual(heard, ["192.168.31.12 255 01020304 02:00:00:00:00:99"]);
    opened.close();
    send(112);
    await delay(20);
    strictEqual(heard.length, 1);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "of very many claims only some are looked at, whether they come at once or one by one",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 192.168.31.11/24 dev eth0");
    const host = openHost();
    const { heard } = listen(host, "ipv4", ["192.168.31.5"]);
    const claim = (index: number) => {
      const mac = Uint8Array.of(2, 0, 0, 1, index >> 8, index & 0xff);
      tap.send(encodeGratuitousArp("192.168.31.5", mac));
    };
    // The budget of one address: 17 in 100 ms.
    const allowed = (tookMs: number) => 17 * (Math.ceil(tookMs / 100) + 1);
    const floods = [
      () => {
        for (let index = 0; index < 2000; index++) claim(index);
      },
      async () => {
        for (let index = 0; index < 600; index++) {
          claim(index);
          await delay(1);
        }
      },
    ];
    for (const flood of floods) {
      heard.length = 0;
      const startedMs = performance.now();
      await flood();
      await delay(1000);
      const tookMs = performance.now() - startedMs;
      ok(heard.length >= 17, `${heard.length} are looked at`);
      ok(heard.length <= allowed(tookMs), `${heard.length} in ${tookMs} ms`);
      const before = heard.length;
      claim(2000);
      await until("a claim after the flood is heard", () => heard.length > before);
    }
    await host.close();
  },
);

namespaceTest(import.meta.url, "a tap hears nothing while it does not listen", async () => {
  using tap = new WireTap("eth0", "far0");
  ip("address add 192.168.31.11/24 dev eth0");
  const host = openHost();
  const heard: string[] = [];
  const opened = host.openVrrpTap("eth0", "ipv4", ({ payload }) => heard.push(payload.toHex()));
  ok(!isHostError(opened));
  const send = (octet: number) => {
    const datagram = encodeIpv4Datagram({
      source: "192.168.31.12",
      destination: "224.0.0.18",
      ttl: 255,
      typeOfService: 0xc0,
      protocol: 112,
    }, Uint8Array.of(octet));
    tap.sendIpv4(datagram);
  };
  strictEqual(opened.listen(false), null);
  send(1);
  await delay(20);
  strictEqual(opened.listen(true), null);
  send(2);
  await until("it is heard", () => heard.length > 0);
  deepStrictEqual(heard, ["02"]);
  await host.close();
});

namespaceTest(import.meta.url, "an interface that is not there, or down, is reported", async () => {
  using _tap = new WireTap("eth0", "far0");
  const host = openHost();
  const missing = host.openClaims("eth9", "ipv4", ["192.168.31.5"], () => {});
  ok(isHostError(missing));
  strictEqual(missing.code, "ENODEV");
  const { port } = listen(host, "ipv4", ["192.168.31.5"]);
  ip("link set eth0 down");
  strictEqual(port.probe("192.168.31.5")?.code, "ENETDOWN");
  await host.close();
});
