/**
 * The line about vipd in `systemctl status`.
 *
 * @module
 */

import type { Journal } from "../../status/journal.ts";
import type { NodeStatus } from "../../status/status.ts";

/** Entries after which the line may be another. */
const CHANGES = new Set(["state_changed", "alarm_raised", "alarm_cleared", "reloaded"]);

/** `VI_1 master, VI_2 backup; alarm: split_brain_advert on VI_1`; with many instances how many are in which state. */
export function stateLine({ instances, alarms }: NodeStatus): string {
  const states = instances.length <= 4
    ? instances.map(({ name, state }) => `${name} ${state}`)
    : Object.entries(Object.groupBy(instances, ({ state }) => state))
      .map(([state, those]) => `${those.length} ${state}`);
  const heard = alarms.map(({ code, subject }) =>
    subject === null ? code : `${code} on ${subject}`
  );
  return [states.join(", "), ...heard.map((alarm) => `alarm: ${alarm}`)].join("; ");
}

/** Tells the service manager the line now and whenever it becomes another; returns how to stop that. */
export function followState(
  node: { readonly journal: Journal; status(): NodeStatus },
  notify: (state: string) => void,
): () => void {
  let told = "";
  let waiting = false;
  const tell = () => {
    waiting = false;
    const line = stateLine(node.status());
    if (line !== told) notify(`STATUS=${line}`);
    told = line;
  };
  tell();
  return node.journal.listen(({ code }) => {
    if (waiting || !CHANGES.has(code)) return;
    // Once for all that changes together.
    waiting = true;
    queueMicrotask(tell);
  });
}
