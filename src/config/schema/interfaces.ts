/**
 * `interfaces`: what vipd is to know of the host's interfaces.
 *
 * @module
 */

import * as z from "zod";
import { duration } from "./fields.ts";

/** As long as keepalived takes. */
const MAX_DELAY_MS = 255_000;

/** One entry of `interfaces`. */
export const InterfaceSchema = z.strictObject({
  up_delay: duration(1, MAX_DELAY_MS, { zero: true }).prefault(0).meta({ examples: ["15s"] })
    .describe(
      "How long its link must be up until it counts as up, for switch ports that pass nothing at first; " +
        "0 for not at all. At the start of vipd it counts as it is: see `start_delay`.",
    ),
  down_delay: duration(1, MAX_DELAY_MS, { zero: true }).prefault(0).meta({ examples: ["500ms"] })
    .describe(
      "How long its link must be down until it counts as down, so that a flap costs no election; 0 for not at " +
        "all. Adverts do not leave meanwhile: it must be shorter than what the other nodes wait.",
    ),
});

export type InterfaceValues = z.output<typeof InterfaceSchema>;
