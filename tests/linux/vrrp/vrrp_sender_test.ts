/** What the kernel does not take, with the cause; and what leaves although the interface has no address any more. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { constants } from "node:os";
import process from "node:process";
import { isHostError } from "../../../src/host/errors.ts";
import type { VrrpPort } from "../../../src/host/vrrp.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { IPPROTO_RAW } from "../../../src/linux/sys/constants.ts";
import { ENOBUFS, EPERM } from "../../../src/linux/sys/errors.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { VrrpSender } from "../../../src/linux/vrrp/vrrp_sender.ts";
import type { Family } from "../../../src/wire/address.ts";
import { internetChecksum, pseudoHeaderSum } from "../../../src/wire/checksum.ts";
import { encodeEthernetFrame } from "../../../src/wire/ethernet.ts";
import { ICMP_PROTOCOL } from "../../../src/wire/icmp.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { encodeIpv6Datagram } from "../../../src/wire/ipv6.ts";
import { VRRP_GROUP, VRRP_PROTOCOL } from "../../../src/wire/vrrp.ts";
import { delay, ip, namespaceTest, openHost } from "../namespace.ts";
import { ETHERNET_OCTETS, WireTap } from "../wire_tap.ts";

const PAYLOAD = new Uint8Array(40);
const OWN = { ipv4: "10.0.0.1", ipv6: "fe80::1" } as const;
const PEER = { ipv4: "10.0.0.2", ipv6: "fe80::2" } as const;
const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;
/** Where the header has the protocol. */
const PROTOCOL_AT = { ipv4: 9, ipv6: 6 } as const;
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);

function openPort(host: LinuxHost, family: Family): VrrpPort {
  const port = host.openVrrp("eth0", family, () => {});
  if (isHostError(port)) throw new Error(port.message);
  return port;
}

function addOwn(family: Family): void {
  const length = family === "ipv4" ? 24 : 64;
  ip(`address add ${OWN[family]}/${length} dev eth0${family === "ipv6" ? " nodad" : ""}`);
}

function run([command, ...args]: readonly string[]): void {
  const { success, stderr } = new Deno.Command(command!, { args }).outputSync();
  ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function datagram(
  family: Family,
  source: string,
  destination: string,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const ends = { source, destination };
  return family === "ipv4"
    ? encodeIpv4Datagram({ ...ends, ttl: 64, typeOfService: 0, protocol }, payload)
    : encodeIpv6Datagram(
      { ...ends, hopLimit: 64, trafficClass: 0, nextHeader: protocol },
      payload,
    );
}

/** The frame with which the peer says of a datagram from here that it has no such protocol, or no way to it. */
function icmpError(family: Family, mac: string, protocol: number): Uint8Array<ArrayBuffer> {
  const [own, peer] = [OWN[family], PEER[family]];
  const sent = datagram(family, own, peer, protocol, PAYLOAD);
  const message = new Uint8Array(8 + sent.length);
  // Destination unreachable: protocol over IPv4 (RFC 792), administratively prohibited over IPv6 (RFC 4443).
  message.set(family === "ipv4" ? [3, 2] : [1, 1]);
  message.set(sent, 8);
  const initial = family === "ipv4"
    ? 0
    : pseudoHeaderSum(peer, own, ICMP_PROTOCOL.ipv6, message.length);
  new DataView(message.buffer).setUint16(2, internetChecksum(message, initial));
  return encodeEthernetFrame(
    Uint8Array.from(mac.split(":"), (octet) => parseInt(octet, 16)),
    MAC,
    ETHERTYPE[family],
    datagram(family, peer, own, ICMP_PROTOCOL[family], message),
  );
}

/** How many adverts have left. */
function left(tap: WireTap, family: Family): number {
  return tap.received(ETHERTYPE[family])
    .filter((frame) => frame[ETHERNET_OCTETS + PROTOCOL_AT[family]] === 112).length;
}

namespaceTest(
  import.meta.url,
  "an advert with the TTL 0 asks the firewall and leaves the machine in no case",
  async () => {
    using tap = new WireTap("eth0", "far0");
    addOwn("ipv4");
    const host = openHost();
    const port = openPort(host, "ipv4");
    const ask = () => port.send(PAYLOAD, OWN.ipv4, VRRP_GROUP.ipv4, 0);
    strictEqual(ask(), null);
    strictEqual(left(tap, "ipv4"), 0);
    const rule = ["OUTPUT", "-p", "112", "-j", "DROP"];
    for (const [action, code] of [["-A", "EPERM"], ["-D", undefined]] as const) {
      strictEqual(new Deno.Command("iptables", { args: [action, ...rule] }).outputSync().code, 0);
      strictEqual(ask()?.code, code);
    }
    strictEqual(left(tap, "ipv4"), 0);
    strictEqual(port.send(PAYLOAD, OWN.ipv4, VRRP_GROUP.ipv4), null);
    strictEqual(left(tap, "ipv4"), 1);
    await host.close();
  },
);

for (const family of ["ipv4", "ipv6"] as const) {
  namespaceTest(
    import.meta.url,
    `${family}: a firewall's OUTPUT is named as such, and a frame passes it`,
    async () => {
      using tap = new WireTap("eth0", "far0");
      addOwn(family);
      const host = openHost();
      const port = openPort(host, family);
      strictEqual(port.send(PAYLOAD, OWN[family], VRRP_GROUP[family]), null);
      strictEqual(left(tap, family), 1);
      const table = "table inet f {\nchain out {\ntype filter hook output priority 0\n" +
        "meta l4proto 112 drop\n}\n}\n";
      const nft = new Deno.Command("nft", { args: [table] }).outputSync();
      strictEqual(nft.code, 0, new TextDecoder().decode(nft.stderr));
      const error = port.send(PAYLOAD, OWN[family], VRRP_GROUP[family]);
      strictEqual(error?.code, "EPERM");
      strictEqual(
        error.message,
        "Cannot send VRRP on eth0: sendto: EPERM, a firewall drops it on its way out " +
          "(an OUTPUT or postrouting chain)",
      );
      strictEqual(left(tap, family), 0);
      strictEqual(host.sendVrrpAs(MAC, "eth0", PAYLOAD, OWN[family], VRRP_GROUP[family]), null);
      strictEqual(left(tap, family), 1);
      await host.close();
    },
  );

  namespaceTest(
    import.meta.url,
    `${family}: what an egress chain or a full queue drops has not left, as a datagram or a frame`,
    async () => {
      using tap = new WireTap("eth0", "far0");
      addOwn(family);
      const host = openHost();
      const port = openPort(host, family);
      const chain =
        "table netdev f { chain out { type filter hook egress device eth0 priority 0; " +
        `meta protocol ${family === "ipv4" ? "ip" : "ip6"} meta l4proto 112 drop; }; }`;
      const drops = [
        [["nft", chain], ["nft", "delete table netdev f"]],
        // The kernel takes 0 for its default when it makes the queue.
        ["tc qdisc add dev eth0 root pfifo", "tc qdisc change dev eth0 root pfifo limit 0"]
          .map((command) => command.split(" ")),
      ];
      run(drops[0]![0]!);
      const send = () => [
        port.send(PAYLOAD, OWN[family], VRRP_GROUP[family]),
        host.sendVrrpAs(MAC, "eth0", PAYLOAD, OWN[family], VRRP_GROUP[family]),
      ];
      const refused = () => {
        for (const error of send()) {
          strictEqual(
            error?.message,
            "Cannot send VRRP on eth0: sendto: ENOBUFS, the interface drops it on its way out " +
              "(an egress chain of nft or tc, or a full queue)",
          );
        }
        strictEqual(left(tap, family), 0);
      };
      refused();
      run(drops[0]![1]!);
      deepStrictEqual(send(), [null, null]);
      strictEqual(left(tap, family), 2);
      for (const command of drops[1]!) run(command);
      refused();
      await host.close();
    },
  );

  namespaceTest(
    import.meta.url,
    `${family}: a storm of ICMP errors keeps no advert, and wakes nobody`,
    async () => {
      using tap = new WireTap("eth0", "far0");
      addOwn(family);
      const host = openHost();
      const port = openPort(host, family);
      const { address: mac } = JSON.parse(ip("-j link show eth0"))[0];
      for (const protocol of [VRRP_PROTOCOL, IPPROTO_RAW]) {
        const frame = icmpError(family, mac, protocol);
        for (let round = 0; round < 200; round++) {
          for (let count = 0; count < 5; count++) tap.send(frame);
          strictEqual(port.send(PAYLOAD, OWN[family], VRRP_GROUP[family]), null);
          strictEqual(left(tap, family), 1);
        }
      }
      await delay(100);
      const before = process.cpuUsage();
      await delay(300);
      const { user, system } = process.cpuUsage(before);
      ok(user + system < 100_000, `${user + system} us of 300 ms`);
      await host.close();
    },
  );

  namespaceTest(
    import.meta.url,
    `${family}: an error that waited at the socket is not this advert's`,
    () => {
      using tap = new WireTap("eth0", "far0");
      addOwn(family);
      const { ifindex: index } = JSON.parse(ip("-j link show eth0"))[0];
      const libc = Libc.open();
      /** What the next calls of sendto(2) return; then the kernel's answer. */
      let waiting: number[] = [];
      const answered = new Proxy(libc, {
        get: (_, name: keyof Libc) => {
          const call = libc[name] as (...words: unknown[]) => unknown;
          return name === "sendto"
            ? (...words: unknown[]) => waiting.shift() ?? call.apply(libc, words)
            : call.bind(libc);
        },
      });
      const sender = new VrrpSender(answered, { name: "eth0", index }, family);
      const { ECONNREFUSED, EHOSTUNREACH } = constants.errno;
      const CASES: readonly (readonly [errors: readonly number[], code: string | undefined])[] = [
        [[], undefined],
        [[ECONNREFUSED], undefined],
        [[EHOSTUNREACH, ECONNREFUSED], undefined],
        // It stays, so it is this advert's.
        [new Array(20).fill(EHOSTUNREACH), "EHOSTUNREACH"],
        [[EPERM], "EPERM"],
        [[ENOBUFS], "ENOBUFS"],
      ];
      for (const [errors, code] of CASES) {
        waiting = errors.map((errno) => -errno);
        const error = sender.send(PAYLOAD, OWN[family], VRRP_GROUP[family]);
        strictEqual(error?.code, code);
        strictEqual(left(tap, family), code === undefined ? 1 : 0, errors.join());
      }
      sender.close();
      libc.close();
      return Promise.resolve();
    },
  );

  namespaceTest(
    import.meta.url,
    `${family}: an advert that is larger than the MTU is named with its size`,
    async () => {
      using _tap = new WireTap("eth0", "far0");
      addOwn(family);
      const host = openHost();
      const port = openPort(host, family);
      ip("link set eth0 mtu 1300");
      const [header, large] = [family === "ipv4" ? 20 : 40, new Uint8Array(1400)];
      const octets = header + large.length;
      const errors = [
        port.send(large, OWN[family], VRRP_GROUP[family]),
        host.sendVrrpAs(MAC, "eth0", large, OWN[family], VRRP_GROUP[family]),
      ];
      for (const error of errors) {
        strictEqual(error?.code, "EMSGSIZE");
        strictEqual(
          error.message,
          `Cannot send VRRP on eth0: sendto: EMSGSIZE, an advert of ${octets} octets is larger than the interface's MTU`,
        );
      }
      await host.close();
    },
  );

  namespaceTest(
    import.meta.url,
    `${family}: an advert leaves from an address that the interface has lost, if need be as a frame`,
    async () => {
      using tap = new WireTap("eth0", "far0");
      addOwn(family);
      const host = openHost();
      const port = openPort(host, family);
      ip("address flush dev eth0");
      const error = port.send(PAYLOAD, OWN[family], VRRP_GROUP[family]);
      // IPv6 looks for a source of its own before it takes the one in the header.
      strictEqual(error?.code, family === "ipv4" ? undefined : "EADDRNOTAVAIL");
      if (error) {
        strictEqual(host.sendVrrpAs(MAC, "eth0", PAYLOAD, OWN[family], VRRP_GROUP[family]), null);
      }
      strictEqual(left(tap, family), 1);
      await host.close();
    },
  );
}
