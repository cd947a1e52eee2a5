/** The timers of a simulated machine's process: what has ended must not be woken. */

import type { SimHost } from "../../src/sim/host.ts";

/** Counts from now on how many timers were set, and how many of them run. */
export function countTimers(host: SimHost): { readonly set: number; readonly running: number } {
  const running = new Set<() => void>();
  const { setTimer } = host;
  let set = 0;
  host.setTimer = (atMs, fire) => {
    const fired = () => {
      running.delete(fired);
      fire();
    };
    running.add(fired);
    set++;
    const cancel = setTimer.call(host, atMs, fired);
    return () => {
      running.delete(fired);
      cancel();
    };
  };
  return {
    get set() {
      return set;
    },
    get running() {
      return running.size;
    },
  };
}
