/**
 * vipd and keepalived as the two nodes of one virtual router. Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import assert from "node:assert/strict";
import { gaps, HolderWatch, type Holding, overlaps } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import {
  keepalivedConfig,
  masterDownMs,
  PAIR_ADDRESS,
  PAIR_PLAN,
  type PairSettings,
  skewMs,
  vipdConfig,
} from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep } from "../../lab/wait.ts";

/** lb01 is the stronger node, lb02 the weaker one. */
const PRIORITIES = { lb01: 150, lb02: 100 } as const;

/** How much later than the protocol says something may happen: the processes share a machine with others. */
const MARGIN_MS = 1000;
/** A process of vipd or keepalived takes this long to start, at most. */
const START_MS = 5000;

const SETTINGS: Record<string, PairSettings> = {
  "version 2 with a password": { version: 2, advertIntervalMs: 1000, password: "123456" },
  "version 3": { version: 3, advertIntervalMs: 200 },
};

/** A daemon as the tests need it. */
interface Daemon {
  start(): Promise<void>;
  stop(): Promise<void>;
  crash(): Promise<void>;
}

type Brand = "vipd" | "keepalived";

const PAIRS: readonly { strong: Brand; weak: Brand }[] = [
  { strong: "vipd", weak: "keepalived" },
  { strong: "keepalived", weak: "vipd" },
];

for (const [title, settings] of Object.entries(SETTINGS)) {
  for (const { strong, weak } of PAIRS) {
    Deno.test(`${title}: ${strong} is preferred to ${weak}`, async (t) => {
      await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PAIR_PLAN);
      const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
      const lb01 = daemon(strong, lab.host("lb01"), settings, PRIORITIES.lb01);
      const lb02 = daemon(weak, lab.host("lb02"), settings, PRIORITIES.lb02);
      const preemptedMs = START_MS + masterDownMs(settings, PRIORITIES.lb01) + MARGIN_MS;
      /** Spans in which lb01 may hold the address but does not speak: nobody can tell it to let go. */
      const silent: Span[] = [];

      await t.step("the higher priority wins the election", async () => {
        await Promise.all([lb01.start(), lb02.start()]);
        await watch.heldBy("lb01", preemptedMs);
        await staysWith(watch, "lb01", settings);
      });

      await t.step("a clean stop hands over after Skew_Time", async () => {
        const fromMs = clockMs();
        await lb01.stop();
        const tookMs = await watch.heldBy("lb02", START_MS) - fromMs;
        assertWithin(tookMs, skewMs(settings, PRIORITIES.lb02));
        if (strong === "vipd") {
          // keepalived speaks a moment before it has the address, and looks are 10 ms apart.
          const longestMs = Math.max(
            0,
            ...gaps(since(watch, fromMs)).map((it) => it.untilMs - it.fromMs),
          );
          assert.ok(longestMs <= 50, `make before break, but nobody held it for ${longestMs} ms`);
        }
      });

      await t.step("the higher priority takes the address back", async () => {
        await lb01.start();
        await watch.heldBy("lb01", preemptedMs);
        await staysWith(watch, "lb01", settings);
      });

      await t.step("after kill -9 the other takes over after Master_Down_Interval", async () => {
        const fromMs = clockMs();
        await lb01.crash();
        const limitMs = masterDownMs(settings, PRIORITIES.lb02);
        await sleep(limitMs + MARGIN_MS);
        const taken = watch.holdings().findLast((it) => it.host === "lb02");
        assert.ok(taken && taken.fromMs > fromMs, "lb02 holds the address");
        // The last advert was heard up to one interval before the kill.
        assertWithin(
          taken.fromMs - fromMs,
          limitMs - settings.advertIntervalMs,
          limitMs + MARGIN_MS,
        );
        silent.push({ fromMs, untilMs: clockMs() });
      });

      await t.step("back again, the higher priority takes the address back", async () => {
        const fromMs = clockMs();
        await lb01.start();
        silent.push({ fromMs, untilMs: clockMs() + masterDownMs(settings, PRIORITIES.lb01) });
        await watch.heldBy("lb01", preemptedMs);
        await staysWith(watch, "lb01", settings);
      });

      await t.step("never did two that speak hold it for longer than one advert interval", () => {
        const pauseMs = watch.longestPauseMs();
        assert.ok(pauseMs < settings.advertIntervalMs, `a look came ${pauseMs} ms after the last`);
        for (const { fromMs, untilMs } of overlaps(speaking(watch.holdings(), silent))) {
          assert.ok(untilMs - fromMs <= settings.advertIntervalMs, `for ${untilMs - fromMs} ms`);
        }
      });
    });
  }
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

function daemon(brand: Brand, host: LabHost, settings: PairSettings, priority: number): Daemon {
  if (brand === "vipd") {
    const binary = Deno.env.get("VIPD_BINARY");
    const vipd = new Vipd(host, { config: vipdConfig(settings, priority), binary });
    return {
      start: () => vipd.start(),
      stop: () => vipd.stop(),
      crash: () => vipd.signal("SIGKILL"),
    };
  }
  const config = keepalivedConfig(settings, priority);
  let running: Keepalived | null = null;
  return {
    start: async () => {
      running = await Keepalived.start(host, config);
    },
    stop: async () => await running?.stop(),
    crash: async () => await running?.crash(),
  };
}

/** The address stays where it is for three advert intervals. */
async function staysWith(watch: HolderWatch, host: string, settings: PairSettings): Promise<void> {
  const untilMs = clockMs() + 3 * settings.advertIntervalMs;
  while (clockMs() < untilMs) {
    assert.deepEqual(watch.now(), [host]);
    await sleep(10);
  }
}

function assertWithin(tookMs: number, soonestMs: number, latestMs = soonestMs + MARGIN_MS): void {
  // Sampling and the delay of timers: 20 ms early is on time.
  assert.ok(tookMs >= soonestMs - 20, `after ${tookMs} ms, before its time: ${soonestMs} ms`);
  assert.ok(tookMs <= latestMs, `after ${tookMs} ms, later than ${latestMs} ms`);
}

function since(watch: HolderWatch, fromMs: number): Holding[] {
  return watch.holdings().filter((it) => it.untilMs > fromMs);
}

/** What lb01 held without speaking does not count. */
function speaking(holdings: readonly Holding[], silent: readonly Span[]): Holding[] {
  return silent.reduce<Holding[]>(
    (rest, span) => rest.flatMap((it) => it.host === "lb01" ? without(it, span) : [it]),
    [...holdings],
  );
}

function without(holding: Holding, span: Span): Holding[] {
  const before = { ...holding, untilMs: Math.min(holding.untilMs, span.fromMs) };
  const after = { ...holding, fromMs: Math.max(holding.fromMs, span.untilMs) };
  return [before, after].filter((it) => it.untilMs > it.fromMs);
}
