/**
 * The two processes of a node in words.
 *
 * @module
 */

import { age } from "./span.ts";
import type { FrontStatus, NodeStatus, ProcessesStatus } from "../status.ts";

/** The processes in a status; `null` of one by vipd 0.1.0, which has but one and does not say. */
export function processesOf(status: NodeStatus): ProcessesStatus | null {
  return (status.processes as ProcessesStatus | undefined) ?? null;
}

/** A line about the processes. */
export interface ProcessLine {
  readonly text: string;
  /** False where something is not as it is to be. */
  readonly well: boolean;
}

/**
 * `engine PID 812 (vipd), front PID 905 (vipd-front)`, and a line for each that was started again; nothing of a node
 * that is a part of another program. `nowMs`: the node's own clock.
 */
export function processLines(status: NodeStatus, nowMs: number): ProcessLine[] {
  const processes = processesOf(status);
  if (processes === null || processes.engine.pid === 0) return [];
  const { engine, front } = processes;
  const well = front.state === "serving" && front.problem === null;
  return [
    { text: `engine ${who(engine)}, ${frontText(front)}`, well },
    ...(["engine", "front"] as const).flatMap((name) => restartLine(name, processes, nowMs)),
  ];
}

function frontText({ state, pid, user, problem }: FrontStatus): string {
  const running = pid === null ? "" : ` ${who({ pid, user: user ?? "" })}`;
  const word = state === "serving" ? "" : ` ${state}`;
  return `front${running}${word}${problem === null ? "" : `: ${problem}`}`;
}

function who({ pid, user }: { readonly pid: number; readonly user: string }): string {
  return user === "" ? `PID ${pid}` : `PID ${pid} (${user})`;
}

/** `front was started again 3 times; it last ended 2 min ago: it was ended by SIGKILL`. */
function restartLine(
  name: keyof ProcessesStatus,
  { [name]: { pid, restarts, last_exit } }: ProcessesStatus,
  nowMs: number,
): ProcessLine[] {
  const end = last_exit && `ended ${age(last_exit.at, nowMs)} ago: ${last_exit.reason}`;
  // Of one that was stopped and runs again there is nothing to say.
  if (restarts === 0) {
    return end === null || pid !== null ? [] : [{ text: `${name} ${end}`, well: true }];
  }
  const times = restarts === 1 ? "once" : `${restarts} times`;
  const again = `${name} was started again ${times}`;
  return [{ text: end === null ? again : `${again}; it last ${end}`, well: true }];
}
