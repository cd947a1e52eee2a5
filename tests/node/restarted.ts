/** A simulated node whose journal outlives its engine, as the daemon's does. */

import { recordRemains } from "../../src/node/journal/remains.ts";
import { LoadBalancer } from "../../src/node/load_balancer.ts";
import type { ResourceRecord } from "../../src/node/resources/resource_record.ts";
import type { SimNode } from "../../src/sim/cluster.ts";
import { Journal, type JournalEntry } from "../../src/status/journal.ts";
import { goodbye, recordOf } from "./dead_engine.ts";

/** What lets virtual time pass until a promise has settled. */
interface Passing {
  settle<T>(promise: Promise<T>): Promise<T>;
}

export class Restarted {
  readonly node: SimNode;
  kept: readonly JournalEntry[] = [];
  #record: ResourceRecord | null = null;

  constructor(node: SimNode) {
    this.node = node;
  }

  /** `lostMs`: the entries of so many last milliseconds are not on the disk yet. */
  kill(lostMs = 0): void {
    const { daemon, host } = this.node;
    const writtenMs = host.wallClockMs() - lostMs;
    this.kept =
      daemon?.journal.since().filter(({ time }) => lostMs === 0 || Date.parse(time) < writtenMs) ??
        this.kept;
    this.#record = daemon ? recordOf(this.node) : null;
    this.node.kill();
  }

  /** As systemd runs it after a death. */
  goodbye(): void {
    const journal = new Journal(() => this.node.host.wallClockMs());
    journal.restore(this.kept);
    for (const { instance, removed } of goodbye(this.node, this.#record!)) {
      if (removed.length > 0) recordRemains(journal, instance, removed);
    }
    this.kept = journal.since();
  }

  /** As an upgrade does it: stopped in order, and started. */
  async restart(cluster: Passing): Promise<void> {
    const { daemon } = this.node;
    await cluster.settle(daemon!.stop());
    this.kept = daemon!.journal.since();
    this.start();
  }

  start(): void {
    const { node } = this;
    node.daemon = new LoadBalancer(node.config, node.host, {
      ...{ version: "simulated", store: node.host.openStore() },
    });
    node.daemon.journal.restore(this.kept);
    node.daemon.recordRemains();
    node.daemon.journal.record("notice", "started", "vipd starts");
    node.daemon.start();
  }
}
