/**
 * What a node says of the commands that it would carry out.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const KEYS = "New keys of an instance in the status: `promote_refused`, and `other_master` for a " +
  "master that hears another one";
const DELAY = "New key `preempt_delay_ms` of an instance's `timers`";
const REFUSED = "A promote that is refused says `cannot take over: the master ...`";

export const OFFERED: readonly AcceptedDifference[] = [
  ...of(
    "codes/OpenAPI",
    ["+ /components/schemas/Instance/properties/promote_refused *", KEYS],
    ["+ /components/schemas/Instance/properties/other_master *", KEYS],
    ["+ /components/schemas/Instance/properties/timers/properties/preempt_delay_ms *", DELAY],
  ),
  ...of(
    "api/*",
    ["+ /body/*/promote_refused *", KEYS],
    ["~ /body/detail * -> * cannot take over: the master *", REFUSED],
  ),
];
