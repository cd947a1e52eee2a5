/**
 * Programs that never rest, so that the machine has no processor to spare, or its kernel's lock on the network.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";

const COMPUTES = "while :; do :; done";

/**
 * Makes pairs of interfaces in a network namespace of its own, which removes them at its end: each change holds the lock
 * that all namespaces share (rtnl).
 */
export const CHANGES_INTERFACES = `while :; do
  unshare -n sh -c 'i=0; while [ $i -lt 40 ]; do ip link add a$i type veth peer b$i; i=$((i+1)); done'
done`;

export class BusyLoops implements AsyncDisposable {
  readonly #processes: readonly LabProcess[];

  /** Starts `count` of them on the host; they end with this, or with the host. */
  constructor(host: LabHost, count: number, script = COMPUTES) {
    this.#processes = Array.from(
      { length: count },
      () => host.start("busy loop", ["sh", "-c", script]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((it) => it.stop()));
  }
}
