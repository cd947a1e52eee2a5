/**
 * The terms that several parts of the status model share: the registry of what has a name in the OpenAPI document,
 * counts, times, and the words that more than one part has.
 *
 * @module
 */

import * as z from "zod";
import type { RouterState } from "../../vrrp/router_events.ts";
import type { Family } from "../../wire/address.ts";

/** Schemas with a name in the document. */
export const named = z.registry<{ readonly id: string; readonly description: string }>();

/** The keys, for what is listed once and typed. */
export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(record) as [K, ...K[]];
}

/** How many. */
export const count = z.int().min(0);
export const time = z.iso.datetime().describe("RFC 3339, in UTC");
export const severity = z.enum(["error", "warning"]);
export const routerState = z.enum(["init", "backup", "master", "fault"]) satisfies z.ZodType<
  RouterState
>;
export const priority = z.int().min(0).max(255);
export const family = z.enum(["ipv4", "ipv6"]) satisfies z.ZodType<Family>;
export const authentication = z.enum(["none", "pass", "hmac"]);
export const overrideKind = z.enum(["promoted", "demoted", "priority"]);
