/** Ping checks, between network namespaces: who answers, who does not, and what is no answer. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { ProbeResult } from "../../../src/health/check.ts";
import type { PingCheckConfig } from "../../../src/health/check_config.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { ETHERTYPE_ARP } from "../../../src/wire/arp.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV4 } from "../../../src/wire/ethernet.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { Neighbour } from "../neighbour.ts";
import { ETHERNET_OCTETS, WireTap } from "../wire_tap.ts";

const COMMON = {
  name: "gw",
  type: "ping",
  intervalMs: 1000,
  timeoutMs: 300,
  rise: 1,
  fall: 1,
} as const;

/** Asks once. */
async function ask(
  host: LinuxHost,
  check: Pick<PingCheckConfig, "address"> & Partial<PingCheckConfig>,
): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const prober = host.openProber({ ...COMMON, method: "echo", ...check }, resolve);
  prober.probe();
  const result = await promise;
  prober.close();
  return result;
}

namespaceTest(
  import.meta.url,
  "a host that is there answers an echo and a question for its MAC address, IPv4 and IPv6",
  async () => {
    await using neighbour = await Neighbour.open("eth0");
    neighbour.run("ip address add 192.168.31.1/24 dev far0");
    neighbour.run("ip address add 2001:db8::1/64 dev far0 nodad");
    neighbour.run("ip address add fe80::1/64 dev far0 nodad");
    ip("address add 192.168.31.11/24 dev eth0");
    ip("address add 2001:db8::11/64 dev eth0 nodad");
    ip("address add fe80::11/64 dev eth0 nodad");
    const host = openHost();
    await until("the link is up", () => host.interfaceState("eth0")?.up === true);
    for (const address of ["192.168.31.1", "2001:db8::1", "fe80::1"]) {
      const named = address.startsWith("fe80") ? { interface: "eth0" } : {};
      const echo = await ask(host, { address, ...named });
      match(echo.detail, /^echo answer in \d+\.\d ms$/, address);
      strictEqual(echo.ok, true);
      const link = await ask(host, { address, method: "neighbour", ...named });
      match(link.detail, /^neighbour answer in \d+\.\d ms$/, address);
      strictEqual(link.ok, true);
    }
    strictEqual(neighbour.run("ip -4 neighbour show").includes("0.0.0.0"), false);
    for (const address of ["192.168.31.2", "2001:db8::2"]) {
      const echo = await ask(host, { address });
      deepStrictEqual([echo.ok, echo.detail], [false, "no echo answer within 300 ms"]);
      const link = await ask(host, { address, method: "neighbour" });
      deepStrictEqual([link.ok, link.detail], [false, "no neighbour answer within 300 ms"]);
    }
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a gateway that drops echo requests is found by ARP and neighbour discovery alone",
  async () => {
    await using neighbour = await Neighbour.open("eth0");
    neighbour.run("ip address add 192.168.31.1/24 dev far0");
    neighbour.run("ip address add 2001:db8::1/64 dev far0 nodad");
    neighbour.drop("icmp type echo-request");
    neighbour.drop("icmpv6 type echo-request");
    ip("address add 192.168.31.11/24 dev eth0");
    ip("address add 2001:db8::11/64 dev eth0 nodad");
    const host = openHost();
    await until("the link is up", () => host.interfaceState("eth0")?.up === true);
    for (const address of ["192.168.31.1", "2001:db8::1"]) {
      strictEqual((await ask(host, { address })).ok, false, address);
      strictEqual((await ask(host, { address, method: "neighbour" })).ok, true, address);
    }
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a check outlives its interface: it asks again when there is one of the name",
  async () => {
    const host = openHost();
    const results: string[] = [];
    const check = { ...COMMON, address: "192.168.31.1", interface: "eth0" } as const;
    const probers = (["echo", "neighbour"] as const).map((method) =>
      host.openProber({ ...check, method }, ({ ok, detail }) => {
        results.push(ok ? "answered" : detail.replace(/^Cannot.*: /, ""));
      })
    );
    const probe = async () => {
      results.length = 0;
      for (const prober of probers) prober.probe();
      await until("both have a result", () => results.length === 2);
      return [...results].sort();
    };
    const gone = "interface eth0 does not exist";
    deepStrictEqual(await probe(), [gone, gone]);
    for (const round of [1, 2]) {
      await using neighbour = await Neighbour.open("eth0");
      neighbour.run("ip address add 192.168.31.1/24 dev far0");
      ip("address add 192.168.31.11/24 dev eth0");
      await until("the link is up", () => host.interfaceState("eth0")?.up === true);
      deepStrictEqual(await probe(), ["answered", "answered"], `round ${round}`);
      ip("link delete eth0");
      await until("it is gone", () => host.interfaceState("eth0") === null);
      deepStrictEqual(await probe(), [gone, gone]);
    }
    for (const prober of probers) prober.close();
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "only the answer to the request counts: its number, its content, from whom it was asked",
  async () => {
    using tap = new WireTap("eth0", "far0");
    const there = Uint8Array.of(2, 0, 0, 0, 0, 0x99);
    ip("address add 192.168.31.11/24 dev eth0");
    ip("neighbour add 192.168.31.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent");
    const host = openHost();
    const results: ProbeResult[] = [];
    const prober = host.openProber(
      { ...COMMON, timeoutMs: 5000, method: "echo", address: "192.168.31.1" },
      (result) => results.push(result),
    );
    prober.probe();
    let request: Uint8Array | undefined;
    await until("the request is on the wire", () => {
      request = tap.received(ETHERTYPE_IPV4)[0];
      return request !== undefined;
    });
    const sent = parseIpv4Datagram(request!.subarray(ETHERNET_OCTETS))!;
    const answer = (change: (message: Uint8Array) => void, source = "192.168.31.1") => {
      const message = sent.payload.slice();
      message[0] = 0;
      // What the type takes from the sum, the checksum gets.
      const view = new DataView(message.buffer);
      view.setUint16(2, (view.getUint16(2) + 0x0800) % 0xffff);
      change(message);
      const datagram = encodeIpv4Datagram({
        source,
        destination: "192.168.31.11",
        ttl: 64,
        typeOfService: 0,
        protocol: 1,
      }, message);
      tap.send(encodeEthernetFrame(request!.slice(6, 12), there, ETHERTYPE_IPV4, datagram));
    };
    answer((message) => message[4]! ^= 1);
    answer((message) => message[7]! ^= 1);
    answer((message) => message[12]! ^= 1);
    answer(() => {}, "192.168.31.2");
    await delay(50);
    strictEqual(results.length, 0);
    answer(() => {});
    await until("the answer is heard", () => results.length === 1);
    strictEqual(results.at(0)?.ok, true);
    answer(() => {});
    await delay(20);
    strictEqual(results.length, 1, "it counts once");
    prober.close();
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "only the reply to us counts as a neighbour's answer, not what it answers others",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 192.168.31.11/24 dev eth0");
    const host = openHost();
    await until("the link is up", () => host.interfaceState("eth0")?.up === true);
    const results: ProbeResult[] = [];
    const prober = host.openProber(
      { ...COMMON, timeoutMs: 5000, method: "neighbour", address: "192.168.31.1" },
      (result) => results.push(result),
    );
    prober.probe();
    let question: Uint8Array | undefined;
    await until("the question is on the wire", () => {
      question = tap.received(ETHERTYPE_ARP)[0];
      return question !== undefined;
    });
    /** An ARP packet of 192.168.31.1. */
    const said = (operation: number, to: Uint8Array, target: Uint8Array) => {
      const frame = question!.slice();
      frame.set(to, 0);
      frame.set([2, 0, 0, 0, 0, 0x99], 6);
      frame[21] = operation;
      frame.set([2, 0, 0, 0, 0, 0x99, 192, 168, 31, 1], 22);
      frame.set(target, 32);
      tap.send(frame);
    };
    const us = question!.slice(6, 12);
    const others = Uint8Array.of(2, 0, 0, 0, 0, 0x77);
    said(1, new Uint8Array(6).fill(0xff), new Uint8Array(6));
    said(2, others, others);
    said(2, us, others);
    await delay(50);
    strictEqual(results.length, 0);
    said(2, us, us);
    await until("the answer is heard", () => results.length === 1);
    strictEqual(results.at(0)?.ok, true);
    prober.close();
    await host.close();
  },
);

namespaceTest(import.meta.url, "what cannot be asked has failed, and says why", async () => {
  const host = openHost();
  ip("link set lo up");
  const cases: readonly [Partial<PingCheckConfig>, RegExp][] = [
    [{}, /Cannot ping 192\.168\.31\.1: sendto: ENETUNREACH/],
    [{ method: "neighbour" }, /no interface has an address in the network of 192\.168\.31\.1/],
    [{ method: "neighbour", interface: "lo" }, /no neighbour answer within/],
    [{ interface: "eth9" }, /interface eth9 does not exist/],
  ];
  for (const [check, expected] of cases) {
    const { ok, detail } = await ask(host, { address: "192.168.31.1", ...check });
    strictEqual(ok, false);
    match(detail, expected);
  }
  await host.close();
});
