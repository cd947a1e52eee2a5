/** The warm-up of the takeover on the real kernel. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { delay, ip, namespaceTest, openHost } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

function packetsOnLoopback(): number {
  return JSON.parse(ip("-j -s link show lo"))[0].stats64.tx.packets;
}

namespaceTest(
  import.meta.url,
  "the warm-up of a takeover speaks on the loopback interface alone and leaves nothing",
  async () => {
    ip("link set lo up");
    using tap = new WireTap("eth0", "far0");
    ip("address add 192.168.31.11/24 dev eth0");
    const host = openHost();
    const changes: string[] = [];
    host.watchInterfaces((name) => changes.push(name));
    await delay(100);
    tap.receivedFrames();
    changes.length = 0;
    for (const family of ["ipv4", "ipv6"] as const) {
      const [addresses, packets] = [ip("-j address"), packetsOnLoopback()];
      host.warmUpTakeover(family, 3);
      strictEqual(packetsOnLoopback() - packets, 2, `${family}: an announcement and an advert`);
      strictEqual(ip("-j address"), addresses);
    }
    await delay(100);
    deepStrictEqual(tap.receivedFrames(), [], "nothing on the cable");
    deepStrictEqual(changes, []);
    deepStrictEqual(host.markedAddresses(), []);
    await host.close();
  },
);
