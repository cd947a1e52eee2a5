/**
 * The process that serves the API dies, hangs, has no memory, or was taken over.
 *
 * @module
 */

import { ApiWatch } from "../../../../lab/api_watch.ts";
import { type Achieved, Attack } from "../../../../lab/hostile/attack.ts";
import { type EngineFlood, FLOODED_PEER } from "../../../../lab/hostile/engine_messages.ts";
import { LabError } from "../../../../lab/error.ts";
import type { Lab } from "../../../../lab/network.ts";
import { sendSignal } from "../../../../lab/process.ts";
import type { Vipd } from "../../../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../../../lab/wait.ts";
import { LOCAL_API, masterHas } from "../../hostile/nodes.ts";
import { type Field, pairRow, type PairRowOptions } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { atMost, type Figure, type Measured } from "../../scenario.ts";
import { median } from "../../statistics.ts";

/** Half a minute goes by before the engine's garbage is collected as fast as it comes together. */
const FLOOD_TIMES = 2;
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
  // The engine opens its socket to the group of that service, which this machine may lack.
  "grep -v ^vipd-front: /etc/group >/run/group; echo vipd-front:x:60999: >>/run/group; " +
  "mount --bind /run/group /etc/group; grep -v ^vipd-front: /etc/passwd >/run/passwd; " +
  "echo vipd-front:x:60999:60999::/:/usr/sbin/nologin >>/run/passwd; " +
  "mount --bind /run/passwd /etc/passwd; " +
  "export VIPD_FRONT=service; left=$(($# - 3)); program=; for word; do [ $left -gt 0 ] && " +
  "program=\"$program '$word'\"; left=$((left - 1)); done; " +
  '(while sleep 0.1; do eval "setpriv --reuid 60999 --regid 60999 --clear-groups $program front --run-dir /run/vipd"; done) & exec "$@"',
  "sh",
];
/** What a front without memory may still take. */
const SPARE_KIBIBYTES = 8 * 1024;
/** Clients that do not read their answers, which the front keeps for them. */
const HUNGRY_CLIENTS = 200;

const BACK: Figure = {
  id: "back",
  title: "API back after, at worst",
  unit: "ms",
  watched: BACK_LIMIT_MS,
  target: atMost(1000, "1 s"),
};

export const FRONT: readonly HostileRow[] = [
  row("killed", `front killed ${KILLS} times`, killAgainAndAgain),
  row("stopped", "front stopped (SIGSTOP) for 10 s", stop),
  row(
    "memory",
    `front with ${SPARE_KIBIBYTES / 1024} MB left before its memory limit`,
    starve,
  ),
];

export const ENGINE_FLOODS: readonly HostileRow[] = [
  engineFlood("small", "small messages and commands", 1),
  engineFlood("small", "the same by four that all say to be the front", 4),
  engineFlood("large", "the longest reports of a peer", 1),
  engineFlood("names", "reports of ever more peers", 1),
  engineFlood("nonsense", "messages that are none", 4),
];

/** What the engine must have done for each flood, so that it has read what was sent. */
const READ: Readonly<Record<EngineFlood, Achieved<"engine_flood">>> = {
  small: { welcomed: 1, judged: 1, outcomes: 3, secrets: 1 },
  large: { welcomed: 1, ask_again: 1 },
  names: { welcomed: 1, judged: 1 },
  nonsense: { welcomed: 1, ended: 1 },
};

function row(
  name: string,
  title: string,
  attack: (field: Field, watch: ApiWatch) => Promise<Measured>,
  more: Pick<PairRowOptions, "before" | "config" | "control" | "times"> = {},
): HostileRow {
  return pairRow({
    name: `front-${name}`,
    title,
    processes: 1,
    control: "front",
    needsFront: true,
    ...more,
    besides: [BACK],
    prepare: (lab: Lab) => Promise.resolve(ApiWatch.start(lab.host("lb01"))),
    attack,
  });
}

function engineFlood(kind: EngineFlood, title: string, connections: number): HostileRow {
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
      note(`the flood: ${JSON.stringify(await attack.ended(READ[kind]))}`);
      sendSignal(pid, "SIGKILL");
      return await backFromNow(watch);
    },
    {
      control: "flooded engine",
      times: FLOOD_TIMES,
      before: (node) => node === "lb01" ? AS_SERVICES : [],
      // The engine reads reports of its peers only.
      config: masterHas(`peers: [{ name: ${FLOODED_PEER}, url: "http://192.168.31.12:9112" }]\n`),
    },
  );
}

async function killAgainAndAgain(
  { vipd, durationMs, note }: Field,
  watch: ApiWatch,
): Promise<Measured> {
  const wanted = Math.ceil(KILLS * durationMs / KILLS_FOR_MS);
  const backMs: number[] = [];
  const killed = new Set<number>();
  while (backMs.length < wanted && backMs.at(-1) !== Infinity) {
    const pid = await frontOf(vipd);
    killed.add(pid);
    sendSignal(pid, "SIGKILL");
    // What is asked from now on, nobody but the next front can answer.
    backMs.push(await watch.backAfterMs(clockMs(), BACK_LIMIT_MS));
  }
  if (killed.size < backMs.length) throw new LabError("A front was killed that had ended before");
  note(`killed ${backMs.length} times; back after ${median(backMs).toFixed(0)} ms in the median`);
  return { back: Math.max(...backMs) };
}

async function stop({ vipd, durationMs, note }: Field, watch: ApiWatch): Promise<Measured> {
  const pid = await frontOf(vipd);
  sendSignal(pid, "SIGSTOP");
  const fromMs = clockMs();
  await sleep(Math.min(STOPPED_MS, durationMs));
  const { asked, answered } = watch.between(fromMs, clockMs());
  sendSignal(pid, "SIGCONT");
  note(`of ${asked} requests meanwhile ${answered} were answered`);
  if (asked === 0 || answered > 0) throw new LabError("The API answered, or nobody asked it");
  return await backFromNow(watch);
}

/** Every front gets next to no more memory than it has (RLIMIT_DATA of setrlimit(2)), and clients that cost some. */
async function starve(
  { vipd, master, durationMs, note }: Field,
  watch: ApiWatch,
): Promise<Measured> {
  const untilMs = clockMs() + durationMs;
  const args = ["unread", LOCAL_API.host, LOCAL_API.port, HUNGRY_CLIENTS] as const;
  const hungry = Attack.start(master, "connections", durationMs, ...args);
  const starved = new Set<number>();
  while (clockMs() < untilMs) {
    const pid = await vipd.frontPid();
    if (pid !== null && !starved.has(pid) && await limitData(pid)) starved.add(pid);
    await sleep(50);
  }
  const counts = await hungry.ended({ connected: 1 });
  // The last one must not suffer for ever.
  const last = await vipd.frontPid();
  if (last !== null) sendSignal(last, "SIGKILL");
  note(`${starved.size} fronts had no memory to spare; clients: ${JSON.stringify(counts)}`);
  // The last one is killed here.
  if (starved.size < 2) throw new LabError("The front's memory was enough: none has ended");
  return await backFromNow(watch);
}

/**
 * As the front's own user, because a machine may not let root do that to others (prlimit(2)). False if it has ended, or
 * is still root, as which it starts.
 */
async function limitData(pid: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  const [uid, gid, kibibytes] = [field("Uid"), field("Gid"), field("VmData")];
  if (uid === undefined || uid === "0" || gid === undefined || kibibytes === undefined) {
    return false;
  }
  const limit = (Number(kibibytes) + SPARE_KIBIBYTES) * 1024;
  const { success, stderr } = await new Deno.Command("setpriv", {
    args: [
      ...["--reuid", uid, "--regid", gid, "--clear-groups"],
      ...["prlimit", "--pid", String(pid), `--data=${limit}`],
    ],
  }).output();
  const why = new TextDecoder().decode(stderr).trim();
  if (!success && !why.includes("No such process")) throw new LabError(`No limit for it: ${why}`);
  return success;
}

async function backFromNow(watch: ApiWatch): Promise<Measured> {
  return { back: await watch.backAfterMs(clockMs(), BACK_LIMIT_MS) };
}

async function frontOf(vipd: Vipd): Promise<number> {
  return await waitFor("a front", () => vipd.frontPid(), { timeoutMs: BACK_LIMIT_MS, everyMs: 5 });
}
