/**
 * The result of a command, in one line for each instance.
 *
 * @module
 */

import type { CommandAnswer } from "../../api/answer_shapes.ts";
import type { InstanceStatus, OverrideStatus, PairReason, Verdict } from "../../status/status.ts";
import { PAIR_REASONS, VERDICTS } from "../../status/codes/verdicts.ts";
import type { Times } from "./times.ts";

/** A state inside a sentence: `lb01 is master`, `lb01 is in fault`. */
function stateWords(state: InstanceStatus["state"]): string {
  return state === "fault" || state === "init" ? `in ${state}` : state;
}

/** `VI_1: lb01 is master now, 7 ms, until released; lb02 was master before`. */
export function promoteText(
  node: string,
  { took_ms, instance, peers }: CommandAnswer,
  before: InstanceStatus | undefined,
  times: Times,
): string {
  const { name, state } = instance;
  return `${name}: ${node} is ${stateWords(state)} now, ${took_ms} ms${
    standsText(instance, times)
  }` +
    peers.map((one) => `; ${one.peer} was ${stateWords(one.state)} before`).join("") +
    replacedText(before, times) + verdictText(instance);
}

/** `VI_1: lb01 is backup now, 612 ms, until ...; master is 192.168.31.12, priority 100`. */
export function demoteText(
  node: string,
  { took_ms, instance, peers }: CommandAnswer,
  before: InstanceStatus | undefined,
  times: Times,
): string {
  const { name, state, master } = instance;
  const other = master && state !== "master"
    ? `; master is ${master.address}, priority ${master.priority}`
    : "";
  return `${name}: ${node} is ${stateWords(state)} now, ${took_ms} ms${
    standsText(instance, times)
  }` +
    other + replacedText(before, times) + demotedVerdictText(instance, peers.length);
}

/** `VI_1: released; lb01 is backup, priority 150`. */
export function releaseText(
  node: string,
  { instance }: CommandAnswer,
  before: InstanceStatus | undefined,
): string {
  const { name, state, priority } = instance;
  const what = before?.override === null ? "nothing to release" : "released";
  return `${name}: ${what}; ${node} is ${stateWords(state)}, priority ${priority.effective}` +
    comesText(instance) + releasedVerdictText(node, instance, before);
}

/** `VI_1: priority 120 (configured 150), until released; lb01 is master`. */
export function priorityText(
  node: string,
  { instance }: CommandAnswer,
  before: InstanceStatus | undefined,
  times: Times,
): string {
  const { name, state, priority: { effective, configured }, override } = instance;
  const replaced = override?.kind === "priority" && before?.override?.kind !== "priority"
    ? replacedText(before, times)
    : "";
  return `${name}: priority ${effective} (configured ${configured}); ` +
    `${node} is ${stateWords(state)}${replaced}${comesText(instance)}${verdictText(instance)}`;
}

/** A backup whose priority is now above the master's stops obeying its adverts, and takes over after that. */
function comesText({ state, master, preempt, priority, timers }: InstanceStatus): string {
  if (state !== "backup" || master === null || priority.effective <= master.priority) return "";
  const compared = `${priority.effective} > ${master.priority}`;
  if (!preempt) return `; preempt is off, so ${master.address} serves on (${compared})`;
  const { preempt_delay_ms: delayMs = 0, master_down_interval_ms: downMs } = timers;
  // It obeys the advert at which the delay begins, and the last one before its end.
  const withinMs = delayMs === 0 ? downMs : timers.advert_interval_ms + delayMs + downMs;
  const why = delayMs === 0 ? "" : `, ${delayMs / 1000} s of which are preempt_delay`;
  return `; takes over from ${master.address} (${compared}) within ` +
    `${(withinMs / 1000).toFixed(1)} s${why}`;
}

/** For how long the override stands that a command has brought. */
function standsText({ override }: InstanceStatus, times: Times): string {
  return override === null ? "" : `, ${endText(override, times)}`;
}

/** A command replaces what stood: a demote without `--for` has no end, whatever the one before had. */
function replacedText(before: InstanceStatus | undefined, times: Times): string {
  const { override = null } = before ?? {};
  if (override === null) return "";
  const { kind, priority } = override;
  const what = kind === "priority" ? `priority ${priority}` : kind;
  return `; replaces ${what} ${endText(override, times)}`;
}

function endText({ until }: OverrideStatus, times: Times): string {
  return until === null ? "until released" : `until ${times.full(until)}`;
}

/** Just after a move the verdict is still the one of before; the sentence has what is known. */
function verdictText({ pair }: InstanceStatus): string {
  if (pair === undefined) return "";
  const stands = pair.reasons.length > 0 || pair.ready.length > 0;
  return stands ? `; ${pair.verdict}: ${pair.sentence}` : `; ${pair.sentence}`;
}

/** The verdict still counts the demote that has just ended. */
function releasedVerdictText(
  node: string,
  instance: InstanceStatus,
  before: InstanceStatus | undefined,
): string {
  const { pair } = instance;
  if (pair === undefined || before?.override?.kind !== "demoted") return verdictText(instance);
  const isOver = ({ code, node: whose }: PairReason) =>
    code === "standby_demoted" && whose === node;
  const reasons = pair.reasons.filter((reason) => !isOver(reason));
  if (reasons.length === pair.reasons.length) return verdictText(instance);
  const [first] = reasons;
  return first
    ? `; ${first.verdict}: ${first.message}`
    : `; not ${pair.verdict} for its demote any more`;
}

/**
 * A demoted node is no ready standby, which the verdict says only after its hold time. `peers`: how many other nodes
 * have the instance; with more than one another may be ready.
 */
function demotedVerdictText(instance: InstanceStatus, peers: number): string {
  const { pair, override } = instance;
  const { verdict, holdMs } = PAIR_REASONS.standby_demoted;
  const comes = pair !== undefined && override?.kind === "demoted" && peers <= 1 &&
    weight(verdict) < weight(pair.verdict);
  if (!comes) return verdictText(instance);
  return `; ${verdict} in ${holdMs / 1000} s and for as long as it is demoted`;
}

/** The gravest verdict has the least. */
function weight(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}
