/**
 * Examines the links for `vipd doctor`: listens for some adverts and asks once for each virtual address.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { KernelFiles } from "../../linux/kernel_reader.ts";
import type { InstanceFacts } from "../../doctor/facts.ts";
import { isHostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { MonitoredRouter } from "../../monitor/findings.ts";
import { VrrpMonitor } from "../../monitor/monitor.ts";
import { familyOf, formatMac } from "../../wire/address.ts";

/** Minimum and maximum, in milliseconds; between them the time for this many adverts of an instance. */
const LISTEN_MS = { least: 1500, most: 6000 } as const;
const ADVERTS = 3;
/** IFF_MULTICAST of netdevice(7). */
const IFF_MULTICAST = 0x1000;

type DoctorHost =
  & KernelFiles
  & Pick<
    Host,
    "nowMs" | "setTimer" | "interfaceState" | "openVrrp" | "openVrrpTap" | "openClaims"
  >;

/** Takes as long as a few adverts of the slowest instance. */
export async function linkFacts(
  instances: readonly InstanceConfig[],
  host: DoctorHost,
): Promise<InstanceFacts[]> {
  const monitor = new VrrpMonitor({ showPasswords: false });
  const claims = new Map<string, string>();
  using ports = new DisposableStack();
  const problems = instances.map((instance) => open(instance, host, monitor, claims, ports));
  const slowestMs = Math.max(0, ...instances.map((it) => it.advertIntervalCs * 10));
  const waitMs = Math.min(LISTEN_MS.most, Math.max(LISTEN_MS.least, ADVERTS * slowestMs));
  await new Promise<void>((resolve) => host.setTimer(host.nowMs() + waitMs, resolve));
  const routers = monitor.routers();
  const rejected = monitor.rejected();
  return instances.map((config, at): InstanceFacts => ({
    config,
    state: host.interfaceState(config.interface),
    multicast: multicastFlag(config.interface, host),
    openProblem: problems[at]!,
    claims: config.addresses.flatMap(({ address, device }) => {
      const mac = claims.get(`${device} ${address}`);
      return mac === undefined ? [] : [{ address, mac }];
    }),
    heard: heardFor(config, routers),
    others: routers.filter((router) =>
      router.interface === config.interface && router.vrid !== config.vrid
    ),
    rejected: rejected.filter((it) =>
      it.interface === config.interface && it.vrid === config.vrid &&
      familyOf(it.source) === config.family
    ),
  }));
}

/** All senders with the instance's VRID, including another pair's; `null` if there is none. */
function heardFor(
  { interface: name, family, vrid }: InstanceConfig,
  routers: readonly MonitoredRouter[],
): MonitoredRouter | null {
  const [first, ...others] = routers.filter((router) =>
    router.interface === name && router.family === family && router.vrid === vrid
  );
  if (!first) return null;
  return { ...first, senders: [first, ...others].flatMap(({ senders }) => senders) };
}

/** Why VRRP cannot be opened there, or `null`. */
function open(
  config: InstanceConfig,
  host: DoctorHost,
  monitor: VrrpMonitor,
  claims: Map<string, string>,
  ports: DisposableStack,
): string | null {
  const { interface: name, family, addresses } = config;
  if (!host.interfaceState(name)?.up) return null;
  // Joins the group, and shows whether the kernel allows it.
  const port = host.openVrrp(name, family, () => {}, { groups: [config.multicastGroup] });
  if (isHostError(port)) return port.message;
  ports.defer(() => port.close());
  // The tap hears adverts that the packet filter drops, too.
  const tap = host.openVrrpTap(name, family, (datagram) => {
    monitor.receive(datagram, host.nowMs());
  });
  if (!isHostError(tap)) ports.defer(() => tap.close());
  for (const device of new Set(addresses.map((it) => it.device))) {
    const those = addresses.filter((it) => it.device === device).map(({ address }) => address);
    const asked = host.openClaims(device, family, those, (claim) => {
      if (!claim.own) claims.set(`${device} ${claim.address}`, formatMac(claim.mac));
    });
    if (isHostError(asked)) continue;
    ports.defer(() => asked.close());
    for (const address of those) asked.probe(address);
  }
  return null;
}

function multicastFlag(name: string, host: KernelFiles): boolean | null {
  const flags = host.readKernelFile(`/sys/class/net/${name}/flags`);
  return flags === null ? null : (Number(flags) & IFF_MULTICAST) !== 0;
}
