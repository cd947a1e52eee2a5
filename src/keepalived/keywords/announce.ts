/**
 * Gratuitous ARP: the same keywords globally (`vrrp_garp_*`) and in an instance (`garp_*`).
 *
 * @module
 */

import type { PartialAnnounce } from "../partial.ts";
import { carried, notCarried, type Rule } from "./rules.ts";
import { type NumberRange, readNumber } from "./values.ts";

/** keepalived's highest values (seconds), and vipd's limits: an hour, a day, 100 times. */
const DELAY: NumberRange = { min: 0, max: 4294, vipdMax: 3600 };
const REFRESH: NumberRange = { min: 0, max: 4_294_967_295, vipdMax: 86_400 };
const REPEAT: NumberRange = { min: 1, max: 4_294_967_295, vipdMax: 100 };

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
    [`${prefix}garp_master_refresh_repeat`]: notCarried(
      "vipd announces once at each refresh",
      "shorten `announce.refresh` if one is not enough",
      ["1"],
    ),
    [`${prefix}garp_lower_prio_delay`]: carried(
      "instances[].announce.delay_lower_priority",
      (target, statement, report) => {
        const value = readNumber(statement, DELAY, report);
        if (value !== null) announceOf(target).delayLowerPriorityS = value;
      },
    ),
    [`${prefix}garp_lower_prio_repeat`]: carried(
      "instances[].announce.repeat_lower_priority",
      (target, statement, report) => {
        const value = readNumber(statement, { ...REPEAT, min: 0 }, report);
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
