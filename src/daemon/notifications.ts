/**
 * All targets of `notify`: the engine serves those of this machine, the front receivers on the network.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import { isLocal } from "../config/notify_model.ts";
import { execTarget } from "../notify/exec.ts";
import { fifoTarget, type OpenPipe } from "../notify/fifo.ts";
import { Notifier, type NotifierConfig } from "../notify/notifier.ts";
import type { Journal } from "../status/journal.ts";
import type { NotificationStatus } from "../status/status.ts";

/** Gets reports about failing notifications. */
export interface NotifyingNode {
  readonly journal: Journal;
  notificationsFail(problem: string | null): void;
}

export class Notifications {
  readonly #node: NotifyingNode;
  readonly #local: Notifier;
  #config: Config;
  #remote: readonly NotificationStatus[] = [];
  /** Why notifying a target on this machine, and a receiver on the network, fails. */
  #problems: { local: string | null; remote: string | null } = { local: null, remote: null };

  /** `openPipe` opens the named pipes of the machine. */
  constructor(config: Config, node: NotifyingNode, openPipe: OpenPipe) {
    this.#config = config;
    this.#node = node;
    this.#local = new Notifier(localOf(config), node.journal, {
      open: (target) => {
        if (!isLocal(target)) throw new Error(`${target.type} is the front's to notify`);
        return target.type === "exec" ? execTarget(target) : fifoTarget(target, openPipe);
      },
      alarm: (local) => this.#alarm({ ...this.#problems, local }),
    });
  }

  /** The state of the front's targets, as the front reports it. */
  remote(status: readonly NotificationStatus[], problem: string | null): void {
    this.#remote = status;
    this.#alarm({ ...this.#problems, remote: problem });
  }

  reconfigure(config: Config): void {
    this.#config = config;
    this.#local.reconfigure(localOf(config));
  }

  /** In the order of the configuration. */
  status(): NotificationStatus[] {
    const known = [...this.#local.status(), ...this.#remote];
    return this.#config.notify.map(({ name, type }) =>
      known.find((status) => status.name === name && status.type === type) ??
        {
          ...{ name, type, state: "idle", waiting: 0, delivered: 0, failed: 0, lost: 0 },
          ...{ last_success: null, last_failure: null },
        }
    );
  }

  /** Notifies targets on this machine of the events that wait, for at most `limitMs`. */
  async close(limitMs: number): Promise<void> {
    await this.#local.close(limitMs);
  }

  #alarm(problems: { local: string | null; remote: string | null }): void {
    const before = this.#problems.local ?? this.#problems.remote;
    this.#problems = problems;
    const problem = problems.local ?? problems.remote;
    if (problem !== before) this.#node.notificationsFail(problem);
  }
}

function localOf({ node, notify, syncGroups }: Config): NotifierConfig {
  return { node, syncGroups, notify: notify.filter(isLocal) };
}
