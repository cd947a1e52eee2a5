/**
 * What may happen to a node from outside. A seed draws from this list: its order is part of what a seed means.
 *
 * @module
 */

import { FIREWALL } from "./steps/firewall.ts";
import { LINK } from "./steps/link.ts";
import { OTHER_PROGRAMS } from "./steps/other_programs.ts";
import { OWN_ADDRESSES } from "./steps/own_addresses.ts";
import { OURS, VIRTUAL_MAC } from "./steps/resources.ts";
import { OTHER_DAEMONS } from "./steps/other_daemons.ts";
import type { Step } from "./steps/step.ts";

export const STEPS: readonly Step[] = [
  ...LINK,
  ...OWN_ADDRESSES,
  ...FIREWALL,
  ...OURS,
  ...VIRTUAL_MAC,
  ...OTHER_PROGRAMS,
  ...OTHER_DAEMONS,
];
