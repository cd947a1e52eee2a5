/**
 * What the API needs of a load balancer: its status, its journal, its orders, and another configuration for it.
 *
 * @module
 */

import type { Commands } from "../node/commands.ts";
import type { Journal } from "../node/journal.ts";
import type { Reload } from "./reloading.ts";
import type { NodeStatus } from "../node/status.ts";

export interface ApiBackend extends Commands {
  /** The load balancer as it is now. */
  status(): NodeStatus;
  readonly journal: Journal;
  readonly reload: Reload;
}
