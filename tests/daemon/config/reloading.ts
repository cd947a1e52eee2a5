/** A reloader of a simulated load balancer: what is asked for takes virtual time. */

import assert from "node:assert/strict";
import type { Config } from "../../../src/config/model.ts";
import {
  type Reloadable,
  Reloader,
  type StartAfterProbation,
} from "../../../src/daemon/config/reloader.ts";
import type { HostError } from "../../../src/host/errors.ts";
import type { FoundState } from "../../../src/host/state_store.ts";
import type { SimCluster, SimNode } from "../../../src/sim/cluster.ts";
import type { ReloadOutcome } from "../../../src/status/commands/reloading.ts";
import type { ApiTokens } from "../../../src/tokens/api_tokens.ts";

/** A file, the disk and a reloader around the node that runs. */
export class Reloading {
  /** What the file has next. */
  file: { config: Config; text: string };
  /** What the disk was given, the last one first; `null` if the file was removed. */
  readonly written: (string | null)[] = [];
  diskProblem: HostError | null = null;
  /** What is in force. */
  inForce: Config;
  readonly reloader: Reloader;
  readonly #cluster: SimCluster;

  constructor(
    cluster: SimCluster,
    node: SimNode,
    { found = { kind: "nothing" }, ...start }: StartAfterProbation & { found?: FoundState } = {},
  ) {
    this.#cluster = cluster;
    this.file = { config: node.config, text: "first" };
    this.inForce = node.config;
    const { host } = node;
    const parts: Reloadable = {
      source: {
        path: "/etc/vipd/vipd.yaml",
        load: () => Promise.resolve({ ok: true, warnings: [], ...this.file }),
        startText: "first",
        ...start,
      },
      front: { prepare: () => Promise.resolve({ ok: true, commit: () => {} }) },
      tokens: { prepare: () => Promise.resolve({ commit: () => {} }) } as unknown as ApiTokens,
      node: node.daemon!,
      machine: { notifyReloading: () => {} },
      trialHost: host,
      clock: host,
      probationStore: {
        path: "/var/lib/vipd/probation",
        found,
        write: (text) => {
          if (this.diskProblem === null) this.written.unshift(text);
          return Promise.resolve(this.diskProblem);
        },
        remove: () => {
          if (this.diskProblem === null) this.written.unshift(null);
          return Promise.resolve(this.diskProblem);
        },
      },
      warn: (code, message) => void node.daemon!.journal.record("warning", code, message),
      taken: (config) => this.inForce = config,
      ready: () => {},
    };
    this.reloader = new Reloader(node.config, parts);
  }

  /** Waits for the answer, a millisecond of virtual time at each step. */
  async until<T>(answer: Promise<T>): Promise<T> {
    let isOver = false;
    answer.finally(() => isOver = true).catch(() => {});
    for (let step = 0; !isOver; step++) {
      assert.ok(step < 30_000, "it answers");
      this.#cluster.run(1);
      await nextTurn();
    }
    return await answer;
  }

  /** Changes the file and reloads. */
  async take(
    config: Config,
    text: string,
    ...request: Parameters<Reloader["reload"]>
  ): Promise<ReloadOutcome> {
    this.file = { config, text };
    return await this.until(this.reloader.reload(...request));
  }

  /** Virtual time passes, and what that brings about is done. */
  async pass(ms: number): Promise<void> {
    this.#cluster.run(ms);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    this.#cluster.run(1);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
