/**
 * Locks that all daemons of one machine share.
 *
 * @module
 */

import type { Locks } from "../../host/locks.ts";
import type { ResourceLocks } from "../process/resource_locks.ts";

export function linuxLocks(locks: ResourceLocks): Locks {
  return {
    lock: (resource) => locks.take(resource),
    unlock: (resource) => locks.free(resource),
    lockHolder: (resource) => locks.holder(resource),
  };
}
