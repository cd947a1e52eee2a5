/**
 * A socket that is waited for needs these parts of its host.
 *
 * @module
 */

import type { Libc } from "./libc.ts";
import type { Reactor } from "./reactor.ts";
import type { Timers } from "./timers.ts";

/** The system calls, who waits for descriptors, and the timers of one host. */
export interface SysContext {
  readonly libc: Libc;
  readonly reactor: Reactor;
  readonly timers: Timers;
}
