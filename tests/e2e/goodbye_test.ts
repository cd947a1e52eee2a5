/**
 * An engine that is killed, and `vipd goodbye` as systemd runs it then: the other node serves as after a clean stop, and
 * at no moment both hold an address. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Daemon, KeepalivedDaemon, VipdDaemon } from "../../lab/daemon.ts";
import { gaps, HolderWatch, overlaps, possible, seen } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep } from "../../lab/wait.ts";
import { PLAN } from "../interop/pair.ts";

const BINARY = Deno.env.get("VIPD_BINARY");
const IPV4 = "192.168.31.5";
const IPV6 = "2001:db8:31::5";
/** Below it: a goodbye that came too late, after which another would have taken over by itself. */
const MASTER_DOWN_MS = 3000;

/** How the pair speaks. */
interface Case {
  readonly name: string;
  /** Of the instances, in vipd's configuration. */
  readonly instances: (priority: number) => string;
  readonly addresses: readonly string[];
  readonly keepalived?: (priority: number) => string;
}

const HMAC = `authentication: { type: hmac, replay: monotonic, active_key: 1,
      keys: [{ id: 1, key: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }] }`;

const CASES: readonly Case[] = [
  {
    name: "vipd, version 2 with a password and version 3 over IPv6, in a sync group",
    addresses: [IPV4, IPV6],
    instances: (priority) =>
      `instances:
  - { name: VI_4, interface: eth1, vrid: 55, version: 2, priority: ${priority}, addresses: [${IPV4}/24],
      authentication: { type: pass, password: "123456" } }
  - { name: VI_6, interface: eth1, vrid: 55, version: 3, priority: ${priority},
      addresses: ["fe80::5/64", "${IPV6}/64"] }
sync_groups:
  - { name: SG_1, instances: [VI_4, VI_6] }
`,
  },
  {
    name: "vipd, signed adverts and a virtual MAC address",
    addresses: [IPV4, IPV6],
    instances: (priority) =>
      `instances:
  - { name: VI_4, interface: eth1, vrid: 55, version: 3, priority: ${priority}, addresses: [${IPV4}/24],
      virtual_mac: true, ${HMAC} }
  - { name: VI_6, interface: eth1, vrid: 56, version: 3, priority: ${priority},
      addresses: ["fe80::5/64", "${IPV6}/64"], ${HMAC} }
`,
  },
];

for (const pair of CASES) {
  Deno.test(`a killed engine costs the pair no Master_Down_Interval: ${pair.name}`, async () => {
    await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
    const hosts = [lab.host("lb01"), lab.host("lb02")];
    const [lb01, lb02] = [150, 100].map((priority, index) =>
      new Vipd(hosts[index]!, { config: pair.instances(priority), binary: BINARY })
    ) as [Vipd, Vipd];
    const watches = await Promise.all(
      pair.addresses.map((address) => HolderWatch.start(hosts, address, 2)),
    );
    const heldBy = (host: string) =>
      Promise.all(watches.map((watch) => watch.heldBy(host, 15_000)));
    await Promise.all([lb01.start(), lb02.start()]);
    await heldBy("lb01");
    await sleep(1500);

    await lb01.signal("SIGKILL");
    const goodbye = await lb01.command("goodbye");
    assert.equal(goodbye.code, 0, goodbye.stderr);
    await heldBy("lb02");
    console.log(goodbye.stdout, Math.round(goodbye.tookMs), report(watches));
    for (const watch of watches) {
      assert.deepEqual(overlaps(seen(watch.holdings())), []);
      const [gap] = gaps(possible(watch.holdings()));
      assert.ok(gap && gap.untilMs - gap.fromMs < MASTER_DOWN_MS, JSON.stringify(gap));
    }

    // Nothing is left for another one.
    const again = await lb01.command("goodbye");
    assert.deepEqual([again.code, again.stdout.includes("nothing to do")], [0, true]);
    // The next engine speaks, and is believed.
    await lb01.start();
    await heldBy("lb01");
    const status = await lb02.status();
    for (const { counters } of status!.instances) assert.deepEqual(counters.dropped, {});
  });
}

function report(watches: readonly HolderWatch[]): string {
  return watches.map((watch) =>
    `nobody ${
      gaps(possible(watch.holdings())).map(({ fromMs, untilMs }) => Math.round(untilMs - fromMs))
    } ms, two ${
      overlaps(seen(watch.holdings())).map(({ fromMs, untilMs }) => untilMs - fromMs)
    } (eye ${Math.round(watch.longestPauseMs())} ms)`
  ).join("; ");
}
