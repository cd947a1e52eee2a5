/**
 * The status of a node as it is to be had: from its API, else from what its engine wrote last.
 *
 * @module
 */

import { DaemonRefusedError, DaemonUnreachableError } from "../api/client_errors.ts";
import type { NodeStatus } from "../node/status.ts";
import { type KeptStatus, readKeptStatus } from "./kept_status.ts";
import { notLiveProblem } from "./kept_status_text.ts";
import type { Daemon } from "./target.ts";

/** How long the API may take where the engine's own status is there, in milliseconds. */
const ANSWER_LIMIT_MS = 1000;

export interface SeenStatus {
  readonly status: NodeStatus;
  /** The engine's own, and why it is not the API's, with the remedy; `null` when it is. */
  readonly notLive: { readonly kept: KeptStatus; readonly problem: string } | null;
}

/** Throws what the API's client throws, where there is nothing else to show. */
export async function seeStatus({ client, runDir }: Daemon): Promise<SeenStatus> {
  const known = runDir === null ? null : await readKeptStatus(runDir);
  if (runDir === null || known === null) return { status: await client.status(), notLive: null };
  try {
    return { status: await client.status(ANSWER_LIMIT_MS), notLive: null };
  } catch (error) {
    // Again: it is a second older, or there is a new one.
    const kept = await readKeptStatus(runDir);
    const why = unansweredBecause(error, kept);
    if (kept === null || why === null) throw error;
    return { status: kept.status, notLive: { kept, problem: notLiveProblem(kept, why) } };
  }
}

/** Why there is no answer; `null` when there is one: a refusal, also by a front whose engine has ended. */
function unansweredBecause(error: unknown, kept: KeptStatus | null): string | null {
  if (error instanceof DaemonUnreachableError) return error.reason;
  return error instanceof DaemonRefusedError && error.withoutEngine && kept?.engineRuns
    ? error.message
    : null;
}
