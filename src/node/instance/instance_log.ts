/**
 * An instance's reports of itself: its changes of state and of priority, counted and written to the journal.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { EntryDetails, Journal, Severity } from "../../status/journal.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import { transitionMessage } from "../../status/codes/messages.ts";
import type { InstanceCounters } from "../../status/status.ts";
import type { MasterSeen, RouterState, TransitionReason } from "../../vrrp/router_events.ts";
import type { IpAddress } from "../../wire/address.ts";
import { AlteredLog } from "../journal/altered_log.ts";
import type { Conditions } from "./conditions.ts";

/** When and why the present state began. */
export interface Transition {
  /** Wall clock, milliseconds since the epoch. */
  readonly atMs: number;
  readonly code: TransitionReason;
  readonly message: string;
}

/** The facts that a change of state may be about. */
export interface TransitionContext {
  readonly conditions: Conditions;
  /** The leader that the instance followed last: a node or a member of its sync group, in words. */
  readonly leader: string;
  readonly master: MasterSeen | null;
  /** Why it stops; empty if vipd does. */
  readonly stopCause: string;
}

/** The detail that a reason needs, such as the faults; empty if the reason says it all. */
export function transitionDetail(
  code: TransitionReason,
  { conditions, leader, master, stopCause }: TransitionContext,
): string {
  if (code === "shutdown") return stopCause;
  if (code === "fault") return conditions.faults.join("; ");
  if (code === "unwell") return conditions.unwell.join("; ");
  if (code === "sync_group" || code === "split_brain") return leader;
  return master && NAMES_MASTER.has(code)
    ? `${master.address} with priority ${master.priority}`
    : "";
}

/** Another router brought the transition about. */
const NAMES_MASTER: ReadonlySet<TransitionReason> = new Set([
  "higher_priority_master",
  "demote",
  "overslept",
]);

export class InstanceLog {
  readonly counters: Pick<InstanceCounters, "became_master" | "released_master"> = {
    became_master: 0,
    released_master: 0,
  };

  readonly #name: string;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #altered: AlteredLog;
  #transition: Transition;

  constructor(name: string, clock: Clock, journal: Journal) {
    this.#name = name;
    this.#clock = clock;
    this.#journal = journal;
    this.#altered = new AlteredLog(name, journal, () => clock.nowMs());
    this.#transition = { atMs: clock.wallClockMs(), code: "startup", message: "starting" };
  }

  /** The last change of state. */
  get transition(): Transition {
    return this.#transition;
  }

  /** `detail` is what the reason is about, possibly empty; `more` is for the entry. */
  stateChanged(
    from: RouterState,
    to: RouterState,
    code: TransitionReason,
    detail: string,
    more: Pick<EntryDetails, "priority" | "trial">,
  ): void {
    if (to === "master") this.counters.became_master++;
    if (from === "master") this.counters.released_master++;
    const message = transitionMessage(code, detail);
    this.#transition = { atMs: this.#clock.wallClockMs(), code, message };
    const severity = to === "fault" ? "error" : LATE.has(code) ? "warning" : "notice";
    const details = { transition: { from, to, reason: code }, ...more };
    this.record(severity, "state_changed", `${from} -> ${to}: ${message}`, details);
  }

  /** A weaker master was there and has yielded; `priority` is this node's effective one. */
  reasserted(source: IpAddress, otherPriority: number, priority: number): void {
    const message = `is still master: ${source} with priority ${otherPriority} was master too ` +
      "and has yielded";
    this.record("notice", "reasserted", message, { priority });
  }

  priorityChanged(before: Conditions, { priority }: Conditions): void {
    const why =
      priority.reasons.map(({ what, change }) => `${what} ${change < 0 ? "" : "+"}${change}`)
        .join(", ") || "as configured";
    const message = `priority ${before.priority.effective} -> ${priority.effective}: ${why}`;
    this.record("notice", "priority_changed", message);
  }

  /** The first source is no change. */
  sourceChanged(before: IpAddress | null, now: IpAddress): void {
    if (before === null) return;
    const message = `adverts come from ${now}, no longer from ${before}`;
    this.recordRarely("notice", "source_changed", message);
  }

  /** Other programs decide how often it happens: the same is one entry a minute. */
  recordRarely(severity: Severity, code: JournalCode, message: string): void {
    this.#altered.record(code, message, message, severity);
  }

  record(severity: Severity, code: JournalCode, message: string, details?: EntryDetails): void {
    this.#journal.record(severity, code, `${this.#name}: ${message}`, this.#name, details);
  }
}

/** This node was not on time. */
const LATE: ReadonlySet<TransitionReason> = new Set(["lease_lapsed", "overslept"]);
