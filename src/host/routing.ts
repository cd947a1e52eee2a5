/**
 * The port to the virtual routes and policy rules on the host.
 *
 * @module
 */

import type { RoutingEntry } from "../vip/routing.ts";
import type { HostError } from "./errors.ts";

export type { RoutingEntry };

/** Adds routes and policy rules with vipd's mark, and removes only those that have it. */
export interface Routing {
  /**
   * Adds a route or policy rule with vipd's mark, in place of one with the mark and the same identity; no error when it
   * is there already.
   */
  addRouting(entry: RoutingEntry): HostError | null;
  /** Removes one that has the mark; no error when it is not there. */
  removeRouting(entry: RoutingEntry): HostError | null;
  /** The routes and policy rules that have vipd's mark now; at start those of an earlier run. */
  ownRouting(): readonly RoutingEntry[];
  /** Calls `listener` when another program may have changed one of those. */
  watchRouting(listener: () => void): void;
}
