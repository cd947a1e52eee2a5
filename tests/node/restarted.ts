/** A simulated node whose journal outlives its engine, as the daemon's does. */

import { LoadBalancer } from "../../src/node/load_balancer.ts";
import type { SimNode } from "../../src/sim/cluster.ts";
import type { JournalEntry } from "../../src/status/journal.ts";

/** What lets virtual time pass until a promise has settled. */
interface Passing {
  settle<T>(promise: Promise<T>): Promise<T>;
}

export class Restarted {
  readonly node: SimNode;
  kept: readonly JournalEntry[] = [];

  constructor(node: SimNode) {
    this.node = node;
  }

  kill(): void {
    this.kept = this.node.daemon?.journal.since() ?? this.kept;
    this.node.kill();
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
    node.daemon.journal.record("notice", "started", "vipd starts");
    node.daemon.start();
  }
}
