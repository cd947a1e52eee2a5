/**
 * One rehearsal of this node: reads nginx's files, asks nginx for every name, and says what it answered.
 *
 * @module
 */

import {
  MAX_QUESTIONS,
  plan,
  type PlannedQuestion,
  prereadPlaces,
  type Question,
  unknownExpressions,
} from "../../rehearsal/plan.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { Rehearsal, RehearsedName } from "../../status/rehearsal.ts";
import { type AskingMachine, askNginx } from "./ask_nginx.ts";
import { listeningSockets } from "./listening.ts";
import { newestOf, readNginx } from "./nginx_files.ts";
import { ownAddresses } from "./own_addresses.ts";
import { type RunningNginx, seesProcesses, startOf } from "./nginx_process.ts";
import type { ProcFiles } from "./proc_files.ts";

/** So many questions a second at most, and the least time between two of them, in milliseconds. */
const A_SECOND = 50;
const GAP_MS = 10;
/** A reload takes so long at most, in milliseconds; what changed a moment ago may still be on its way. */
const RELOAD_MS = 10_000;
/** The start of a process is known to a second. */
const CLOCK_MS = 1500;
const SHOWN_UNREAD = 20;
const OWN_ROOT = "nginx runs in a root directory of its own, which vipd does not see";

export interface RehearsalPlan {
  readonly node: string;
  /** The name of the user who runs this process. */
  readonly user: string;
  /** `null`: it does not run. */
  readonly nginx: RunningNginx | null;
  /** The main file. */
  readonly config: string;
  readonly virtual: readonly string[];
  readonly names: readonly string[];
  readonly paths: readonly string[];
  /** The questions that the other nodes asked because their files have the names. */
  readonly others: readonly Question[];
  readonly proc: ProcFiles;
  readonly shutDown: ShutDown;
}

export interface Rehearsed {
  readonly rehearsal: Rehearsal;
  /** The files that nginx reads when it starts. */
  readonly files: readonly string[];
}

/** Asks for everything once; never rejects. Ends early, with what it has, if the signal aborts. */
export async function rehearse(wanted: RehearsalPlan, signal: AbortSignal): Promise<Rehearsed> {
  const { node, user, nginx, config, names, paths, others, proc } = wanted;
  const beganMs = Date.now();
  const { servers, unread, files } = nginx?.ownRoot
    ? { servers: null, unread: [{ path: config, reason: OWN_ROOT }], files: [] }
    : await readNginx(config, user);
  const own = { addresses: ownAddresses(proc), virtual: wanted.virtual };
  const listening = listeningSockets(proc);
  const { questions, whole } = plan({
    ...{ servers, own, listening, names, paths, others },
    incomplete: unread.length > 0,
  });
  const machine: AskingMachine = {
    ...{ shutDown: wanted.shutDown, listening },
    has: (address) => ownAddresses(proc).includes(address),
  };
  const results = await askAll(questions, machine, signal);
  const expressions = unknownExpressions(servers ?? [], results.map(({ name }) => name));
  const missing = servers === null && nginx === null ? [] : [
    ...unread.map((file) => ({ ...file, named: names.length > 0 })),
    ...expressions.map((path) => ({
      path: `server_name ${path}`,
      reason: "a regular expression: name a host that it takes under rehearse.names",
      named: false,
    })),
    ...prereadPlaces(servers ?? []).map((place) => ({
      path: `ssl_preread, ${place}`,
      reason: "what is behind it has them: give them under rehearse.names",
      named: names.length > 0,
    })),
    ...(whole ? [] : [{
      path: `the rest of ${config}`,
      reason: `vipd asks ${MAX_QUESTIONS} questions at most`,
      named: false,
    }]),
  ];
  const rehearsal: Rehearsal = {
    node,
    at: new Date().toISOString(),
    took_ms: Date.now() - beganMs,
    nginx: {
      config,
      running: nginx !== null || (seesProcesses(proc) ? false : null),
      stale: nginx === null ? null : await staleText(proc, nginx, files),
      unread: missing.slice(0, SHOWN_UNREAD),
    },
    results,
  };
  return { rehearsal, files };
}

/** Which file has changed since the workers started; `null` if nginx serves by its files, or that is not known. */
export async function staleText(
  proc: ProcFiles,
  { workers }: RunningNginx,
  files: readonly string[],
): Promise<string | null> {
  const newest = await newestOf(files);
  const startedMs = Math.max(...workers.map((pid) => startOf(proc, pid) ?? Infinity));
  if (newest === null || !Number.isFinite(startedMs)) return null;
  return whatIsStale(newest, startedMs, Date.now());
}

/** All in milliseconds since the epoch. */
export function whatIsStale(
  { path, atMs }: { readonly path: string; readonly atMs: number },
  startedMs: number,
  nowMs: number,
): string | null {
  if (atMs <= startedMs + CLOCK_MS || nowMs - atMs <= RELOAD_MS) return null;
  const [changed, started] = [atMs, startedMs].map((ms) => new Date(ms).toISOString().slice(0, 19));
  return `${path} is of ${changed}Z, its workers are of ${started}Z`;
}

async function askAll(
  questions: readonly PlannedQuestion[],
  machine: AskingMachine,
  signal: AbortSignal,
): Promise<RehearsedName[]> {
  const answers: Promise<RehearsedName>[] = [];
  const askedMs: number[] = [];
  for (const question of questions) {
    if (signal.aborted) break;
    if ("address" in question.place) {
      const dueMs = Math.max(
        (askedMs.at(-1) ?? -Infinity) + GAP_MS,
        (askedMs.at(-A_SECOND) ?? -Infinity) + 1000,
      );
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
      askedMs.push(performance.now());
    }
    answers.push(askNginx(question, new Date().toISOString(), machine));
  }
  return await Promise.all(answers);
}
