/**
 * Webhooks and mail: their queues, their state, and what the engine learns about them.
 *
 * @module
 */

import { isLocal } from "../../config/notify_model.ts";
import type { EngineLink } from "../../ipc/engine_link.ts";
import type { FrontSettings } from "../../ipc/messages.ts";
import { Notifier } from "../../notify/notifier.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { NotificationStatus } from "../../status/status.ts";
import { openRemoteTarget } from "./remote_targets.ts";

/** How often the front reports the state of the targets to the engine, in milliseconds. */
const REPORT_MS = 500;

type Link = Pick<EngineLink, "journal" | "readSecret" | "reportNotifications">;
/** How many characters of a target's last failure the engine gets, because it reads all targets in one turn. */
const DETAIL_CHARS = 300;

type RemoteStatus = NotificationStatus & { type: "webhook" | "email" };

export class RemoteNotifications {
  readonly #link: Link;
  readonly #shutDown: ShutDown;
  #notifier: Notifier | null = null;
  #notifiedId = 0;
  #run = "";
  #problem: string | null = null;
  #reported = "";
  readonly #timer: ReturnType<typeof setInterval>;

  /** `shutDown` ends the connection to a server that hangs in its TLS handshake. */
  constructor(link: Link, shutDown: ShutDown) {
    this.#link = link;
    this.#shutDown = shutDown;
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
  }

  /** An engine is connected; entries of its run up to `notifiedId` have been notified before. */
  welcomed(run: string, notifiedId: number): void {
    this.#run = run;
    this.#notifiedId = notifiedId;
    this.#reported = "";
  }

  /** Puts these targets in force. */
  follow({ node, notify, syncGroups }: FrontSettings): void {
    const config = { node, notify, syncGroups };
    if (this.#notifier !== null) return this.#notifier.reconfigure(config);
    const { journal, readSecret } = this.#link;
    const readFile = (path: string) => readSecret.call(this.#link, path);
    this.#notifier = new Notifier(
      config,
      journal,
      {
        open: (target, name) => {
          if (isLocal(target)) throw new Error(`${target.type} is the engine's to notify`);
          return openRemoteTarget(target, name, {
            run: this.#run,
            readFile,
            shutDown: this.#shutDown,
          });
        },
        alarm: (problem) => {
          this.#problem = problem;
          this.#report();
        },
      },
      journal.since(0).filter(({ id }) => id >= journal.firstEntryId),
      this.#notifiedId,
    );
  }

  /** Delivers what waits, for at most `limitMs`. */
  async finish(limitMs: number): Promise<void> {
    const notifier = this.#notifier;
    await notifier?.close(limitMs);
    this.#report();
    this.#notifier = null;
  }

  async close(limitMs: number): Promise<void> {
    await this.finish(limitMs);
    clearInterval(this.#timer);
  }

  #report(): void {
    if (this.#notifier === null) return;
    const message = {
      notifications: this.#notifier.status().map(brief),
      notifiedId: this.#notifier.notifiedId,
      problem: this.#problem,
    };
    const text = JSON.stringify(message);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#link.reportNotifications(message);
  }
}

function brief(status: NotificationStatus): RemoteStatus {
  const { last_failure } = status;
  return {
    ...status as RemoteStatus,
    last_failure: last_failure &&
      { ...last_failure, detail: last_failure.detail.slice(0, DETAIL_CHARS) },
  };
}
