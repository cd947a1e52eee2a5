/**
 * Notifies all targets of `notify` of what the journal records. Each target has its own queue; nothing here ever waits.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config/model.ts";
import type { NotifyConfig } from "../config/notify_model.ts";
import type { Journal, JournalEntry, Severity } from "../status/journal.ts";
import type { NotificationStatus } from "../status/status.ts";
import { EventReader, isAbout, isWanted } from "./event.ts";
import { SharedAlarms } from "./shared_alarms.ts";
import type { Target } from "./target.ts";
import { type QueueReports, TargetQueue } from "./target_queue.ts";

/** The parts of a configuration that matter here. */
export type NotifierConfig = Pick<Config, "node" | "notify" | "syncGroups">;

/** How long a target that is no longer configured may still get the events that wait, in milliseconds. */
const REMOVED_LIMIT_MS = 5000;

interface Receiver {
  readonly config: NotifyConfig;
  readonly queue: TargetQueue;
  readonly alarms: SharedAlarms;
  /** Why the last delivery failed; `null` if it succeeded. */
  problem: string | null;
}

/** The options that all targets of a process share. */
export interface NotifierOptions {
  /** Opens the connection to a target for a node. */
  readonly open: (config: NotifyConfig, node: string) => Target;
  /** Gets the problem of failing deliveries, and `null` if none fails any more. */
  readonly alarm: (problem: string | null) => void;
}

export class Notifier {
  readonly #journal: Journal;
  readonly #options: NotifierOptions;
  readonly #unlisten: () => void;
  #node: string;
  #reader: EventReader;
  #receivers: Receiver[];
  readonly #ending = new Set<Promise<void>>();
  #alarming = false;

  /**
   * Follows the journal from now on.
   *
   * @param earlier earlier entries of this run, oldest first; those after `notifiedId` still have to be notified
   */
  constructor(
    config: NotifierConfig,
    journal: Journal,
    options: NotifierOptions,
    earlier: readonly JournalEntry[] = [],
    notifiedId = 0,
  ) {
    this.#journal = journal;
    this.#options = options;
    this.#node = config.node;
    this.#reader = new EventReader(config.node, config.syncGroups);
    this.#receivers = config.notify.map((target) => this.#open(target));
    for (const entry of earlier) this.#add(entry, entry.id > notifiedId);
    this.#unlisten = journal.listen((entry) => this.#add(entry, true));
  }

  /** Replaces the targets. Unchanged ones keep their queues. */
  reconfigure({ node, notify, syncGroups }: NotifierConfig): void {
    if (node !== this.#node) this.#reader = new EventReader(node, syncGroups);
    else this.#reader.regroup(syncGroups);
    const before = this.#receivers;
    const kept = (config: NotifyConfig) =>
      node === this.#node
        ? before.find((receiver) => isDeepStrictEqual(receiver.config, config))
        : undefined;
    this.#node = node;
    this.#receivers = notify.map((config) => kept(config) ?? this.#open(config));
    for (const { queue } of before.filter((receiver) => !this.#receivers.includes(receiver))) {
      const ending = queue.close(REMOVED_LIMIT_MS);
      this.#ending.add(ending);
      void ending.then(() => this.#ending.delete(ending));
    }
    this.#updateAlarm();
  }

  status(): NotificationStatus[] {
    return this.#receivers.map(({ config, queue }) => {
      const { lastSuccessMs, lastFailure, failing, ...counts } = queue.figures;
      return {
        name: config.name,
        type: config.type,
        state: failing ? "failing" : lastSuccessMs === null ? "idle" : "ok",
        ...counts,
        last_success: lastSuccessMs === null ? null : new Date(lastSuccessMs).toISOString(),
        last_failure: lastFailure && {
          at: new Date(lastFailure.atMs).toISOString(),
          detail: lastFailure.why,
        },
      };
    });
  }

  /** The id of the last entry that no target has to be notified of any more. */
  get notifiedId(): number {
    const waiting = this.#receivers.flatMap(({ queue }) => queue.oldest?.entry.id ?? []);
    return Math.min(this.#journal.lastId, ...waiting.map((id) => id - 1));
  }

  /** Delivers what waits, for at most `limitMs`; records in the journal what is lost. */
  async close(limitMs: number): Promise<void> {
    this.#unlisten();
    const queues = this.#receivers.map(({ queue }) => queue.close(limitMs));
    await Promise.all([...queues, ...this.#ending]);
  }

  #open(config: NotifyConfig): Receiver {
    const receiver: Receiver = {
      config,
      queue: new TargetQueue(
        this.#options.open(config, this.#node),
        this.#reports(config, (problem) => {
          receiver.problem = problem;
          this.#updateAlarm();
        }),
      ),
      alarms: new SharedAlarms(),
      problem: null,
    };
    return receiver;
  }

  /** The reader follows sync groups, and each receiver its alarms, through every entry. */
  #add(entry: JournalEntry, isNews: boolean): void {
    if (this.#receivers.length === 0) return;
    for (const event of this.#reader.read(entry)) {
      for (const { config, queue, alarms } of this.#receivers) {
        if (!isAbout(event, config)) continue;
        const news = alarms.take(event);
        if (isNews && news && isWanted(news, config)) queue.add(news);
      }
    }
  }

  #reports(
    { name, type }: NotifyConfig,
    problem: (text: string | null) => void,
  ): QueueReports {
    const whom = `${name} (${type})`;
    const record = (
      severity: Severity,
      code: "failed" | "lost" | "recovered",
      message: string,
    ) => this.#journal.record(severity, `notification_${code}`, message);
    return {
      failed: (why, final, unheard) => {
        const then = !unheard ? "" : final ? "; the notification is lost" : "; it is tried again";
        record("warning", "failed", `${whom}: ${why}${then}`);
        if (unheard) problem(`${whom} does not get this node's events: ${why}`);
      },
      lost: (count, why) => {
        record("error", "lost", `${whom}: ${count} notifications are lost: ${why}`);
      },
      recovered: (lost) => {
        const missed = lost === 0 ? "nothing was lost" : `${lost} notifications were lost`;
        record("notice", "recovered", `${whom} gets events again; ${missed}`);
        problem(null);
      },
    };
  }

  #updateAlarm(): void {
    const problem = this.#receivers.find((receiver) => receiver.problem !== null)?.problem ?? null;
    if (problem !== null || this.#alarming) this.#options.alarm(problem);
    this.#alarming = problem !== null;
  }
}
