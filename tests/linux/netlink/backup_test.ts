/** What a backup does with packets for the virtual addresses: nothing, seen from the wire. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, instanceConfig } from "../../../src/sim/cluster.ts";
import { SimStore } from "../../../src/sim/store.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { encodeIpv6Datagram } from "../../../src/wire/ipv6.ts";
import { encodeAdvertisement, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import {
  arpRequest,
  CLIENT_MAC,
  echoRequest,
  echoRequestV6,
  heard,
  neighbourSolicitation,
  tcpSyn,
} from "../client_frames.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const VIP = "192.168.31.5";
const VIP_V6 = "fe80::5";
const CLIENT = "192.168.31.99";
const CLIENT_V6 = "fe80::99";
const COMMON = {
  interface: "eth0",
  version: 3,
  authentication: { type: "none" },
  advertIntervalCs: 100,
} as const;

/** Adverts of a master with a higher priority, one of each family. */
function adverts(tap: WireTap): void {
  const common = { version: 3, vrid: 55, priority: 200, intervalCs: 100 } as const;
  const [source, source6] = ["192.168.31.12", "fe80::12"];
  const ipv4 = encodeAdvertisement(
    { ...common, addresses: [VIP] },
    { source, destination: VRRP_GROUP.ipv4 },
    "pseudo_header",
  );
  const ipv6 = encodeAdvertisement(
    { ...common, addresses: [VIP_V6] },
    { source: source6, destination: VRRP_GROUP.ipv6 },
    "pseudo_header",
  );
  const to4 = { source, destination: VRRP_GROUP.ipv4, ttl: 255, typeOfService: 0, protocol: 112 };
  tap.sendIpv4(encodeIpv4Datagram(to4, ipv4));
  const to6 = {
    source: source6,
    destination: VRRP_GROUP.ipv6,
    hopLimit: 255,
    trafficClass: 0,
    nextHeader: 112,
  };
  tap.sendIpv6(encodeIpv6Datagram(to6, ipv6));
}

namespaceTest(
  import.meta.url,
  "a backup neither answers ARP, solicitations and packets for the addresses nor forwards them",
  async () => {
    using tap = new WireTap("eth0", "far0");
    ip("link set eth0 address 02:00:00:00:00:01");
    ip("address add 192.168.31.11/24 dev eth0");
    ip("address add fe80::11/64 dev eth0 nodad");
    for (const client of [CLIENT, CLIENT_V6]) {
      ip(`neighbour add ${client} lladdr 02:00:00:00:00:99 dev eth0`);
    }
    const host = openHost();
    const both = config("lb01", {});
    const store = new SimStore({ text: null, broken: false, hung: false });
    const address = { prefixLength: 24, device: "eth0" };
    const balancer = new LoadBalancer(
      {
        ...both,
        instances: [
          instanceConfig({ ...COMMON, addresses: [{ address: VIP, ...address }] }),
          instanceConfig({
            ...COMMON,
            name: "VI_6",
            family: "ipv6",
            addresses: [{ address: VIP_V6, prefixLength: 64, device: "eth0" }],
          }),
        ],
      },
      host,
      { version: "0.0.0-test", store },
    );
    balancer.start();
    const states = () => balancer.status().instances.map(({ state, master }) => [state, master]);
    adverts(tap);
    await until("it follows a master", () => states().every(([, master]) => master !== null));
    tap.receivedFrames();
    const own = [
      echoRequest(CLIENT, "192.168.31.11", MAC),
      echoRequestV6(CLIENT_V6, "fe80::11", MAC),
    ];
    const virtual = [
      arpRequest(CLIENT, VIP),
      neighbourSolicitation(CLIENT_V6, VIP_V6, MAC),
      echoRequest(CLIENT, VIP, MAC),
      tcpSyn(CLIENT, VIP, 80, MAC),
      echoRequestV6(CLIENT_V6, VIP_V6, MAC),
    ];
    for (const frame of [...virtual, ...own]) tap.send(frame);
    await delay(100);
    const frames = tap.receivedFrames();
    deepStrictEqual(heard(frames), ["icmp 0 from 192.168.31.11", "icmpv6 129"]);
    const forwarded = frames.filter((frame) => {
      const to = frame.subarray(30, 34).join(".") === VIP || frame.subarray(38, 54).toHex() ===
          "fe800000000000000000000000000005";
      return to && frame.subarray(0, 6).toHex() !== CLIENT_MAC.toHex();
    });
    deepStrictEqual(forwarded, []);
    for (const [state] of states()) strictEqual(state, "backup");
    balancer.abandon();
    await host.close();
  },
);
