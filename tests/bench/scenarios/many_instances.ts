/**
 * Many virtual routers on one node: until all are master, what they cost, and whether their adverts leave on time, as
 * an observer on the wire sees them.
 *
 * @module
 */

import { AdvertCapture, type CapturedAdvert } from "../../../lab/capture.ts";
import { type Brand, type Daemon, KeepalivedDaemon, VipdDaemon } from "../../../lab/daemon.ts";
import { LabError } from "../../../lab/error.ts";
import type { LabHost } from "../../../lab/host.ts";
import { Lab } from "../../../lab/network.ts";
import { masterDownMs } from "../../../lab/pair_config.ts";
import { type Usage, usageOf } from "../../../lab/usage.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import {
  MANY_PRIORITY,
  manyKeepalived,
  manyPlan,
  type ManySettings,
  manyVipd,
} from "../many_config.ts";
import { atMost, type Figure, type Measured, type Scenario, timesKeepalived } from "../scenario.ts";
import { gaps, quantile } from "../statistics.ts";

/** How long the steady state is measured. */
const STEADY_MS = 20_000;
/** After the start: the second burst of gratuitous ARP comes 5 s after each takeover. */
const SETTLED_MS = 8_000;
const START_LIMIT_MS = 60_000;
const MEBIBYTE = 1024 * 1024;

const FAST: ManySettings = { version: 3, advertIntervalMs: 100, perInterface: 250, interfaces: 1 };
const SLOW: ManySettings = { version: 2, advertIntervalMs: 1000, perInterface: 250, interfaces: 1 };
const MOST: ManySettings = { version: 3, advertIntervalMs: 1000, perInterface: 250, interfaces: 4 };

export const MANY_INSTANCES: readonly Scenario[] = [
  scenario("many-fast", "250 instances, version 3, 0.1 s", FAST, (id, title) => [
    startFigure(id, title, FAST),
    {
      id: `${id}_cpu`,
      title: `${title}: processor, share of a core`,
      unit: "%",
      target: timesKeepalived(0.7),
    },
    {
      id: `${id}_gap`,
      title: `${title}: longest gap between two adverts of an instance`,
      unit: "ms",
      watched: STEADY_MS,
      target: atMost(115, "115 ms"),
    },
    { id: `${id}_gap_p99`, title: `${title}: gap, 99 %`, unit: "ms" },
    { id: `${id}_memory`, title: `${title}: memory (PSS)`, unit: "MB" },
  ]),
  scenario("many", "250 instances, version 2, 1 s", SLOW, (id, title) => [
    startFigure(id, title, SLOW),
    {
      id: `${id}_cpu`,
      title: `${title}: processor, share of a core`,
      unit: "%",
      target: timesKeepalived(1),
    },
    { id: `${id}_gap`, title: `${title}: longest gap`, unit: "ms", watched: STEADY_MS },
    { id: `${id}_memory`, title: `${title}: memory (PSS)`, unit: "MB" },
  ]),
  scenario("most", "1000 instances on 4 interfaces, version 3, 1 s", MOST, (id, title) => [
    { id: `${id}_masters`, title: `${title}: instances that are master`, unit: "count" },
    { id: `${id}_start`, title: `${title}: start until all are master`, unit: "ms" },
    { id: `${id}_cpu`, title: `${title}: processor, share of a core`, unit: "%" },
    { id: `${id}_gap`, title: `${title}: longest gap`, unit: "ms", watched: STEADY_MS },
    { id: `${id}_memory`, title: `${title}: memory (PSS)`, unit: "MB" },
  ]),
];

function startFigure(id: string, title: string, settings: ManySettings): Figure {
  const limitMs = masterDownMs(settings, MANY_PRIORITY);
  return {
    id: `${id}_start`,
    title: `${title}: start until all are master`,
    unit: "ms",
    target: atMost(limitMs + 200, `the protocol's ${(limitMs / 1000).toFixed(2)} s + 0.2 s`),
  };
}

function scenario(
  name: string,
  title: string,
  settings: ManySettings,
  figures: (id: string, title: string) => readonly Figure[],
): Scenario {
  return {
    name,
    title,
    brands: ["vipd", "keepalived"],
    figures: figures(name, title),
    async measure(brand, { binary }) {
      await using lab = await Lab.open(`bench-${Deno.pid}`, manyPlan(settings));
      const daemon = daemonOf(brand, lab.host("lb01"), settings, binary);
      const starts = await recordStart(lab, daemon, settings);
      await sleep(SETTLED_MS);
      const steady = await recordSteady(lab, daemon, settings);
      const measured = { ...starts, ...steady };
      return Object.fromEntries(
        Object.entries(measured).map(([key, value]) => [`${name}_${key}`, value]),
      ) satisfies Measured;
    },
  };
}

function daemonOf(brand: Brand, host: LabHost, settings: ManySettings, binary?: string): Daemon {
  return brand === "vipd"
    ? new VipdDaemon(new Vipd(host, { config: manyVipd(settings), binary }))
    : new KeepalivedDaemon(host, manyKeepalived(settings));
}

/** From the start of the process to the first advert of the last instance. */
async function recordStart(lab: Lab, daemon: Daemon, settings: ManySettings) {
  const captures = await Promise.all(devices(settings).map((device) => capture(lab, device)));
  await daemon.launch();
  const wanted = settings.interfaces * settings.perInterface;
  const firsts = async () => {
    const each = await Promise.all(captures.map(async (it) => firstAdverts(await it.adverts())));
    return each.flatMap((it) => [...it.values()]);
  };
  const all = await waitFor("all instances to be master", async () => {
    if (await daemon.pid() === null) {
      throw new LabError(`${daemon.brand} has ended:\n${daemon.lastLines().join("\n")}`);
    }
    const seen = await firsts();
    return seen.length >= wanted ? seen : null;
  }, {
    timeoutMs: START_LIMIT_MS,
    everyMs: 500,
    explain: async () => `${(await firsts()).length} of ${wanted} have advertised`,
  });
  await Promise.all(captures.map((it) => it.stop()));
  return { masters: all.length, start: Math.max(...all) - daemon.startedAtMs };
}

async function recordSteady(lab: Lab, daemon: Daemon, settings: ManySettings) {
  const captures = await Promise.all(devices(settings).map((device) => capture(lab, device)));
  const [before, fromMs] = [await usage(daemon), clockMs()];
  await sleep(STEADY_MS);
  const [after, untilMs] = [await usage(daemon), clockMs()];
  const adverts = await Promise.all(captures.map((it) => it.stop()));
  const byInstance = adverts.flatMap(momentsByInstance);
  const between = byInstance.flatMap((moments) => gaps(moments, untilMs));
  const silent = settings.interfaces * settings.perInterface - byInstance.length;
  return {
    cpu: (after.cpuMs - before.cpuMs) / (untilMs - fromMs) * 100,
    memory: after.pssOctets / MEBIBYTE,
    gap: silent > 0 ? Infinity : between.reduce((a, b) => Math.max(a, b), 0),
    gap_p99: quantile(between, 0.99),
  };
}

function capture(lab: Lab, device: string): Promise<AdvertCapture> {
  return AdvertCapture.start(lab.host("observer"), device);
}

function devices({ interfaces }: ManySettings): string[] {
  return Array.from({ length: interfaces }, (_, index) => `eth${index + 1}`);
}

async function usage(daemon: Daemon): Promise<Usage> {
  const pid = await daemon.pid();
  if (pid === null) throw new LabError(`${daemon.brand} has ended: ${daemon.lastLines().at(-1)}`);
  return await usageOf(pid);
}

/** VRID -> when its first advert came. */
function firstAdverts(adverts: readonly CapturedAdvert[]): Map<number, number> {
  const firsts = new Map<number, number>();
  for (const { vrid, atMs } of adverts) if (!firsts.has(vrid)) firsts.set(vrid, atMs);
  return firsts;
}

/** When each instance that was heard at all advertised. */
function momentsByInstance(adverts: readonly CapturedAdvert[]): number[][] {
  const byVrid = Map.groupBy(adverts, ({ vrid }) => vrid);
  return [...byVrid.values()].map((own) => own.map(({ atMs }) => atMs));
}
