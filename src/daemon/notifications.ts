/**
 * All targets of `notify`: the engine runs programs, the front serves receivers on the network.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import { execTarget } from "../notify/exec.ts";
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
  readonly #programs: Notifier;
  #config: Config;
  #remote: readonly NotificationStatus[] = [];
  /** Why notifying a program, and a receiver on the network, fails. */
  #problems: { programs: string | null; remote: string | null } = { programs: null, remote: null };

  constructor(config: Config, node: NotifyingNode) {
    this.#config = config;
    this.#node = node;
    this.#programs = new Notifier(programsOf(config), node.journal, {
      open: (target) => {
        if (target.type !== "exec") throw new Error(`${target.type} is the front's to notify`);
        return execTarget(target);
      },
      alarm: (programs) => this.#alarm({ ...this.#problems, programs }),
    });
  }

  /** The state of the front's targets, as the front reports it. */
  remote(status: readonly NotificationStatus[], problem: string | null): void {
    this.#remote = status;
    this.#alarm({ ...this.#problems, remote: problem });
  }

  reconfigure(config: Config): void {
    this.#config = config;
    this.#programs.reconfigure(programsOf(config));
  }

  /** In the order of the configuration. */
  status(): NotificationStatus[] {
    const known = [...this.#programs.status(), ...this.#remote];
    return this.#config.notify.map(({ name, type }) =>
      known.find((status) => status.name === name && status.type === type) ??
        {
          ...{ name, type, state: "idle", waiting: 0, delivered: 0, failed: 0, lost: 0 },
          ...{ last_success: null, last_failure: null },
        }
    );
  }

  /** Runs programs for the events that wait, for at most `limitMs`. */
  async close(limitMs: number): Promise<void> {
    await this.#programs.close(limitMs);
  }

  #alarm(problems: { programs: string | null; remote: string | null }): void {
    const before = this.#problems.programs ?? this.#problems.remote;
    this.#problems = problems;
    const problem = problems.programs ?? problems.remote;
    if (problem !== before) this.#node.notificationsFail(problem);
  }
}

function programsOf({ node, notify, syncGroups }: Config): NotifierConfig {
  return { node, syncGroups, notify: notify.filter(({ type }) => type === "exec") };
}
