/**
 * Takes one step of the walk and judges it.
 *
 * @module
 */

import type { ClientRecord, ClientReport } from "../lab/client_record.ts";
import { type BalancerName, type Cluster, VIP } from "../lab/cluster.ts";
import { clockMs, sleep, waitFor } from "../lab/wait.ts";
import type { Step } from "./walk.ts";

/** The address has to be where it belongs after this long, whatever the step. */
const MOVE_LIMIT_MS = 15_000;
/** The client continues after the move, so that a late disturbance belongs to the step that made it. */
const QUIET_MS = 1000;

/** The outcome of a step. */
export interface Outcome {
  readonly step: Step;
  /** When it began, in milliseconds since the epoch. */
  readonly fromMs: number;
  /** How long until the step's load balancer had the address, in milliseconds; `null` if it never had. */
  readonly movedAfterMs: number | null;
  readonly client: ClientReport;
  readonly records: readonly ClientRecord[];
  readonly untilMs: number;
  /** All that is not as it should be; empty when all is well. */
  readonly complaints: readonly string[];
}

/** Takes a step; a step that goes wrong is an outcome with complaints. */
export async function take(step: Step, cluster: Cluster): Promise<Outcome> {
  const complaints: string[] = [];
  const fromMs = clockMs();
  let movedAtMs: number | null = null;
  try {
    await step.act(cluster);
    movedAtMs = await moved(step, cluster);
    await cluster.client.answered(MOVE_LIMIT_MS);
    await sleep(QUIET_MS);
    const complaint = await step.check?.(cluster);
    if (complaint) complaints.push(complaint);
  } catch (error) {
    complaints.push(error instanceof Error ? error.message : String(error));
  }
  const untilMs = clockMs();
  const client = await cluster.client.between(fromMs, untilMs);
  if (client.longestGapMs > step.mayGapMs) {
    const seen = Math.round(client.longestGapMs);
    complaints.push(`the client went without an answer for ${seen} ms, not ${step.mayGapMs} ms`);
  }
  const last = client.loadBalancers.at(-1);
  if (last !== step.holder) complaints.push(`the client is served by ${last ?? "nobody"}`);
  const records = await cluster.client.records(fromMs, untilMs);
  const movedAfterMs = movedAtMs === null ? null : Math.max(0, movedAtMs - fromMs);
  return { step, fromMs, movedAfterMs, client, records, untilMs, complaints };
}

/** Waits until the step's load balancer alone has the address; returns when it got it. */
async function moved(step: Step, { holders }: Cluster): Promise<number> {
  const reachable = () => holders.now().filter((name) => name !== step.gone);
  await waitFor(
    `${step.holder} alone to hold ${VIP.address}`,
    () => reachable().join() === step.holder,
    {
      timeoutMs: MOVE_LIMIT_MS,
      everyMs: 10,
      explain: () => `It is held by ${reachable().join(" and ") || "nobody"}`,
    },
  );
  return holders.holdings().findLast((it) => it.host === step.holder)?.fromMs ?? clockMs();
}

/** The load balancer that answered in a slot of time: `null` if a request failed, `undefined` if none was sent. */
export type Slot = BalancerName | null | undefined;

/** The load balancer that answered in each slot of `slotMs` milliseconds, from the first request to the last. */
export function strip(
  records: readonly ClientRecord[],
  slotMs: number,
): Slot[] {
  const startMs = records[0]?.sentAtMs;
  const endMs = records.at(-1)?.sentAtMs;
  if (startMs === undefined || endMs === undefined) return [];
  const length = Math.floor((endMs - startMs) / slotMs) + 1;
  const slots = new Array<Slot>(length).fill(undefined);
  for (const { sentAtMs, answer } of records) {
    const index = Math.floor((sentAtMs - startMs) / slotMs);
    const name = answer === null ? null : answer.loadBalancer as BalancerName;
    if (slots[index] !== null) slots[index] = name;
  }
  return slots;
}
