/**
 * The port to locks that all daemons of one machine share.
 *
 * @module
 */

/** Another daemon on this machine that has locked something. */
export interface LockHolder {
  /** `null` when it is not known, as in another PID namespace. */
  readonly pid: number | null;
  /** Its name (comm, proc(5)); `null` when it is not known. */
  readonly name: string | null;
}

/** Locks what several daemons of one machine could hold. */
export interface Locks {
  /**
   * Says to all other daemons on this machine that the resource is in this one's care, until it ends or `unlock`.
   *
   * @param resource a text that names it to all of them
   * @returns who has locked it before; `null` when this daemon has it now
   */
  lock(resource: string): LockHolder | null;
  unlock(resource: string): void;
  /** Which other daemon has locked it; `null` when none has. */
  lockHolder(resource: string): LockHolder | null;
}
