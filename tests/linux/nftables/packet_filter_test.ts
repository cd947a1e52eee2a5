/** Packets to virtual addresses are refused without an answer, and the link still finds who has them. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config } from "../../../src/sim/cluster.ts";
import { SimStore } from "../../../src/sim/store.ts";
import {
  arpRequest,
  echoRequest,
  echoRequestV6,
  heard,
  neighbourSolicitation,
  tcpSyn,
} from "../client_frames.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const VIP: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
const VIP_V6: VirtualAddress = { address: "2001:db8::5", prefixLength: 64, device: "eth0" };
const LINK_LOCAL: VirtualAddress = { address: "fe80::5", prefixLength: 64, device: "eth0" };
const CLIENT = "192.168.31.99";
const CLIENT_V6 = "2001:db8::99";
const CLIENT_LINK_LOCAL = "fe80::99";
/** Long enough for the kernel to answer what it wants to answer. */
const QUIET_MS = 30;

/** The host's interface, and a client at the far end of its cable whose MAC address the host knows. */
function plug(): WireTap {
  const tap = new WireTap("eth0", "far0");
  ip("link set eth0 address 02:00:00:00:00:01");
  ip("address add 192.168.31.11/24 dev eth0");
  ip("address add 2001:db8::11/64 dev eth0 nodad");
  ip("address add fe80::11/64 dev eth0 nodad");
  for (const client of [CLIENT, CLIENT_V6, CLIENT_LINK_LOCAL]) {
    ip(`neighbour add ${client} lladdr 02:00:00:00:00:99 dev eth0`);
  }
  return tap;
}

/** Runs a command of nftables, which may fail, and gives what it prints. */
function nft(...args: string[]): string {
  return new TextDecoder().decode(new Deno.Command("nft", { args }).outputSync().stdout);
}

async function answers(tap: WireTap, ...frames: Uint8Array<ArrayBuffer>[]): Promise<string[]> {
  tap.receivedFrames();
  for (const frame of frames) tap.send(frame);
  await delay(QUIET_MS);
  return heard(tap.receivedFrames());
}

namespaceTest(
  import.meta.url,
  "refused packets get no answer, ARP and neighbour solicitations do, until they are accepted again",
  async () => {
    using tap = plug();
    const host = openHost();
    for (const address of [VIP, VIP_V6, LINK_LOCAL]) strictEqual(host.addAddress(address), null);
    // The kernel brings IPv6 addresses into use from a worker of its own.
    await delay(200);
    const ping = echoRequest(CLIENT, VIP.address, MAC);
    const connect = tcpSyn(CLIENT, VIP.address, 80, MAC);
    const pingV6 = echoRequestV6(CLIENT_V6, VIP_V6.address, MAC);
    const pingLinkLocal = echoRequestV6(CLIENT_LINK_LOCAL, LINK_LOCAL.address, MAC);
    const all = ["icmp 0 from 192.168.31.5", "tcp", "icmpv6 129", "icmpv6 129"];
    deepStrictEqual(await answers(tap, ping, connect, pingV6, pingLinkLocal), all);

    strictEqual(host.blockPackets([VIP, VIP_V6, LINK_LOCAL]), null);
    deepStrictEqual(await answers(tap, ping, connect, pingV6, pingLinkLocal), []);
    deepStrictEqual(await answers(tap, arpRequest(CLIENT, VIP.address)), [
      "arp reply 192.168.31.5",
    ]);
    const asked = [VIP_V6, LINK_LOCAL].map(({ address }, at) =>
      neighbourSolicitation([CLIENT_V6, CLIENT_LINK_LOCAL][at]!, address, MAC)
    );
    deepStrictEqual(await answers(tap, ...asked), ["icmpv6 136", "icmpv6 136"]);
    const own = await answers(
      tap,
      echoRequest(CLIENT, "192.168.31.11", MAC),
      echoRequestV6(CLIENT_V6, "2001:db8::11", MAC),
      echoRequestV6(CLIENT_LINK_LOCAL, "fe80::11", MAC),
    );
    strictEqual(own.length, 3, "the host's own addresses answer");

    strictEqual(host.blockPackets([VIP, VIP_V6]), null);
    deepStrictEqual(await answers(tap, ping, pingV6, pingLinkLocal), ["icmpv6 129"]);
    strictEqual(host.blockPackets([{ ...LINK_LOCAL, device: "eth9" }]), null);
    const others = await answers(tap, ping, connect, pingV6, pingLinkLocal);
    deepStrictEqual(others, all, "a link-local address is refused on its interface alone");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "two programs block packets at the same time, each in a table that ends with it, however it ends",
  async () => {
    using tap = plug();
    ip("address add 192.168.31.5/24 dev eth0");
    const program = `
      import { LinuxHost } from "${new URL("../../../src/linux/host.ts", import.meta.url)}";
      const host = LinuxHost.open({ onError: (error) => { throw error; } });
      console.log(host.blockPackets([${JSON.stringify(VIP)}])?.message ?? "refused");
    `;
    const script = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(script, program);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script],
      stdout: "piped",
    }).spawn();
    try {
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      strictEqual(new TextDecoder().decode(value).trim(), "refused");
      await reader.cancel();
      const ping = echoRequest(CLIENT, VIP.address, MAC);
      deepStrictEqual(await answers(tap, ping), []);

      const host = openHost();
      const tables = () => nft("list", "tables").trim().split("\n").sort();
      strictEqual(host.blockPackets([VIP, VIP_V6]), null);
      deepStrictEqual(tables(), ["table inet vipd", `table inet vipd_${Deno.pid}`]);
      strictEqual(host.blockPackets([VIP_V6]), null);
      child.kill("SIGKILL");
      await child.status;
      deepStrictEqual(await answers(tap, ping), ["icmp 0 from 192.168.31.5"]);
      strictEqual(host.blockPackets([VIP]), null);
      deepStrictEqual(await answers(tap, ping), []);
      strictEqual(host.blockPackets([]), null);
      deepStrictEqual(await answers(tap, ping), ["icmp 0 from 192.168.31.5"]);
      strictEqual(host.blockPackets([VIP]), null);
      deepStrictEqual(tables(), ["table inet vipd"], "the name is free again");
      await host.close();
      deepStrictEqual(await answers(tap, ping), ["icmp 0 from 192.168.31.5"]);
    } finally {
      await Deno.remove(script);
    }
  },
);

/** What another program may try on a table; each is to fail, or to spare it. */
const TAMPERING: readonly (readonly [string, ...string[]])[] = [
  ["flush", "ruleset"],
  ["delete", "table", "inet", "vipd"],
  ["destroy", "table", "inet", "vipd"],
  ["flush", "table", "inet", "vipd"],
  ["flush", "chain", "inet", "vipd", "input"],
  ["delete", "chain", "inet", "vipd", "input"],
  ["flush", "set", "inet", "vipd", "ipv4"],
  ["add", "table", "inet", "vipd", "{ flags dormant; }"],
  ["insert", "rule", "inet", "vipd", "input", "accept"],
];

namespaceTest(
  import.meta.url,
  "another program cannot take away or change what refuses packets",
  async () => {
    using tap = plug();
    const host = openHost();
    strictEqual(host.addAddress(VIP), null);
    strictEqual(host.blockPackets([VIP]), null);
    const listed = () => nft("list", "table", "inet", "vipd");
    const before = listed();
    for (const command of TAMPERING) {
      nft(...command);
      strictEqual(listed(), before, command.join(" "));
    }
    deepStrictEqual(await answers(tap, echoRequest(CLIENT, VIP.address, MAC)), []);
    await host.close();
    deepStrictEqual(await answers(tap, echoRequest(CLIENT, VIP.address, MAC)), [
      "icmp 0 from 192.168.31.5",
    ]);
  },
);

namespaceTest(
  import.meta.url,
  "a master with accept off answers ARP and nothing else; with its end nothing is refused",
  async () => {
    using tap = plug();
    const host = openHost();
    const instance = {
      interface: "eth0",
      version: 3,
      authentication: { type: "none" },
      advertIntervalCs: 10,
      addresses: [VIP],
      accept: false,
    } as const;
    const store = new SimStore({ text: null, broken: false, hung: false });
    const options = { version: "0.0.0-test", store };
    const balancer = new LoadBalancer(config("lb01", instance), host, options);
    balancer.start();
    await until("master", () => balancer.status().instances[0]!.state === "master");
    const ping = echoRequest(CLIENT, VIP.address, MAC);
    const ask = arpRequest(CLIENT, VIP.address);
    deepStrictEqual(await answers(tap, ping, ask), ["arp reply 192.168.31.5"]);
    await balancer.stop();
    deepStrictEqual(await answers(tap, ping, ask), [], "nobody has the address");
    ip("address add 192.168.31.5/24 dev eth0");
    const taken = await answers(tap, ping, ask);
    deepStrictEqual(taken, ["icmp 0 from 192.168.31.5", "arp reply 192.168.31.5"]);
    await host.close();
  },
);
