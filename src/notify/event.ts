/**
 * The events that vipd can notify of, read from the journal.
 *
 * @module
 */

import type { SyncGroupConfig } from "../config/model.ts";
import type { NotifyConfig, NotifyEventKind } from "../config/notify_model.ts";
import type { JournalEntry } from "../status/journal.ts";
import type { Verdict } from "../status/status.ts";

export interface NotifyEvent {
  /** `test` is sent only on a user's request. */
  readonly kind: NotifyEventKind | "test";
  /** The subject of the event. */
  readonly scope: "instance" | "group" | "check" | "node";
  readonly name: string;
  /** The effective priority of an instance that changed or reasserted its state; 0 if there is none. */
  readonly priority: number;
  readonly entry: JournalEntry;
}

/** The event for the state that an instance enters. */
const STATE_EVENTS: Readonly<Record<string, NotifyEventKind>> = {
  master: "master",
  backup: "backup",
  fault: "fault",
  init: "stop",
};

/** Journal codes of the other events. */
const CODE_EVENTS: Readonly<Record<string, readonly [NotifyEventKind, NotifyEvent["scope"]]>> = {
  alarm_raised: ["alarm", "instance"],
  alarm_cleared: ["alarm_cleared", "instance"],
  reasserted: ["reasserted", "instance"],
  check_changed: ["check", "check"],
  recovery_started: ["recovery", "check"],
  recovery_succeeded: ["recovery", "check"],
  recovery_failed: ["recovery", "check"],
  recovery_exhausted: ["recovery", "check"],
  order_given: ["order", "instance"],
  order_failed: ["order", "instance"],
  order_ended: ["order", "instance"],
  order_resumed: ["order", "instance"],
  order_dropped: ["order", "instance"],
  reloaded: ["reload", "node"],
  reload_failed: ["reload", "node"],
  started: ["daemon", "node"],
  stopping: ["daemon", "node"],
  stopped: ["daemon", "node"],
  crashed: ["daemon", "node"],
};

/** Reads events from journal entries, and remembers the states of the members of sync groups. */
export class EventReader {
  readonly #node: string;
  #groups: readonly SyncGroupConfig[];
  /** The last state of each instance, and the last one that was notified of each group. */
  readonly #states = new Map<string, NotifyEventKind>();
  readonly #reported = new Map<string, NotifyEventKind>();

  /** `node` names this load balancer. */
  constructor(node: string, groups: readonly SyncGroupConfig[]) {
    this.#node = node;
    this.#groups = groups;
  }

  /** Replaces the sync groups. */
  regroup(groups: readonly SyncGroupConfig[]): void {
    this.#groups = groups;
  }

  /** The events in an entry, in order; none for most entries. */
  read(entry: JournalEntry): NotifyEvent[] {
    if (entry.transition) return this.#moved(entry, entry.transition.to);
    if (entry.verdict) return verdictEvents(entry, entry.verdict.to);
    const found = Object.hasOwn(CODE_EVENTS, entry.code) ? CODE_EVENTS[entry.code] : undefined;
    if (!found) return [];
    const [kind, scope] = found;
    return [
      entry.subject === undefined
        ? { kind, scope: "node", name: this.#node, priority: 0, entry }
        : { kind, scope, name: entry.subject, priority: entry.priority ?? 0, entry },
    ];
  }

  #moved(entry: JournalEntry, to: string): NotifyEvent[] {
    const kind = STATE_EVENTS[to];
    const { subject, priority = 0 } = entry;
    if (kind === undefined || subject === undefined) return [];
    this.#states.set(subject, kind);
    const events: NotifyEvent[] = [{ kind, scope: "instance", name: subject, priority, entry }];
    const group = this.#groups.find(({ instances }) => instances.includes(subject));
    // A group enters a state when all of its members have.
    const arrived = group?.instances.every((member) => this.#states.get(member) === kind);
    if (group && arrived && this.#reported.get(group.name) !== kind) {
      this.#reported.set(group.name, kind);
      events.push({ kind, scope: "group", name: group.name, priority: 0, entry });
    }
    return events;
  }
}

/** The verdict that nothing is known of another node is no event. */
function verdictEvents(entry: JournalEntry, to: Verdict): NotifyEvent[] {
  const { subject, priority = 0 } = entry;
  if (to === "unverified" || subject === undefined) return [];
  return [{ kind: to, scope: "instance", name: subject, priority, entry }];
}

/** True if a target wants an event. */
export function isWanted(event: NotifyEvent, config: NotifyConfig): boolean {
  return config.on.some((kind) => kind === event.kind) && isAbout(event, config);
}

/** True if it is about an instance or a group of a target. */
export function isAbout(event: NotifyEvent, { instances, groups }: NotifyConfig): boolean {
  if (instances === undefined && groups === undefined) return true;
  const names = event.scope === "instance" ? instances : event.scope === "group" ? groups : [];
  return names?.includes(event.name) ?? false;
}
