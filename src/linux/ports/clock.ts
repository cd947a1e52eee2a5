/**
 * The clocks of Linux, and timers that the kernel wakes.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { Timers } from "../sys/timers.ts";

export function linuxClock(timers: Timers): Clock {
  return {
    // The master's last advert is read 0.2 to 0.5 ms after it came, waking takes as long, and so does adding an address
    // and announcing it.
    leadMs: 2,
    // A wake costs as much as ten adverts or more. Not longer: what leaves at one wake arrives at once, and the usual
    // receive buffer holds some 250 adverts.
    stepMs: 50,
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    setTimer: (atMs, fire, earlyMs) => timers.set(atMs, fire, earlyMs),
    newTimer: (fire) => timers.make(fire),
  };
}
