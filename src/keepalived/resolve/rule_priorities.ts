/**
 * The priorities of policy rules that name none: keepalived counts down from 16384, for each family by itself, through
 * all rules of the file (keepalived.conf(5), `virtual_rules`).
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import type { Entry } from "../entry.ts";
import type { PartialInstance } from "../partial.ts";

const FIRST_PRIORITY = 16_384;

/** The same instances; each rule has a priority. `taken` are those of static rules. */
export function withRulePriorities(
  instances: readonly PartialInstance[],
  taken: Readonly<Record<Family, number>>,
): PartialInstance[] {
  const next = { ipv4: FIRST_PRIORITY - taken.ipv4, ipv6: FIRST_PRIORITY - taken.ipv6 };
  const complete = (rule: Entry): Entry => {
    const value = rule.value as Readonly<Record<string, string | number>>;
    if (value.priority !== undefined) return rule;
    const isIpv6 = [value.from, value.to].some((end) => `${end ?? ""}`.includes(":"));
    const priority = next[isIpv6 ? "ipv6" : "ipv4"]--;
    return { ...rule, value: { ...value, priority } };
  };
  return instances.map((instance) => ({ ...instance, rules: instance.rules.map(complete) }));
}
