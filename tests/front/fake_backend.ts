/** A load balancer that does what a test tells it to. */

import type { ApiBackend } from "../../src/front/http/backend.ts";
import {
  INSTANCE_EXAMPLE,
  REHEARSAL_EXAMPLE,
  STATUS_EXAMPLE,
} from "../../src/front/openapi/examples.ts";
import type {
  CommandErrorCode,
  CommandResult,
  InstanceCommand,
} from "../../src/status/commands/commands.ts";
import { Journal, type JournalEntry } from "../../src/status/journal.ts";
import type { Rehearsal } from "../../src/status/rehearsal.ts";
import type {
  KeepOutcome,
  ReloadOutcome,
  ReloadRequest,
} from "../../src/status/commands/reloading.ts";
import type { InstanceStatus, NodeStatus } from "../../src/status/status.ts";

export const TOKEN = "correct-horse-battery-staple";

/** Why a node refuses a command for an instance that it has. */
export const REFUSAL_CODES: readonly Exclude<CommandErrorCode, "instance_unknown">[] = [
  "instance_not_ready",
  "master_not_outbid",
  "no_other_master",
  "superseded",
];

/** A master with a failed weighted check: every part of the status shows, but the verdict, as in 0.1.0. */
export function exampleInstance(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  const { pair: _, ...example } = structuredClone(INSTANCE_EXAMPLE);
  return {
    ...example,
    reason: { code: "master_silent", message: "no advertisement from the master any more" },
    counters: { ...example.counters, advertisements_sent: 12 },
    ...changes,
  } as InstanceStatus;
}

/** Its node 500 seconds after its start, which tells nobody and has no peers. */
export function exampleStatus(changes: Partial<NodeStatus> = {}): NodeStatus {
  const example = structuredClone(STATUS_EXAMPLE);
  const last = { at: "2026-03-01T10:03:19.000Z", ok: false, detail: "connection refused" };
  const { started_at = "2026-03-01T09:55:00.000Z", uptime_seconds = 500 } = changes;
  return {
    ...example,
    ...{ started_at, uptime_seconds },
    now: new Date(Date.parse(started_at) + uptime_seconds * 1000).toISOString(),
    instances: [exampleInstance()],
    checks: example.checks.map((check) => ({ ...check, last: { ...last, took_ms: 1 } })),
    notifications: [],
    peers: [],
    ...changes,
  };
}

/** A reload that found one change. */
export const RELOADED: ReloadOutcome = {
  ok: true,
  tookMs: 12.4,
  changes: [{ subject: "instance VI_1", key: "priority", change: "150 -> 120" }],
  warnings: [],
};

export class FakeBackend implements ApiBackend {
  readonly journal = new Journal(() => Date.UTC(2026, 2, 1, 10));
  /** Every command as it arrived. */
  readonly commands: InstanceCommand[] = [];
  /** Who gave each of them. */
  readonly senders: unknown[] = [];
  current = exampleStatus();
  /** What the next commands result in; success when `null`. */
  outcome: CommandResult | Error | null = null;
  /** The same for one instance, before `outcome`. */
  outcomeOf: (instance: string) => CommandResult | null | Promise<CommandResult | null> = () =>
    null;
  /** What the next reloads come to. */
  reloaded: ReloadOutcome = RELOADED;
  /** The last rehearsal. */
  rehearsed: Rehearsal | null = null;
  /** The journals of its peers; `null` if one does not give it. */
  readonly peerJournals = new Map<string, readonly JournalEntry[] | null>();
  /** Every reload as it was asked for. */
  readonly reloads: ReloadRequest[] = [];
  /** What comes of keeping the configuration. */
  kept: KeepOutcome = { ok: true };
  /** How long an order takes. */
  delayMs = 0;

  status(): NodeStatus {
    return this.current;
  }

  async command(command: InstanceCommand, by?: unknown): Promise<CommandResult> {
    this.commands.push(command);
    this.senders.push(by);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.outcome instanceof Error) throw this.outcome;
    if (this.outcome) return this.outcome;
    const name = command.instance;
    const own = await this.outcomeOf(name);
    if (own) return own;
    const instance = this.current.instances.find((candidate) => candidate.name === name);
    if (!instance) {
      return { ok: false, code: "instance_unknown", message: `there is no instance "${name}"` };
    }
    const peers = [{ peer: "lb02", state: "backup" }] as const;
    return { ok: true, tookMs: 612.4, instance, peers };
  }

  reload(request: ReloadRequest): Promise<ReloadOutcome> {
    this.reloads.push(request);
    return Promise.resolve(this.reloaded);
  }

  rehearsal(): Rehearsal | null {
    return this.rehearsed;
  }

  rehearse(): Promise<Rehearsal> {
    this.rehearsed ??= structuredClone(REHEARSAL_EXAMPLE);
    return Promise.resolve(this.rehearsed);
  }

  peerEntries(name: string): Promise<readonly JournalEntry[] | null> | undefined {
    const entries = this.peerJournals.get(name);
    return entries === undefined ? undefined : Promise.resolve(entries);
  }

  keep(): Promise<KeepOutcome> {
    return Promise.resolve(this.kept);
  }
}
