/**
 * One cause, one notification: alarms of several instances that say the same are one event when the first begins, and
 * one when the last is over.
 *
 * @module
 */

import type { NotifyEvent } from "./event.ts";

/** The alarm of a cause of which a target was notified. */
interface Notified {
  readonly key: string;
  /** Its end, while others of the cause still stand. */
  ended: NotifyEvent | null;
}

/** Follows the alarms that concern one target. */
export class SharedAlarms {
  /** The cause of each standing alarm, by code and instance. */
  readonly #causes = new Map<string, string>();
  readonly #notified = new Map<string, Notified>();

  /** The event to notify of, which may be an earlier one; `null` if it says nothing new. */
  take(event: NotifyEvent): NotifyEvent | null {
    const { kind, entry: { alarm, subject } } = event;
    if (alarm === undefined || subject === undefined) return event;
    const key = `${alarm} ${subject}`;
    return kind === "alarm" ? this.#raised(key, event) : this.#cleared(key, event);
  }

  #raised(key: string, event: NotifyEvent): NotifyEvent | null {
    const { message, subject = "" } = event.entry;
    // The same words but for the name at their begin.
    const cause = message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
    const goesOn = this.#standing(cause);
    this.#causes.set(key, cause);
    const notified = this.#notified.get(cause);
    if (!goesOn || !notified) {
      this.#notified.set(cause, { key, ended: null });
      return event;
    }
    if (notified.key === key) notified.ended = null;
    return null;
  }

  #cleared(key: string, event: NotifyEvent): NotifyEvent | null {
    const cause = this.#causes.get(key);
    const notified = cause === undefined ? undefined : this.#notified.get(cause);
    if (cause === undefined || !notified) return event;
    this.#causes.delete(key);
    if (notified.key === key) notified.ended = event;
    if (this.#standing(cause)) return null;
    this.#notified.delete(cause);
    return notified.ended ?? event;
  }

  #standing(cause: string): boolean {
    return this.#causes.values().some((other) => other === cause);
  }
}
