/**
 * The reasons of transitions, as values.
 *
 * @module
 */

import type { TransitionReason } from "../vrrp/router_events.ts";

/** The type's members; one that is missing here is an error of the type checker. */
const ALL: Readonly<Record<TransitionReason, true>> = {
  startup: true,
  recovered: true,
  owner: true,
  master_silent: true,
  master_released: true,
  preempted_lower_priority: true,
  higher_priority_master: true,
  promote: true,
  demote: true,
  unwell: true,
  sync_group: true,
  lease_lapsed: true,
  overslept: true,
  split_brain: true,
  fault: true,
  shutdown: true,
};

export const TRANSITION_REASONS = Object.keys(ALL) as TransitionReason[];
