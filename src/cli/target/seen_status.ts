/**
 * The best available status of a node: from its API, else the last one that its engine wrote.
 *
 * @module
 */

import { DaemonRefusedError, DaemonUnreachableError } from "../../api/client_errors.ts";
import { SIGN_EVERY_MS } from "../../daemon/files/run_dir_keeper.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { Daemon } from "./target.ts";
import { whereToLook } from "../text/where_to_look.ts";
import { notLiveProblem, readWrittenStatus, type WrittenStatus } from "../status/written_status.ts";
import { canonicalIp } from "../../wire/address.ts";

/** How long the API may take if the engine's own status exists, in milliseconds. */
const ANSWER_LIMIT_MS = 1000;
/**
 * How long after the question a running engine gives a sign of life, and how often the command looks for it; in
 * milliseconds.
 */
const SIGN_LIMIT_MS = 3 * SIGN_EVERY_MS;
const LOOK_EVERY_MS = 100;

export interface SeenStatus {
  readonly status: NodeStatus;
  /** The engine's own status, and why it is not the API's, with the remedy; `null` if it is. */
  readonly notLive: { readonly kept: WrittenStatus; readonly problem: string } | null;
}

/** Throws the error of the API's client if there is nothing else to show. */
export async function seeStatus({ client, runDir }: Daemon): Promise<SeenStatus> {
  const askedAtMs = Date.now();
  const known = runDir === null ? null : await readWrittenStatus(runDir);
  if (runDir === null || known === null) return { status: await client.status(), notLive: null };
  try {
    return { status: await client.status(ANSWER_LIMIT_MS), notLive: null };
  } catch (error) {
    const kept = await readAfter(runDir, askedAtMs);
    const why = unansweredBecause(error, kept);
    if (kept === null || why === null) throw error;
    const problem = notLiveProblem(kept, why, await whereToLook(runDir));
    const status = kept.engineRuns ? kept.status : withKernelAddresses(kept.status);
    return { status, notLive: { kept, problem } };
  }
}

/** The engine's last status, once it has given a sign of life since the question, or the time for one is over. */
async function readAfter(runDir: string, askedAtMs: number): Promise<WrittenStatus | null> {
  for (;;) {
    const kept = await readWrittenStatus(runDir, askedAtMs);
    const open = kept !== null && kept.locked && !kept.engineRuns;
    if (!open || Date.now() - askedAtMs > SIGN_LIMIT_MS) return kept;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/**
 * Why there is no answer; `null` if there is one. A problem document counts as an answer, also from a front whose
 * engine has ended, but not from one whose engine hangs.
 */
function unansweredBecause(error: unknown, kept: WrittenStatus | null): string | null {
  if (error instanceof DaemonUnreachableError) return error.reason;
  if (!(error instanceof DaemonRefusedError && error.withoutEngine && kept?.locked)) return null;
  return kept.engineRuns ? error.message : "nor does it answer its front";
}

/**
 * Corrects the status by the kernel's present addresses: an engine that hangs does not see that its lease has ended.
 */
export function withKernelAddresses(
  status: NodeStatus,
  ours: readonly string[] = Deno.networkInterfaces().map(({ address }) => address),
): NodeStatus {
  const there = new Set(ours.map((address) => canonicalIp(address)));
  return {
    ...status,
    instances: status.instances.map((instance) => ({
      ...instance,
      addresses: instance.addresses.map((entry) => ({
        ...entry,
        held: there.has(canonicalIp(entry.address)),
      })),
    })),
  };
}
