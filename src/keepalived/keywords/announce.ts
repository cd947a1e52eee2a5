/**
 * Gratuitous ARP: the same keywords globally (`vrrp_garp_*`) and in an instance (`garp_*`).
 *
 * @module
 */

import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { PartialAnnounce, PartialImport } from "../partial.ts";
import { carried, notCarried, type Rule } from "./rules.ts";
import { type NumberRange, readNumber } from "./values.ts";

/** keepalived's highest values (seconds), and vipd's limits: an hour, a day, 100 times. */
const DELAY: NumberRange = { min: 0, max: 4294, vipdMax: 3600 };
const REFRESH: NumberRange = { min: 0, max: 4_294_967_295, vipdMax: 86_400 };
/** keepalived makes 1 of 0. */
const REPEAT: NumberRange = { min: 0, max: 4_294_967_295, vipdMin: 1, vipdMax: 100 };
const REPEAT_LOWER: NumberRange = { ...REPEAT, vipdMin: 0 };

/** keepalived's `vrrp_garp_master_delay` etc., each with `prefix` instead of `vrrp_`. */
export function announceRules<T>(
  prefix: "vrrp_" | "",
  announceOf: (target: T) => PartialAnnounce,
): Record<string, Rule<T>> {
  return {
    [`${prefix}garp_master_delay`]: carried(
      "instances[].announce.delay",
      (target, statement, report) => {
        const value = readNumber(statement, DELAY, report);
        if (value !== null) announceOf(target).delayS = value;
      },
    ),
    [`${prefix}garp_master_repeat`]: carried(
      "instances[].announce.repeat",
      (target, statement, report) => {
        const value = readNumber(statement, REPEAT, report);
        if (value !== null) announceOf(target).repeat = value;
      },
    ),
    [`${prefix}garp_master_refresh`]: carried(
      "instances[].announce.refresh",
      (target, statement, report) => {
        const value = readNumber(statement, REFRESH, report);
        if (value !== null) announceOf(target).refreshS = value;
      },
    ),
    [`${prefix}garp_master_refresh_repeat`]: carried(
      "instances[].announce.refresh_repeat",
      (target, statement, report) => {
        const value = readNumber(statement, REPEAT, report);
        if (value !== null) announceOf(target).refreshRepeat = { value, statement };
      },
    ),
    [`${prefix}garp_lower_prio_delay`]: carried(
      "instances[].announce.delay_lower_priority",
      (target, statement, report) => {
        const value = readNumber(statement, DELAY, report);
        announceOf(target).lowerPriority.push(statement);
        if (value !== null) announceOf(target).delayLowerPriorityS = value;
      },
    ),
    [`${prefix}garp_lower_prio_repeat`]: carried(
      "instances[].announce.repeat_lower_priority",
      (target, statement, report) => {
        const value = readNumber(statement, REPEAT_LOWER, report);
        announceOf(target).lowerPriority.push(statement);
        if (value !== null) announceOf(target).repeatLowerPriority = value;
      },
    ),
    [`${prefix}garp_extra_if`]: notCarried(
      "vipd announces each address on its own interface only",
      "set `announce.refresh` if a switch forgets the address",
      ["0"],
    ),
  };
}

/** Reports the announcements that the file asks for and nobody makes, in keepalived neither; each statement once. */
export function reportUnannounced(partial: PartialImport, report: Report): void {
  const { instances, announce: all, strict } = partial;
  const effective = instances.map((instance) => ({
    announce: { ...all, ...instance.announce },
    strict: (instance.strict ?? strict)?.value ?? false,
  }));
  for (const own of [all, ...instances.map(({ announce }) => announce)]) {
    const repeat = own.refreshRepeat;
    if (repeat === undefined || repeat.value <= 1) continue;
    const refreshed = effective.some(({ announce: { refreshRepeat, refreshS = 0 } }) =>
      refreshRepeat === repeat && refreshS > 0
    );
    if (refreshed) continue;
    const message = "without `garp_master_refresh` nothing is repeated";
    report.add("carried_differently", repeat.statement, message, NOTHING_TO_DO);
  }
  const isStrict = ({ strict }: { readonly strict: boolean }) => strict;
  const mute = [
    ...(effective.length > 0 && effective.every(isStrict) ? all.lowerPriority : []),
    ...instances.flatMap(({ announce }, index) =>
      effective[index]!.strict ? announce.lowerPriority : []
    ),
  ];
  for (const statement of mute) {
    const message = "strict mode answers a weaker master without announcements";
    report.add("carried_differently", statement, message, NOTHING_TO_DO);
  }
}
