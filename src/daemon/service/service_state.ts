/**
 * The line about vipd in `systemctl status`.
 *
 * @module
 */

import { alarmGroups } from "../../status/text/alarm_groups.ts";
import type { Journal } from "../../status/journal.ts";
import type { NodeOutline } from "../../status/status.ts";

/** Entries after which the line may change. */
const CHANGES = new Set(["state_changed", "alarm_raised", "alarm_cleared", "reloaded"]);

/** `VI_1 master, VI_2 backup; alarm: split_brain_advert on VI_1`; with many instances, how many are in each state. */
export function stateLine({ instances, alarms }: NodeOutline): string {
  const states = instances.length <= 4
    ? instances.map(({ name, state }) => `${name} ${state}`)
    : Object.entries(Object.groupBy(instances, ({ state }) => state))
      .map(([state, those]) => `${those.length} ${state}`);
  const heard = alarmGroups(alarms).map(({ code, subjects: [first, ...others] }) => {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return first === undefined ? code : `${code} on ${first}${more}`;
  });
  return [states.join(", "), ...heard.map((alarm) => `alarm: ${alarm}`)].join("; ");
}

/** Sends the line to the service manager now and at each change; returns a function that stops this. */
export function followState(
  node: { readonly journal: Journal; outline(): NodeOutline },
  notify: (state: string) => void,
): () => void {
  let reported = "";
  let waiting = false;
  const report = () => {
    waiting = false;
    const line = stateLine(node.outline());
    if (line !== reported) notify(`STATUS=${line}`);
    reported = line;
  };
  report();
  return node.journal.listen(({ code }) => {
    if (waiting || !CHANGES.has(code)) return;
    // Once for all changes in one turn.
    waiting = true;
    queueMicrotask(report);
  });
}
