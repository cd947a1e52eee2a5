import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type HostError, isHostError } from "../../../src/host/errors.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions } from "../../../src/host/vrrp.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import {
  AF_INET,
  IP_ADD_MEMBERSHIP,
  IPPROTO_IP,
  SOCK_RAW,
} from "../../../src/linux/sys/constants.ts";
import { must } from "../../../src/linux/sys/errors.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { parseIp } from "../../../src/wire/address.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { ETHERNET_OCTETS, WireTap } from "../wire_tap.ts";

const ETHERTYPE_IPV4 = 0x0800;
const PAYLOAD = Uint8Array.of(0x21, 55, 150, 1, 0, 1, 0xab, 0xcd, 10, 0, 0, 5);
const GROUP = "224.0.0.18";

/** What a test keeps of a datagram: the payload itself is valid during the call only. */
type Kept = Omit<VrrpDatagram, "payload"> & { readonly payload: string };

function openPort(
  host: LinuxHost,
  name: string,
  received: Kept[],
  options?: VrrpPortOptions,
): VrrpPort {
  const port = host.openVrrp(name, "ipv4", (datagram) => {
    received.push({ ...datagram, payload: datagram.payload.toHex() });
  }, options);
  if (isHostError(port)) throw new Error(port.message);
  return port;
}

function advert(
  change: { ttl?: number; destination?: string; source?: string } = {},
  payload = PAYLOAD,
): Uint8Array {
  return encodeIpv4Datagram({
    source: "10.0.0.2",
    destination: GROUP,
    ttl: 255,
    typeOfService: 0xc0,
    protocol: 112,
    ...change,
  }, payload);
}

namespaceTest(
  import.meta.url,
  "an advert leaves with TTL 255, class 0xc0 and the source it was given",
  async () => {
    using tap = new WireTap("eth0", "far0");
    // The VIP sorts first and is the interface's first address: the kernel would choose it.
    ip("address add 10.0.0.1/24 dev eth0");
    ip("address add 10.0.0.200/24 dev eth0");
    const host = openHost();
    const port = openPort(host, "eth0", []);
    for (const source of ["10.0.0.200", "10.0.0.1"]) {
      strictEqual(port.send(PAYLOAD, source, GROUP), null);
      const [frame, ...more] = tap.received(ETHERTYPE_IPV4).filter((it) =>
        it[ETHERNET_OCTETS + 9] === 112
      );
      strictEqual(more.length, 0);
      strictEqual(frame?.subarray(0, 6).toHex(), "01005e000012", "the group's Ethernet address");
      deepStrictEqual(parseIpv4Datagram(frame.subarray(ETHERNET_OCTETS)), {
        source,
        destination: GROUP,
        ttl: 255,
        typeOfService: 0xc0,
        protocol: 112,
        payload: PAYLOAD,
      });
    }
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "adverts are received with their TTL; other groups, protocols and our own are not",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    // Another program is in another group: the kernel would give us that as well.
    using _other = joinGroup("224.0.0.5", "eth0");
    const host = openHost();
    const received: Kept[] = [];
    const port = openPort(host, "eth0", received);
    tap.sendIpv4(advert());
    tap.sendIpv4(advert({ ttl: 254 }));
    tap.sendIpv4(advert({ destination: "224.0.0.5" }));
    const udp = encodeIpv4Datagram({
      source: "10.0.0.2",
      destination: GROUP,
      ttl: 255,
      typeOfService: 0,
      protocol: 17,
    }, new Uint8Array(8));
    tap.sendIpv4(udp);
    strictEqual(port.send(PAYLOAD, "10.0.0.1", GROUP), null);
    await until("received", () => received.length >= 2);
    await delay(20);
    const common = {
      interface: "eth0",
      source: "10.0.0.2",
      destination: GROUP,
      payload: PAYLOAD.toHex(),
    };
    deepStrictEqual(received, [{ ...common, ttl: 255 }, { ...common, ttl: 254 }]);
    port.close();
    tap.sendIpv4(advert());
    await delay(20);
    strictEqual(received.length, 2, "a closed port receives nothing");
    strictEqual(port.send(PAYLOAD, "10.0.0.1", GROUP)?.code, "closed");
    await host.close();
  },
);

namespaceTest(import.meta.url, "a port hears its own interface only", async () => {
  using tap0 = new WireTap("eth0", "far0");
  using tap1 = new WireTap("eth1", "far1");
  ip("address add 10.0.0.1/24 dev eth0");
  ip("address add 10.0.1.1/24 dev eth1");
  const host = openHost();
  const received: Kept[] = [];
  openPort(host, "eth0", received);
  openPort(host, "eth1", received);
  tap1.sendIpv4(advert({ source: "10.0.1.2" }));
  tap0.sendIpv4(advert());
  // Unicast, too.
  tap0.sendIpv4(advert({ source: "10.0.0.3", destination: "10.0.0.1" }));
  await until("received", () => received.length >= 3);
  await delay(20);
  deepStrictEqual(received.map((it) => [it.interface, it.source]).sort(), [
    ["eth0", "10.0.0.2"],
    ["eth0", "10.0.0.3"],
    ["eth1", "10.0.1.2"],
  ]);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "what arrived while the program stood still is delivered before the timers that are due",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    const host = openHost();
    const happened: string[] = [];
    const port = host.openVrrp("eth0", "ipv4", () => happened.push("advert"));
    ok(!isHostError(port));
    host.setTimer(host.nowMs() + 10, () => happened.push("timer"));
    await delay(1);
    for (let i = 0; i < 500; i++) tap.sendIpv4(advert());
    const resumeMs = performance.now() + 50;
    while (performance.now() < resumeMs);
    await until("the timer fired", () => happened.includes("timer"));
    strictEqual(happened.indexOf("timer"), 500);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an interface that is missing, down or gone gives errors, not exceptions",
  async () => {
    const host = openHost();
    const missing = host.openVrrp("eth0", "ipv4", () => {});
    strictEqual((missing as HostError).code, "ENODEV");
    strictEqual(
      (missing as HostError).message,
      "Cannot open VRRP on eth0: rtnetlink: ENODEV, there is no interface eth0",
    );
    const tap = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    await until("eth0 is seen", () => host.interfaceState("eth0")?.up === true);
    const received: Kept[] = [];
    const port = openPort(host, "eth0", received);
    ip("link set eth0 down");
    ok(port.send(PAYLOAD, "10.0.0.1", GROUP), "sending on an interface that is down");
    ip("link set eth0 up");
    await until("eth0 is up again", () => host.interfaceState("eth0")?.up === true);
    tap.sendIpv4(advert());
    await until("the membership has outlived it", () => received.length === 1);
    ip("link delete eth0");
    ok(port.send(PAYLOAD, "10.0.0.1", GROUP), "sending on an interface that is gone");
    tap[Symbol.dispose]();
    using again = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    const index = JSON.parse(ip("-j link show eth0"))[0].ifindex;
    await until("the new eth0 is seen", () => host.interfaceState("eth0")?.index === index);
    port.close();
    openPort(host, "eth0", received);
    again.sendIpv4(advert());
    await until("a new port hears the new interface", () => received.length === 2);
    await host.close();
  },
);

namespaceTest(import.meta.url, "a flood on one interface does not starve the timers", async () => {
  using tap = new WireTap("eth0", "far0");
  ip("address add 10.0.0.1/24 dev eth0");
  const host = openHost();
  const state = { received: 0, fired: 0, flooding: true };
  const port = host.openVrrp("eth0", "ipv4", () => {
    state.received++;
    // Each advert that is read makes another.
    if (state.flooding) tap.sendIpv4(advert());
  });
  ok(!isHostError(port));
  for (let i = 0; i < 100; i++) tap.sendIpv4(advert());
  for (let i = 1; i <= 10; i++) host.setTimer(host.nowMs() + i * 10, () => state.fired++);
  await until("all timers fired", () => state.fired === 10);
  state.flooding = false;
  ok(state.received > 1500, `only ${state.received} received`);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "foreign adverts in a flood are read now and then and counted, and displace no advert that is expected",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    const host = openHost();
    const heard = { expected: 0, strangers: 0, unread: 0 };
    const port = host.openVrrp("eth0", "ipv4", ({ payload }) => {
      heard[payload[1] === 55 ? "expected" : "strangers"]++;
    }, {
      expected: [{ version: 2, vrid: 55 }],
      unread: (count) => heard.unread += count,
    });
    ok(!isHostError(port));
    const stranger = advert({}, PAYLOAD.with(1, 56));
    // Without a pause for the reader: what there is no room for is lost.
    for (let i = 1; i <= 5000; i++) {
      tap.sendIpv4(stranger);
      if (i % 50 === 0) tap.sendIpv4(advert());
    }
    await until("the expected adverts", () => heard.expected === 100);
    await until("the rest of the strangers", () => heard.strangers > 32);
    // The next wake that brings a full load tells what was lost before.
    for (let i = 0; i < 40; i++) tap.sendIpv4(stranger);
    await until("those that were lost are counted", () => heard.unread > 4000);
    ok(heard.strangers + heard.unread <= 5140, `${heard.strangers} + ${heard.unread}`);

    strictEqual(port.expect([{ version: 2, vrid: 56 }]), null);
    await until("nothing waits any more", () => heard.strangers >= 32);
    const before = heard.strangers;
    for (let i = 0; i < 100; i++) tap.sendIpv4(stranger);
    await until(
      "what is expected from now on is read at once",
      () => heard.strangers >= before + 100,
    );
    await host.close();
  },
);

namespaceTest(import.meta.url, "two hosts in two namespaces hear each other", async () => {
  await using peer = await startPeer();
  ip(`link add eth0 type veth peer name peer0 netns ${peer.pid}`);
  ip("address add 10.0.0.1/24 dev eth0");
  const host = openHost();
  const received: Kept[] = [];
  const port = openPort(host, "eth0", received);
  ip("link set eth0 up");
  // The peer says hello as soon as it has a carrier, and answers each datagram by its TTL and source.
  await until("the peer has come up", () => received.length === 1);
  const { source, ttl, payload } = received[0]!;
  deepStrictEqual({ source, ttl, payload }, { source: "10.0.0.2", ttl: 255, payload: "010203" });
  strictEqual(port.send(PAYLOAD, "10.0.0.1", GROUP), null);
  await until("the peer has answered", () => received.length === 2);
  const answer = new TextDecoder().decode(Uint8Array.fromHex(received[1]!.payload));
  strictEqual(answer, `255 10.0.0.1 ${PAYLOAD.toHex()}`);
  // Neither side hears its own: the peer would answer itself for ever.
  await delay(50);
  strictEqual(received.length, 2);
  await host.close();
});

interface Peer extends AsyncDisposable {
  /** A process in the peer's namespace. */
  readonly pid: number;
}

/** Runs fixtures/peer.ts in another network namespace, until it says that it waits for its interface. */
async function startPeer(): Promise<Peer> {
  const child = new Deno.Command("unshare", {
    args: [
      ...["-n", Deno.execPath(), "run", "-A", "--no-check"],
      fileURLToPath(new URL("fixtures/peer.ts", import.meta.url)),
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      await reader.cancel();
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** Another program's socket that has joined a group on an interface. */
function joinGroup(group: string, name: string): Disposable {
  const libc = Libc.open();
  const fd = must("join", "socket", libc.socket(AF_INET, SOCK_RAW, 112));
  const request = new Uint8Array(12);
  request.set(parseIp(group)!);
  const { ifindex } = JSON.parse(ip(`-j link show ${name}`))[0];
  new DataView(request.buffer).setInt32(8, ifindex, true);
  must("join", "setsockopt", libc.setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request));
  return {
    [Symbol.dispose]() {
      libc.closeFd(fd);
      libc.close();
    },
  };
}

namespaceTest(
  import.meta.url,
  "a port sends to and hears the groups that it has joined, and no other",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("address add 10.0.0.1/24 dev eth0");
    const host = openHost();
    const received: Kept[] = [];
    const port = openPort(host, "eth0", received, { groups: ["224.0.0.81", "239.1.2.3"] });
    for (const destination of [GROUP, "239.1.2.3", "224.0.0.81"]) {
      tap.sendIpv4(advert({ destination }));
    }
    await until("both groups", () => received.length === 2);
    await delay(50);
    deepStrictEqual(received.map(({ destination }) => destination), ["239.1.2.3", "224.0.0.81"]);
    strictEqual(port.send(PAYLOAD, "10.0.0.1", "224.0.0.81"), null);
    const sent = tap.received(ETHERTYPE_IPV4).find((it) => it[ETHERNET_OCTETS + 9] === 112);
    strictEqual(sent?.subarray(0, 6).toHex(), "01005e000051", "the group's Ethernet address");
    await host.close();
  },
);
