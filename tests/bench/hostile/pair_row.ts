/**
 * A row that is taken of a pair: lb01, its master, is attacked; before that, for as long, plain processes compute beside
 * it, unless a row with the same control has done so in this round.
 *
 * @module
 */

import { BusyLoops } from "../../../lab/busy_loops.ts";
import { AdvertCapture, type CapturedAdvert } from "../../../lab/capture.ts";
import { VipdDaemon } from "../../../lab/daemon.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/network.ts";
import { masterDownMs, type PairSettings, PRIORITIES } from "../../../lab/pair_config.ts";
import { Sleeper } from "../../../lab/sleeper.ts";
import type { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { Pair, type PairOptions, TENTH_OF_A_SECOND } from "../pair.ts";
import type { Figure, Measured } from "../scenario.ts";
import { MemoryWatch } from "./memory_watch.ts";
import type { Control, HostileContext, HostileRow, RowOutcome } from "./row.ts";
import { wireReport } from "./wire_report.ts";

/** The soft limit that a service has by default (systemd.exec(5)). */
export const DESCRIPTOR_LIMIT = 1024;
export const DESCRIPTORS: readonly string[] = ["prlimit", `--nofile=${DESCRIPTOR_LIMIT}:`];
/** Until what a start has left is done, such as its last announcements, in milliseconds. */
const SETTLED_MS = 7000;
/** Between the control and the attack, in milliseconds. */
const BREATH_MS = 1000;
/** An advert may be so much later than its interval, in milliseconds. */
const LATE_MS = 30;
const FRONT_START_MS = 2000;

/** What a row comes to that is about the front. */
export const NO_FRONT: RowOutcome = {
  kind: "impossible",
  why: "this vipd has no process of its own for its API",
};

/** The pair while it is attacked. */
export interface Field {
  readonly pair: Pair;
  /** The master that is attacked, and its host. */
  readonly vipd: Vipd;
  readonly master: LabHost;
  /** A host on the same network. */
  readonly stranger: LabHost;
  /** The process that serves the API: the front, or the only one that there is. */
  readonly apiPid: () => Promise<number | null>;
  readonly durationMs: number;
  readonly note: (text: string) => void;
}

/** The field after the attack. */
export interface FieldAfter extends Field {
  /** Milliseconds since the epoch. */
  readonly attackEndedAtMs: number;
  readonly frontBeforeOctets: number;
  readonly frontPeakOctets: number;
  /** How many processes served the API, one after the other. */
  readonly frontsSeen: number;
}

/** What makes one such row. */
export interface PairRowOptions<Prepared = unknown> {
  readonly name: string;
  readonly title: string;
  /** @default {TENTH_OF_A_SECOND} */
  readonly settings?: PairSettings;
  /** How many processes attack: as many compute in the control. */
  readonly processes: number;
  /** Rows with the same word share a control in each round: their nodes and their number of processes are the same. */
  readonly control?: string;
  /** True where it is the API's own process that is attacked. */
  readonly needsFront?: boolean;
  /** How many times the usual duration it lasts. @default {1} */
  readonly times?: number;
  readonly besides?: readonly Figure[];
  /** The config file of a node, and what stands before the command that starts it. */
  readonly config?: PairOptions["config"];
  readonly before?: PairOptions["before"];
  /** Done in the lab before the nodes start. */
  prepare?(lab: Lab): Promise<Prepared>;
  /** Attacks for the field's duration. */
  attack(field: Field, prepared: Prepared): Promise<Measured>;
  /** What an operator does until then, in the control as well. */
  meanwhile?(field: Field, untilMs: number): Promise<Measured>;
  /** What is looked at when it is over. */
  afterwards?(field: FieldAfter, prepared: Prepared): Promise<Measured>;
}

export function pairRow<Prepared>(options: PairRowOptions<Prepared>): HostileRow {
  const { name, title, besides = [], settings = TENTH_OF_A_SECOND } = options;
  return {
    name,
    title,
    besides,
    onTimeMs: onTimeMs(settings),
    take: (context) => take(options, settings, context),
  };
}

async function take<Prepared>(
  row: PairRowOptions<Prepared>,
  settings: PairSettings,
  context: HostileContext,
): Promise<RowOutcome> {
  let prepared: Prepared | undefined;
  await using pair = await Pair.open("vipd", settings, context.binary, {
    ...row.config && { config: row.config },
    before: (node) => [...DESCRIPTORS, ...row.before?.(node) ?? []],
    prepare: async (lab) => {
      prepared = await row.prepare?.(lab);
    },
  });
  const { vipd } = pair.daemon("lb01") as VipdDaemon;
  const twoProcesses = await hasFront(vipd);
  if (row.needsFront && !twoProcesses) return NO_FRONT;
  const settled = sleep(SETTLED_MS);
  const field: Field = {
    pair,
    vipd,
    master: vipd.host,
    stranger: pair.client,
    apiPid: () => twoProcesses ? vipd.frontPid() : vipd.pid(),
    durationMs: context.durationMs * (row.times ?? 1),
    note: context.note,
  };
  const [capture, sleeper] = await Promise.all([
    AdvertCapture.start(pair.lab.host("lb02"), "eth1"),
    Sleeper.start(field.master),
    settled,
  ]);
  const { controls } = context;
  return await measure(row, settings, { field, capture, sleeper, controls }, prepared!);
}

interface Watched {
  readonly field: Field;
  readonly capture: AdvertCapture;
  readonly sleeper: Sleeper;
  readonly controls: HostileContext["controls"];
}

function onTimeMs({ advertIntervalMs }: PairSettings): number {
  return advertIntervalMs + LATE_MS;
}

/** The control, the attack, and what is left of it. */
async function measure<Prepared>(
  row: PairRowOptions<Prepared>,
  settings: PairSettings,
  { field, capture, sleeper, controls }: Watched,
  prepared: Prepared,
): Promise<RowOutcome> {
  const { vipd } = field;
  const shared = row.control === undefined ? undefined : controls.get(row.control);
  const own = shared === undefined ? await controlPhase(row, field) : null;
  using engine = new MemoryWatch(() => vipd.pid());
  using front = new MemoryWatch(field.apiPid);
  const [before, frontBeforeOctets] = [await engine.now(), await front.now()];
  const attack = await phase(row, field, () => row.attack(field, prepared));
  // Whoever missed too many adverts takes over by now.
  await sleep(masterDownMs(settings, PRIORITIES.lb02) + settings.advertIntervalMs);
  const [watchedUntilMs, memoryAfter] = [clockMs(), await engine.now()];
  const peak = engine.peakOctets;
  const afterwards = await row.afterwards?.({
    ...field,
    attackEndedAtMs: attack.endedAtMs,
    frontBeforeOctets,
    frontPeakOctets: front.peakOctets,
    frontsSeen: front.processes,
  }, prepared);
  const adverts = await capture.stop();
  const { elections, gapMs } = wireReport(adverts, attack.fromMs, watchedUntilMs);
  const control = shared ?? controlOf(adverts, own!);
  // One that was late itself says something about its own minute only.
  if (row.control !== undefined && control.gapMs <= onTimeMs(settings)) {
    controls.set(row.control, control);
  }
  const half = engine.octetsAt((attack.fromMs + attack.endedAtMs) / 2);
  const memory = { before, half, peak, after: memoryAfter };
  const [late, controlLate] = [attack, own].map((it) =>
    it && `${sleeper.worstMs(it.fromMs, it.untilMs).toFixed(0)} ms`
  );
  const besideIt = controlLate === null ? "" : `, in the control by ${controlLate}`;
  field.note(`a process that only sleeps was late by ${late} at worst${besideIt}`);
  return {
    kind: "taken",
    common: { elections, gapMs, controlGapMs: control.gapMs, memory },
    besides: { ...attack.measured, ...afterwards },
    controlBesides: control.besides,
  };
}

type Phase = Awaited<ReturnType<typeof phase>>;

async function controlPhase<T>(row: PairRowOptions<T>, field: Field): Promise<Phase> {
  const control = await phase(row, field, async () => {
    await using _loops = new BusyLoops(field.master, row.processes);
    await sleep(field.durationMs);
    return {};
  });
  await sleep(BREATH_MS);
  return control;
}

function controlOf(adverts: readonly CapturedAdvert[], { fromMs, untilMs, measured }: Phase) {
  return { gapMs: wireReport(adverts, fromMs, untilMs).gapMs, besides: measured } satisfies Control;
}

/** Does it, and what an operator does at the same time, who may need longer. */
async function phase<T>(row: PairRowOptions<T>, field: Field, act: () => Promise<Measured>) {
  const fromMs = clockMs();
  let endedAtMs = fromMs;
  const [acted, seen] = await Promise.all([
    act().finally(() => endedAtMs = clockMs()),
    row.meanwhile?.(field, fromMs + field.durationMs),
  ]);
  return { fromMs, endedAtMs, untilMs: clockMs(), measured: { ...acted, ...seen } };
}

/** Whether it has a process of its own for its API, which is given some seconds to come up. */
export async function hasFront(vipd: Vipd): Promise<boolean> {
  const limitMs = clockMs() + FRONT_START_MS;
  const found = await waitFor("the front", async () => {
    const pid = await vipd.frontPid();
    return pid !== null || clockMs() > limitMs ? { pid } : null;
  }, { timeoutMs: 2 * FRONT_START_MS });
  return found.pid !== null;
}
