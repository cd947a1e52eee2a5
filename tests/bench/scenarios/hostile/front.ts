/**
 * The process that serves the API dies, hangs, has no memory, or was taken over.
 *
 * @module
 */

import { ApiLoad } from "../../../../lab/api_load.ts";
import { ApiWatch } from "../../../../lab/api_watch.ts";
import { Attack } from "../../../../lab/hostile/attack.ts";
import type { Lab } from "../../../../lab/network.ts";
import { sendSignal } from "../../../../lab/process.ts";
import type { Vipd } from "../../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../../lab/wait.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { atMost, type Figure, type Measured } from "../../scenario.ts";
import { median } from "../../statistics.ts";

const KILLS = 100;
/** The duration for which so many are meant, in milliseconds; a shorter try has fewer. */
const KILLS_FOR_MS = 30_000;
const STOPPED_MS = 10_000;
const BACK_LIMIT_MS = 15_000;
const ENGINE_SOCKET = "/run/vipd/engine.sock";
/** So long the engine keeps the place of a front that gives no sign of life, in milliseconds, and a little more. */
const PLACE_KEPT_MS = 6000;
/**
 * Runs the engine, and next to it a front that is no child of it, again and again, as a service manager does: a child
 * alone has the key that the engine asks its own for. The words of the engine end with `run --config FILE`.
 */
const AS_SERVICES = [
  "sh",
  "-c",
  "export VIPD_FRONT=service; left=$(($# - 3)); program=; for word; do [ $left -gt 0 ] && " +
  "program=\"$program '$word'\"; left=$((left - 1)); done; " +
  '(while sleep 0.1; do eval "$program front --run-dir /run/vipd"; done) & exec "$@"',
  "sh",
];
/** What a front without memory may still take. */
const SPARE_KIBIBYTES = 8 * 1024;

const BACK: Figure = {
  id: "back",
  title: "API back after, at worst",
  unit: "ms",
  watched: BACK_LIMIT_MS,
  target: atMost(1000, "1 s"),
};

export const FRONT: readonly HostileRow[] = [
  row("killed", `front killed ${KILLS} times`, killAgainAndAgain),
  row("stopped", "front stopped (SIGSTOP) for 10 s", async ({ vipd, durationMs }, watch) => {
    const pid = await frontOf(vipd);
    sendSignal(pid, "SIGSTOP");
    await sleep(Math.min(STOPPED_MS, durationMs));
    sendSignal(pid, "SIGCONT");
    return await backFromNow(watch);
  }),
  row("memory", "front at its memory limit", starve),
  engineFlood("small", "small messages and commands", 1),
  engineFlood("small", "the same by four that all say to be the front", 4),
  engineFlood("large", "the longest reports of a peer", 1),
  engineFlood("names", "reports of ever more peers", 1),
  engineFlood("nonsense", "messages that are none", 4),
];

function row(
  name: string,
  title: string,
  attack: (field: Field, watch: ApiWatch) => Promise<Measured>,
  before: readonly string[] = [],
): HostileRow {
  return pairRow({
    name: `front-${name}`,
    title,
    processes: 1,
    needsFront: true,
    before: (node) => node === "lb01" ? before : [],
    besides: [BACK],
    prepare: (lab: Lab) => Promise.resolve(ApiWatch.start(lab.host("lb01"))),
    attack,
  });
}

function engineFlood(kind: string, title: string, connections: number): HostileRow {
  return row(
    `floods-${kind}-${connections}`,
    `a front that floods the engine: ${title}`,
    async ({ master, vipd, durationMs, note }, watch) => {
      // The flood takes the place of the front, which must not come and take it back.
      const pid = await frontOf(vipd);
      sendSignal(pid, "SIGSTOP");
      await sleep(PLACE_KEPT_MS);
      const args = [ENGINE_SOCKET, kind, connections] as const;
      const attack = Attack.start(master, "engine_flood", durationMs, ...args);
      note(`the flood: ${JSON.stringify(await attack.ended())}`);
      sendSignal(pid, "SIGKILL");
      return await backFromNow(watch);
    },
    AS_SERVICES,
  );
}

async function killAgainAndAgain(
  { vipd, durationMs, note }: Field,
  watch: ApiWatch,
): Promise<Measured> {
  const wanted = Math.ceil(KILLS * durationMs / KILLS_FOR_MS);
  const backMs: number[] = [];
  while (backMs.length < wanted && backMs.at(-1) !== Infinity) {
    const pid = await frontOf(vipd);
    const atMs = clockMs();
    sendSignal(pid, "SIGKILL");
    backMs.push(await watch.backAfterMs(atMs, BACK_LIMIT_MS));
  }
  note(`killed ${backMs.length} times; back after ${median(backMs).toFixed(0)} ms in the median`);
  return { back: Math.max(...backMs) };
}

/** Every front gets next to no more memory than it has (RLIMIT_DATA of setrlimit(2)), and much to do. */
async function starve(
  { vipd, master, durationMs, note }: Field,
  watch: ApiWatch,
): Promise<Measured> {
  const untilMs = clockMs() + durationMs;
  const load = await ApiLoad.start(master, 16, 0);
  const starved = new Set<number>();
  while (clockMs() < untilMs) {
    const pid = await vipd.frontPid();
    if (pid !== null && !starved.has(pid)) {
      starved.add(pid);
      await limitData(pid);
    }
    await sleep(50);
  }
  await load.stop();
  // The last one must not suffer for ever.
  const last = await vipd.frontPid();
  if (last !== null) sendSignal(last, "SIGKILL");
  note(`${starved.size} fronts had no memory to spare`);
  return await backFromNow(watch);
}

async function limitData(pid: number): Promise<void> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const kibibytes = Number(/^VmData:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  const limit = (kibibytes + SPARE_KIBIBYTES) * 1024;
  await new Deno.Command("prlimit", { args: ["--pid", String(pid), `--data=${limit}`] }).output();
}

async function backFromNow(watch: ApiWatch): Promise<Measured> {
  return { back: await watch.backAfterMs(clockMs(), BACK_LIMIT_MS) };
}

async function frontOf(vipd: Vipd): Promise<number> {
  return await waitFor("a front", () => vipd.frontPid(), { timeoutMs: BACK_LIMIT_MS, everyMs: 5 });
}
