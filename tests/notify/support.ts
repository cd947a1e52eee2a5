/** What the notification tests have in common: events, and a target that does as it is told. */

import type { NotifyEventKind } from "../../src/config/notify_model.ts";
import type { NotifyEvent } from "../../src/notify/event.ts";
import type { JournalEntry } from "../../src/status/journal.ts";

/** Entry number `id` of a journal: VI_1 became master. */
export function entry(id: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id,
    time: "2026-03-01T10:00:00.000Z",
    severity: "notice",
    code: "state_changed",
    message: "VI_1: backup -> master: no advertisement from the master any more",
    subject: "VI_1",
    transition: { from: "backup", to: "master", reason: "master_silent" },
    priority: 150,
    ...changes,
  };
}

/** Event number `id`: an instance changed its state. */
export function event(id: number, kind: NotifyEventKind = "master", name = "VI_1"): NotifyEvent {
  const message = `${name}: backup -> ${kind}: as a test`;
  const changed = entry(id, { message, subject: name });
  return { kind, scope: "instance", name, priority: 150, entry: changed };
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `done` is true, and fails after a while. */
export async function until(what: string, done: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await delay(5);
  }
}
