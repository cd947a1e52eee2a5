/** What the kernel does not take, with the cause; and what leaves although the interface has no address any more. */

import { strictEqual } from "node:assert/strict";
import { isHostError } from "../../../src/host/errors.ts";
import type { VrrpPort } from "../../../src/host/vrrp.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import type { Family } from "../../../src/wire/address.ts";
import { VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import { ip, namespaceTest, openHost } from "../namespace.ts";
import { ETHERNET_OCTETS, WireTap } from "../wire_tap.ts";

const PAYLOAD = new Uint8Array(40);
const OWN = { ipv4: "10.0.0.1", ipv6: "fe80::1" } as const;
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
