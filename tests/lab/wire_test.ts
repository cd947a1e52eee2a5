import assert from "node:assert/strict";
import { parse } from "../../lab/wire.ts";

Deno.test("lines of tcpdump", async (t) => {
  const cases = [
    {
      name: "an advert of version 2",
      line:
        "1795391466.5 IP 192.168.31.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 55, prio 150, " +
        "authtype simple, intvl 1s, length 20",
      want: { kind: "advert", atMs: 1795391466500, source: "192.168.31.11", priority: 150 },
    },
    {
      name: "an advert of version 3",
      line: "1795391466.5 IP 192.168.31.12 > 224.0.0.18: VRRPv3, Advertisement, vrid 55, prio 0, " +
        "intvl 10cs, length 12",
      want: { kind: "advert", atMs: 1795391466500, source: "192.168.31.12", priority: 0 },
    },
    {
      name: "a gratuitous request",
      line:
        "1795391466.5 ARP, Request who-has 192.168.31.5 (ff:ff:ff:ff:ff:ff) tell 192.168.31.5, " +
        "length 28",
      want: { kind: "claim", atMs: 1795391466500, address: "192.168.31.5" },
    },
    {
      name: "a reply",
      line: "1795391466.5 ARP, Reply 192.168.31.5 is-at 02:00:00:00:00:01, length 28",
      want: { kind: "claim", atMs: 1795391466500, address: "192.168.31.5" },
    },
    {
      name: "an ordinary question",
      line: "1795391466.5 ARP, Request who-has 192.168.31.5 tell 192.168.31.100, length 28",
      want: null,
    },
    {
      name: "what tcpdump says of itself",
      line: "listening on eth1, link-type EN10MB",
      want: null,
    },
  ];
  for (const { name, line, want } of cases) {
    await t.step(name, () => assert.deepEqual(parse(line), want));
  }
});
