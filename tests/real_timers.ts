/** The host's timers, for tests that take real time. */

import type { LaggingTimers } from "../src/daemon/loop_lag.ts";

export const REAL_TIMERS: LaggingTimers = {
  nowMs: () => performance.now(),
  setTimer: (atMs, fire) => {
    const timer = setTimeout(fire, Math.max(0, atMs - performance.now()));
    return () => clearTimeout(timer);
  },
  takeLateMs: () => 0,
};
