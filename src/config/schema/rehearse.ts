/**
 * `rehearse`: how vipd tries out whether this node's nginx would serve.
 *
 * @module
 */

import * as z from "zod";
import { WARN_BEFORE_MS } from "../values/defaults.ts";
import { formatDuration } from "../values/durations.ts";
import { readRehearsedName, readRehearsedPath } from "../values/rehearsed.ts";
import { DAY_MS, duration, MINUTE_MS, text } from "./fields.ts";

export const RehearseSchema = z.strictObject({
  names: z.array(text("name of a host", readRehearsedName)).max(1000).prefault([]).meta({
    examples: [["www.example.com", "shop.example.com:8443"]],
  }).describe(
    "Names to ask for besides those in nginx's files, with a port if it is not 443; port 80 is asked without TLS. " +
      "For files that vipd may not read, and for server names that are regular expressions.",
  ),
  except: z.array(text("name of a host", readRehearsedName)).max(1000).prefault([]).meta({
    examples: [["lb01.example.com"]],
  }).describe(
    "Names of this node alone, which the other one need not serve: neither asked nor compared. Without a port it " +
      "holds for all ports. Those in `api.hosts` are among them.",
  ),
  paths: z.array(text("path", readRehearsedPath)).min(1).max(10).prefault(["/"])
    .describe("Paths to ask for with each name, such as `/health`."),
  warn_before: duration(MINUTE_MS, 365 * DAY_MS, { zero: true }).prefault(
    formatDuration(WARN_BEFORE_MS),
  )
    .describe(
      "A certificate that expires sooner is a reason of the verdict; 0 for one that has expired.",
    ),
  every: duration(MINUTE_MS, DAY_MS, { zero: true }).prefault("15m").describe(
    "How often vipd rehearses by itself, besides after each reload of nginx; 0 for never, not even then.",
  ),
});

export type RehearseValues = z.output<typeof RehearseSchema>;
