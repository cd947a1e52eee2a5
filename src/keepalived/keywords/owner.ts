/**
 * `owner_ignore_adverts` of an instance, and `vrrp_owner_ignore_adverts` of all.
 *
 * @module
 */

import { notCarried, type Rule } from "./rules.ts";

export const OWNER_IGNORES: Rule<unknown> = notCarried(
  "an owner hears the adverts of others",
  "give no other node the priority 255",
  ["false", "off", "no"],
);
