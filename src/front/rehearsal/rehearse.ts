/**
 * One rehearsal of this node: asks nginx for every name, and says what it answered.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import {
  plan,
  type PlannedQuestion,
  prereadPlaces,
  type Question,
  TOO_MANY,
  unknownExpressions,
} from "../../rehearsal/plan.ts";
import { isSilent } from "../../rehearsal/silence.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { Rehearsal, RehearsedName } from "../../status/rehearsal.ts";
import { type AskingMachine, askNginx } from "./ask_nginx.ts";
import { listeningSockets } from "./listening.ts";
import type { NginxLoad } from "./nginx_load.ts";
import { ownAddresses } from "./own_addresses.ts";
import { type RunningNginx, seesProcesses } from "./nginx_process.ts";
import type { QuestionPace } from "./question_pace.ts";
import type { ProcFiles } from "./proc_files.ts";

const SHOWN_UNREAD = 20;
/** Names that got no answer are asked once more so many milliseconds after the last one: nginx starts again in that time. */
const AGAIN_AFTER_MS = 1000;
/** A second's questions: if none of these gets an answer, the others are not asked once more. */
const AGAIN_TOGETHER = 50;
const AGAIN_AT_MOST = 500;

export interface RehearsalPlan {
  readonly node: string;
  /** `null`: it does not run. */
  readonly nginx: RunningNginx | null;
  /** The main file. */
  readonly config: string;
  readonly load: NginxLoad;
  readonly virtual: readonly string[];
  readonly names: readonly string[];
  readonly except: readonly string[];
  readonly paths: readonly string[];
  /** The questions that the other nodes asked because their files have the names. */
  readonly others: readonly Question[];
  readonly proc: ProcFiles;
  readonly shutDown: ShutDown;
  /** That of this node, for each of its rehearsals. */
  readonly pace: QuestionPace;
}

/** Asks for everything once; never rejects. Ends early, with what it has, if the signal aborts. */
export async function rehearse(wanted: RehearsalPlan, signal: AbortSignal): Promise<Rehearsal> {
  const { node, nginx, config, load, names, except, paths, others, proc } = wanted;
  const beganMs = performance.now();
  const { read: { servers, unread }, stale, unloadable, unsure } = load;
  const own = { addresses: ownAddresses(proc), virtual: wanted.virtual };
  const listening = listeningSockets(proc);
  const { questions, whole } = plan({
    ...{ servers, own, listening, names, except, paths, others },
    ...{ incomplete: unread.length > 0, unsure },
  });
  const machine: AskingMachine = {
    ...{ shutDown: wanted.shutDown, listening, turn: () => wanted.pace.turn() },
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
      reason: TOO_MANY,
      named: false,
    }]),
  ];
  return {
    node,
    at: new Date().toISOString(),
    took_ms: Math.trunc(performance.now() - beganMs),
    nginx: {
      config,
      running: nginx !== null || (seesProcesses(proc) ? false : null),
      stale,
      unloadable,
      unread: missing.slice(0, SHOWN_UNREAD),
    },
    results,
  };
}

/** A stall or a restart of nginx that is over speaks against no name: the second answer counts. */
async function askAll(
  questions: readonly PlannedQuestion[],
  machine: AskingMachine,
  signal: AbortSignal,
): Promise<RehearsedName[]> {
  const results = await askEach(questions, machine, signal);
  const silent = Array.from(results.keys()).filter((index) => isSilent(results[index]!));
  if (silent.length > 0) {
    await setTimeout(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
  }
  for (let at = 0; at < Math.min(silent.length, AGAIN_AT_MOST); at += AGAIN_TOGETHER) {
    const part = silent.slice(at, at + AGAIN_TOGETHER);
    const again = await askEach(part.map((index) => questions[index]!), machine, signal);
    for (const [index, result] of again.entries()) results[part[index]!] = result;
    if (again.every(isSilent)) break;
  }
  return results;
}

async function askEach(
  questions: readonly PlannedQuestion[],
  machine: AskingMachine,
  signal: AbortSignal,
): Promise<RehearsedName[]> {
  const answers: Promise<RehearsedName>[] = [];
  for (const question of questions) {
    if (signal.aborted) break;
    if ("address" in question.place) await machine.turn();
    answers.push(askNginx(question, new Date().toISOString(), machine));
  }
  return await Promise.all(answers);
}
