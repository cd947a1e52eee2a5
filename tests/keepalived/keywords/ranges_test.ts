/** Which numbers each keyword takes: keepalived's limits, and vipd's where they are narrower. */

import assert from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { HMAC_RULES } from "../../../src/keepalived/keywords/auth_hmac.ts";
import { GLOBAL_RULES } from "../../../src/keepalived/keywords/global_defs.ts";
import { applyRules, type Rules } from "../../../src/keepalived/keywords/rules.ts";
import {
  FILE_RULES,
  PROCESS_RULES,
  SCRIPT_RULES,
} from "../../../src/keepalived/keywords/scripts/vrrp_script.ts";
import { INSTANCE_RULES } from "../../../src/keepalived/keywords/vrrp_instance.ts";
import { emptyImport } from "../../../src/keepalived/partial.ts";
import { parseText } from "../support.ts";

/** What is said of one line of a block. */
function saidOf(rules: Rules<never>, line: string): string {
  const report = new Report();
  const reading = {
    ...{ report, homesOf: () => [], scriptText: () => null, isUser: () => undefined },
    ...{ guess: () => null, known: () => {} },
  };
  // Each block writes into another object; of what the keywords below need, this has all.
  applyRules(parseText(line).statements, rules, emptyImport() as never, "block", reading);
  return report.sorted([]).map(({ message }) => message).join("\n");
}

interface Range {
  /** As the finding about a wrong value says it. */
  readonly numbers: string;
  readonly least: string;
  readonly most: string;
  /** vipd's limits, if they are narrower. */
  readonly vipd?: string;
}

const HIGHEST = "2147483647";
const DELAY: Range = { numbers: "a whole number", least: "0", most: "4294", vipd: "0 and 3600" };
const COUNT = { numbers: "a whole number", least: "0", most: "4294967295" } as const;
const SPACING: Range = {
  ...{ numbers: "a number", least: "0.000001", most: "1", vipd: "0.001 and 1" },
};
const CHECK_TIME = { numbers: "a number", most: HIGHEST } as const;
const IN_A_ROW: Range = {
  ...{ numbers: "a whole number", least: "1", most: HIGHEST, vipd: "1 and 100" },
};
const whole = (least: string, most: string): Range => ({ numbers: "a whole number", least, most });

const announcements = (prefix: string): Record<string, Range> => ({
  [`${prefix}garp_master_delay`]: DELAY,
  [`${prefix}garp_master_repeat`]: { ...COUNT, vipd: "1 and 100" },
  [`${prefix}garp_master_refresh`]: { ...COUNT, vipd: "0 and 86400" },
  [`${prefix}garp_master_refresh_repeat`]: { ...COUNT, vipd: "1 and 100" },
  [`${prefix}garp_lower_prio_delay`]: DELAY,
  [`${prefix}garp_lower_prio_repeat`]: { ...COUNT, vipd: "0 and 100" },
});

const RANGES: readonly (readonly [rules: unknown, ranges: Readonly<Record<string, Range>>])[] = [
  [INSTANCE_RULES, {
    virtual_router_id: whole("1", "255"),
    priority: whole("1", "255"),
    version: whole("2", "3"),
    advert_int: { numbers: "a number", least: "0.01", most: "255" },
    unicast_ttl: { ...whole("0", "255"), vipd: "1 and 255" },
    preempt_delay: { numbers: "a number", least: "0", most: "1000" },
    down_timer_adverts: whole("1", "100"),
    ...announcements(""),
  }],
  [GLOBAL_RULES, {
    vrrp_version: whole("2", "3"),
    vrrp_down_timer_adverts: whole("1", "100"),
    vrrp_startup_delay: { numbers: "a number", least: "0", most: "4294", vipd: "0 and 3600" },
    vrrp_rt_priority: whole("1", "99"),
    vrrp_priority: whole("-20", "19"),
    vrrp_garp_interval: SPACING,
    vrrp_gna_interval: SPACING,
    smtp_connect_timeout: { ...whole("1", HIGHEST), vipd: "0.1 and 3600" },
    ...announcements("vrrp_"),
  }],
  [SCRIPT_RULES, {
    interval: { ...CHECK_TIME, least: "0.001", vipd: "0.1 and 3600" },
    timeout: { ...CHECK_TIME, least: "0.001", vipd: "0.01 and 3600" },
    rise: IN_A_ROW,
    fall: IN_A_ROW,
  }],
  [PROCESS_RULES, {
    delay: { ...CHECK_TIME, least: "0", vipd: "0 and 3600" },
    terminate_delay: { ...CHECK_TIME, least: "0", vipd: "0 and 3600" },
  }],
  [HMAC_RULES, { active_key: whole("0", "255"), time_window: whole("1", "300") }],
];

for (const [rules, ranges] of RANGES) {
  for (const [keyword, { numbers, least, most, vipd }] of Object.entries(ranges)) {
    Deno.test(`${keyword} takes ${numbers} from ${least} to ${most}${vipd ? `, vipd ${vipd}` : ""}`, () => {
      const says = (value: string) => saidOf(rules as Rules<never>, `${keyword} ${value}`);
      assert.equal(says("x"), `"x" is not ${numbers} from ${least} to ${most}`);
      const [from = 0, to = 0] = (vipd?.split(" and ") ?? [least, most]).map(Number);
      for (const value of [least, most]) {
        const taken = Math.max(from, Math.min(to, Number(value)));
        const limited = `${value} is not between ${vipd}, which vipd takes; it becomes ${taken}`;
        assert.equal(says(value), taken === Number(value) ? "" : limited);
      }
    });
  }
}

/** keepalived's highest weight of each; vipd has 253 at most. */
const WEIGHTS: readonly (readonly [what: string, rules: unknown, most: number])[] = [
  ["a script", SCRIPT_RULES, 253],
  ["a process", PROCESS_RULES, 254],
  ["a file", FILE_RULES, 2 ** 31 - 1],
];

for (const [what, rules, most] of WEIGHTS) {
  Deno.test(`the weight of ${what} is ${most} at most, either way`, () => {
    const says = (value: number) => saidOf(rules as Rules<never>, `weight ${value}`);
    for (const sign of [1, -1]) {
      assert.equal(says(sign * 253), "");
      const limited = most === 253 ? "" : `${sign * most} becomes ${sign * 253}, which`;
      assert.ok(says(sign * most).startsWith(limited), says(sign * most));
      const beyond = sign * (most + 1);
      assert.equal(says(beyond), `"${beyond}" is not a weight from -253 to 253`);
    }
  });
}
