import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseIp } from "../../../src/wire/address.ts";
import { arpRequest, heard, neighbourSolicitation, tcpSegment } from "../client_frames.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const VIP = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
const VIP_V6 = { address: "2001:db8::5", prefixLength: 64, device: "eth0" };
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const CLIENT = "192.168.31.99";
const CLIENT_V6 = "2001:db8::99";
/** Long enough for the kernel to answer what it wants to answer. */
const QUIET_MS = 50;

namespaceTest(
  import.meta.url,
  "an address that is drained answers no question, has a lifetime, and is off in the end",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("link set eth0 address 02:00:00:00:00:01");
    ip("address add 192.168.31.11/24 dev eth0");
    ip("address add 2001:db8::11/64 dev eth0 nodad");
    ip(`neighbour add ${CLIENT} lladdr 02:00:00:00:00:99 dev eth0`);
    ip(`neighbour add ${CLIENT_V6} lladdr 02:00:00:00:00:99 dev eth0`);
    const asked = async () => {
      tap.receivedFrames();
      tap.send(arpRequest(CLIENT, VIP.address));
      tap.send(neighbourSolicitation(CLIENT_V6, VIP_V6.address, MAC));
      await delay(QUIET_MS);
      return heard(tap.receivedFrames());
    };
    const host = openHost();
    for (const address of [VIP, VIP_V6]) strictEqual(host.addAddress(address), null);
    // The kernel brings IPv6 addresses into use from a worker of its own.
    await delay(200);
    const answers = ["arp reply 192.168.31.5", "icmpv6 136"];
    deepStrictEqual(await asked(), answers);

    for (const address of [VIP, VIP_V6]) strictEqual(host.drainAddress(address, 600), null);
    deepStrictEqual(await asked(), []);
    match(ip("address show dev eth0"), /192\.168\.31\.5\/24[^\n]*\n\s+valid_lft [12]sec/);
    match(ip("address show dev eth0"), /2001:db8::5\/64[^\n]*\n\s+valid_lft [12]sec/);

    strictEqual(host.addAddress(VIP), null);
    deepStrictEqual(await asked(), answers.slice(0, 1), "taken back before its time was over");
    match(ip("address show dev eth0"), /192\.168\.31\.5\/24[^\n]*\n\s+valid_lft forever/);
    await until("the other is off", () => !ip("address").includes(VIP_V6.address));
    ok(ip("address").includes(VIP.address));

    strictEqual(host.drainAddress(VIP, 300), null);
    await host.close();
    ok(!ip("address").includes(VIP.address), "the host does not close before");
  },
);

/** A client, what it connects to, and who was master before: over IPv6 known by its link-local address. */
const FAMILIES = [
  {
    client: CLIENT,
    vip: VIP,
    peer: "192.168.31.12",
    etherType: 0x0800,
    addressesAt: 26,
    tcpAt: 34,
  },
  {
    client: CLIENT_V6,
    vip: VIP_V6,
    peer: "fe80::12",
    etherType: 0x86dd,
    addressesAt: 22,
    tcpAt: 54,
  },
] as const;

for (const { client, vip, peer, etherType, addressesAt, tcpAt } of FAMILIES) {
  namespaceTest(
    import.meta.url,
    `what belongs to connections to ${vip.address} that did not begin here goes to the peer for a time`,
    async () => {
      using tap = new WireTap("eth0", "far0");
      ip("link set eth0 address 02:00:00:00:00:01");
      ip("address add 192.168.31.11/24 dev eth0");
      ip("address add fe80::11/64 dev eth0 nodad");
      ip(`neighbour add ${peer} lladdr 02:00:00:00:00:12 dev eth0`);
      ip(`neighbour add ${client} lladdr 02:00:00:00:00:99 dev eth0`);
      const host = openHost();
      strictEqual(host.addAddress(vip), null);
      // The kernel brings IPv6 addresses into use from a worker of its own.
      await delay(200);
      strictEqual(host.forwardConnections(vip, "eth0", peer, 1000), null);
      /** Where the TCP packets went that the host sent after it was given this one, from whom, and their flags. */
      const after = async (sourcePort: number, flags: number) => {
        tap.receivedFrames();
        tap.send(tcpSegment(client, vip.address, 80, MAC, { sourcePort, flags }));
        await delay(QUIET_MS);
        const own = parseIp(vip.address)!.join();
        return tap.received(etherType).filter((frame) => frame.length > tcpAt + 13)
          .filter((frame) => frame[etherType === 0x0800 ? 23 : 20] === 6)
          .map((frame) => {
            const source = frame.subarray(addressesAt, addressesAt + parseIp(client)!.length);
            const from = source.join() === own ? "the host" : "the client";
            return `${from} to MAC ${frame[5]!.toString(16)}: ${frame[tcpAt + 13]}`;
          });
      };
      const [SYN, ACK, RST] = [0x02, 0x10, 0x04];
      const forwarded = [`the client to MAC 12: ${ACK}`];
      const reset = [`the host to MAC 99: ${RST}`];
      deepStrictEqual(await after(4001, ACK), forwarded);
      // Nobody listens here: the host answers for itself.
      deepStrictEqual(await after(4002, SYN), [`the host to MAC 99: ${RST | ACK}`]);
      deepStrictEqual(await after(4002, ACK), reset);
      deepStrictEqual(await after(4001, ACK), forwarded);
      await delay(1000);
      deepStrictEqual(await after(4001, ACK), reset);
      strictEqual(host.forwardConnections(vip, "eth9", peer, 400)?.code, "ENODEV");
      await host.close();
    },
  );
}
