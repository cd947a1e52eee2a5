/**
 * A thousand instances change their state again and again while the front does not read what the engine says of it.
 *
 * @module
 */

import { AdvertCapture, type CapturedAdvert } from "../../../../lab/capture.ts";
import { LabError } from "../../../../lab/error.ts";
import { Lab } from "../../../../lab/network.ts";
import { masterDownMs } from "../../../../lab/pair_config.ts";
import { sendSignal } from "../../../../lab/process.ts";
import { Vipd } from "../../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../../lab/wait.ts";
import { MemoryWatch } from "../../hostile/memory_watch.ts";
import { DESCRIPTORS, hasFront, NO_FRONT } from "../../hostile/pair_row.ts";
import type { HostileContext, HostileRow, RowOutcome } from "../../hostile/row.ts";
import { MANY_PRIORITY, manyPlan, type ManySettings, manyVipd } from "../../many_config.ts";

const SETTINGS: ManySettings = {
  version: 3,
  advertIntervalMs: 1000,
  perInterface: 250,
  interfaces: 4,
};
const INSTANCES = SETTINGS.perInterface * SETTINGS.interfaces;
const START_LIMIT_MS = 60_000;
const SETTLED_MS = 8_000;
const CUT_MS = 1000;
const DOWN_MS = masterDownMs(SETTINGS, MANY_PRIORITY);
/** So long after the cables are whole again every instance is to be master. */
const WAIT_MS = DOWN_MS + 2000;
/** A thousand takeovers take so much longer than one, in milliseconds. */
const SPREAD_MS = 1000;
/** Who has lost its carrier cannot be master again earlier than this, in milliseconds. */
const AGAIN_MS = DOWN_MS / 2;
/** A front that the engine has started instead of the one that hangs is stopped as soon as it is seen. */
const LOOK_MS = 100;

export const MANY_CHANGES: HostileRow = {
  name: "many-changes",
  title:
    `${INSTANCES} instances change their state (gap: until all are master again), front stopped`,
  onTimeMs: DOWN_MS + SPREAD_MS,
  besides: [],
  take,
};

async function take({ binary, durationMs, note }: HostileContext): Promise<RowOutcome> {
  await using lab = await Lab.open(`bench-${Deno.pid}`, manyPlan(SETTINGS));
  const vipd = new Vipd(lab.host("lb01"), {
    config: manyVipd(SETTINGS),
    binary,
    before: DESCRIPTORS,
  });
  await vipd.start();
  if (!await hasFront(vipd)) return NO_FRONT;
  await waitFor("all instances to be master", async () => {
    const status = await vipd.status();
    return status?.instances.every(({ state }) => state === "master");
  }, { timeoutMs: START_LIMIT_MS, everyMs: 1000 });
  await sleep(SETTLED_MS);

  using engine = new MemoryWatch(() => vipd.pid());
  const atStart = await engine.now();
  const control = await changesFor(lab, durationMs);
  const before = await engine.now();
  note(`in the control the engine grew by ${((before - atStart) / (1024 * 1024)).toFixed(1)} MB`);
  const fromMs = clockMs();
  const { stopped, fronts } = await withoutFronts(vipd, () => changesFor(lab, durationMs));
  const after = await engine.now();
  const half = engine.octetsAt((fromMs + clockMs()) / 2);
  note(`${fronts} fronts were stopped, one after the other`);
  return {
    kind: "taken",
    common: {
      elections: stopped.missing,
      gapMs: stopped.slowestMs,
      controlGapMs: control.slowestMs,
      memory: { before, half, after, peak: engine.peakOctets },
    },
    besides: {},
    controlBesides: {},
  };
}

/** Keeps each front from running meanwhile. */
async function withoutFronts<T>(vipd: Vipd, act: () => Promise<T>) {
  const pids = new Set<number>();
  let over = false;
  const stopping = (async () => {
    while (!over) {
      const pid = await vipd.frontPid();
      if (pid !== null && !pids.has(pid)) {
        pids.add(pid);
        sendSignal(pid, "SIGSTOP");
      }
      await sleep(LOOK_MS);
    }
  })();
  await waitFor("a front", () => pids.size > 0, { timeoutMs: START_LIMIT_MS, everyMs: 10 });
  const stopped = await act().finally(() => over = true);
  await stopping;
  for (const pid of pids) sendSignal(pid, "SIGCONT");
  return { stopped, fronts: pids.size };
}

/** Pulls all cables and plugs them in again, for so long: every instance goes to fault and becomes master again. */
async function changesFor(lab: Lab, durationMs: number) {
  const untilMs = clockMs() + durationMs;
  const devices = Array.from({ length: SETTINGS.interfaces }, (_, index) => `eth${index + 1}`);
  const captures = await Promise.all(
    devices.map((device) => AdvertCapture.start(lab.host("observer"), device)),
  );
  const healedAtMs: number[] = [];
  do {
    await Promise.all(devices.map((device) => lab.cut("lb01", device, "unplugged")));
    await sleep(CUT_MS);
    await Promise.all(devices.map((device) => lab.heal("lb01", device)));
    healedAtMs.push(clockMs());
    await sleep(WAIT_MS);
  } while (clockMs() < untilMs);
  const adverts = await Promise.all(captures.map((it) => it.stop()));
  const rounds = healedAtMs.map((atMs) => roundOf(adverts, atMs));
  const soonestMs = Math.min(...rounds.map((it) => it.soonestMs));
  if (soonestMs < AGAIN_MS) {
    throw new LabError(`An instance was still master ${soonestMs.toFixed(0)} ms after its cable`);
  }
  return {
    missing: Math.max(...rounds.map(({ missing }) => missing)),
    slowestMs: Math.max(...rounds.map(({ slowestMs }) => slowestMs)),
  };
}

/** How many instances were not heard within their time after a moment, and when the last and the first one were. */
function roundOf(adverts: readonly (readonly CapturedAdvert[])[], fromMs: number) {
  const firsts = adverts.flatMap((ofOne) => {
    const own = ofOne.filter(({ atMs }) => atMs > fromMs && atMs < fromMs + WAIT_MS);
    return Array.from(Map.groupBy(own, ({ vrid }) => vrid).values(), ([first]) => first!.atMs);
  });
  return {
    missing: INSTANCES - firsts.length,
    slowestMs: Math.max(...firsts) - fromMs,
    soonestMs: Math.min(...firsts) - fromMs,
  };
}
