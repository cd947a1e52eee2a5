/** A load balancer that does what a test tells it to. */

import type { ApiBackend } from "../../src/api/backend.ts";
import type { ReloadOutcome } from "../../src/api/reloading.ts";
import type { CommandResult, OrderOptions } from "../../src/node/commands.ts";
import { Journal } from "../../src/node/journal.ts";
import type { InstanceStatus, NodeStatus } from "../../src/node/status.ts";

export const TOKEN = "correct-horse-battery-staple";

/** A master with a failed weighted check: every part of the status shows. */
export function exampleInstance(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    name: "VI_1",
    interface: "eth1",
    vrid: 55,
    version: 2,
    family: "ipv4",
    sync_group: null,
    state: "master",
    handing_over: false,
    priority: {
      configured: 150,
      effective: 90,
      reasons: [{ what: "check nginx failed", change: -60 }],
    },
    preempt: true,
    authentication: "pass",
    addresses: [
      {
        address: "192.168.31.5",
        prefix_length: 24,
        device: "eth1",
        label: "eth1:1",
        advertised: true,
        held: true,
      },
    ],
    accept: true,
    lease: { seconds: 3, renewed_ms_ago: 420 },
    virtual_mac: null,
    routing: [],
    timers: {
      advert_interval_ms: 1000,
      skew_time_ms: 648.4,
      master_down_interval_ms: 3648.4,
      announce_delay_ms: 5000,
    },
    master: { address: "192.168.31.11", priority: 90 },
    since: "2026-03-01T10:00:00.000Z",
    reason: { code: "master_silent", message: "no advertisement from the master any more" },
    faults: [],
    override: null,
    counters: {
      advertisements_sent: 12,
      advertisements_received: 3,
      priority_zero_sent: 0,
      checksum_message: 3,
      checksum_pseudo_header: 0,
      priority_zero_received: 0,
      became_master: 1,
      released_master: 0,
      dropped: { authentication_failed: 2 },
    },
    ...changes,
  };
}

export function exampleStatus(changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    node: "lb01",
    version: "0.1.0",
    started_at: "2026-03-01T09:55:00.000Z",
    uptime_seconds: 500,
    alarms: [],
    instances: [exampleInstance()],
    checks: [{
      name: "nginx",
      type: "http",
      state: "down",
      recovery: null,
      since: "2026-03-01T10:03:00.000Z",
      last: {
        ok: false,
        at: "2026-03-01T10:03:19.000Z",
        detail: "connection refused",
        took_ms: 1,
      },
    }],
    notifications: [],
    peers: [],
    dropped: {},
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
  /** Every order as it arrived: `["promote", "VI_1", { forMs: 600000 }]`. */
  readonly orders: unknown[][] = [];
  current = exampleStatus();
  /** What the next orders come to; success when `null`. */
  outcome: CommandResult | Error | null = null;
  /** What the next reloads come to. */
  reloaded: ReloadOutcome = RELOADED;
  /** How long an order takes. */
  delayMs = 0;

  status(): NodeStatus {
    return this.current;
  }

  promote(instance: string, options?: OrderOptions): Promise<CommandResult> {
    return this.#obey("promote", instance, options);
  }

  demote(instance: string, options?: OrderOptions): Promise<CommandResult> {
    return this.#obey("demote", instance, options);
  }

  release(instance: string): Promise<CommandResult> {
    return this.#obey("release", instance);
  }

  setPriority(instance: string, priority: number): Promise<CommandResult> {
    return this.#obey("setPriority", instance, priority);
  }

  clearPriority(instance: string): Promise<CommandResult> {
    return this.#obey("clearPriority", instance);
  }

  reload(): Promise<ReloadOutcome> {
    return Promise.resolve(this.reloaded);
  }

  async #obey(...order: [string, string, ...unknown[]]): Promise<CommandResult> {
    this.orders.push(order);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.outcome instanceof Error) throw this.outcome;
    if (this.outcome) return this.outcome;
    const name = order[1];
    const instance = this.current.instances.find((candidate) => candidate.name === name);
    if (!instance) {
      return { ok: false, code: "instance_unknown", message: `there is no instance "${name}"` };
    }
    const peers = [{ peer: "lb02", state: "backup" }] as const;
    return { ok: true, tookMs: 612.4, instance, peers };
  }
}
