/**
 * Many machines on the link claim the virtual address.
 *
 * @module
 */

import { LabError } from "../../../../lab/error.ts";
import { HolderWatch } from "../../../../lab/holders.ts";
import type { LabHost } from "../../../../lab/host.ts";
import { Attack } from "../../../../lab/hostile/attack.ts";
import {
  ONE_SECOND,
  PAIR_ADDRESS,
  type PairSettings,
  PRIORITIES,
  vipdConfig,
} from "../../../../lab/pair_config.ts";
import { clockMs, sleep } from "../../../../lab/wait.ts";
import { pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { never } from "../../scenario.ts";
import { TENTH_OF_A_SECOND } from "../../pair.ts";

const PER_SECOND = 1000;
/** Of the claims, what must have reached lb01 at least. */
const DELIVERED = 0.9;
/** Of the load, when the status is asked for. */
const ASK_AT = 0.5;
const IPV6_ADDRESS = "2001:db8:31::5";
const IPV6_VRID = 56;

export const CLAIMS: readonly HostileRow[] = [
  claims("arp", "ARP", PAIR_ADDRESS, TENTH_OF_A_SECOND, "version 3, 0.1 s"),
  claims("arp-default", "ARP", PAIR_ADDRESS, ONE_SECOND, "version 2, 1 s"),
  claims("ndp", "neighbour advertisements", IPV6_ADDRESS, TENTH_OF_A_SECOND, "version 3, 0.1 s"),
  claims("ndp-default", "neighbour advertisements", IPV6_ADDRESS, ONE_SECOND, "version 3, 1 s"),
];

function claims(
  name: string,
  how: string,
  address: string,
  settings: PairSettings,
  timers: string,
): HostileRow {
  return pairRow({
    name: `claims-${name}`,
    title: `1,000 claims of the address a second from 1,000 MAC addresses: ${how}, ${timers}`,
    settings,
    processes: 1,
    control: `claims, ${settings.advertIntervalMs} ms`,
    config: (node) =>
      vipdConfig(settings, PRIORITIES[node]) +
      ipv6Instance(settings.advertIntervalMs, PRIORITIES[node]),
    besides: [
      { id: "lost", title: "lb01 without the address", unit: "count", target: never() },
      {
        id: "noticed",
        title: "shown as a conflict (1: yes)",
        unit: "count",
        target: { text: "1", met: (value) => value === 1 },
      },
    ],
    prepare: (lab) => HolderWatch.start([lab.host("lb01")], address),
    async attack({ master, stranger, durationMs, note }, watch) {
      if (!watch.now().includes("lb01")) throw new LabError(`lb01 does not hold ${address}`);
      const [fromMs, heardBefore] = [clockMs(), await packetsHeard(master)];
      const attack = Attack.start(stranger, "claims", durationMs, "eth1", address, PER_SECOND);
      const meant = DELIVERED * PER_SECOND * durationMs / 1000;
      const counts = await attack.ended({ sent: meant });
      const heard = await packetsHeard(master) - heardBefore;
      note(`claims: ${JSON.stringify(counts)}; lb01 heard ${heard} packets meanwhile`);
      if (heard < meant) throw new LabError(`Only ${heard} packets reached lb01`);
      const ended = watch.holdings().filter(({ untilMs }) => untilMs >= fromMs);
      return { lost: ended.filter(({ untilMs }) => untilMs !== Infinity).length };
    },
    async meanwhile({ vipd, durationMs }) {
      await sleep(durationMs * ASK_AT);
      const alarms = (await vipd.status())?.alarms ?? [];
      return { noticed: alarms.some(({ code }) => code === "address_conflict") ? 1 : 0 };
    },
  });
}

/** By its interface, since that came up (sysfs-class-net-statistics in the kernel's ABI). */
async function packetsHeard(host: LabHost): Promise<number> {
  const { stdout } = await host.run(["ip", "-json", "-statistics", "link", "show", "eth1"]);
  const [link] = JSON.parse(stdout) as [{ stats64: { rx: { packets: number } } }];
  return link.stats64.rx.packets;
}

/** Beside the pair's IPv4 instance, elected apart. */
function ipv6Instance(advertIntervalMs: number, priority: number): string {
  return `  - name: VI_1_6
    interface: eth1
    vrid: ${IPV6_VRID}
    priority: ${priority}
    version: 3
    advert_interval: ${advertIntervalMs}ms
    addresses: ["fe80::5/64", "${IPV6_ADDRESS}/64"]
`;
}
