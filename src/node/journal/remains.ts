/**
 * The journal's entry about an engine that died as master, which could not write it itself.
 *
 * @module
 */

import type { Journal } from "../../status/journal.ts";
import type { VirtualAddress } from "../../vip/addresses.ts";

/** Records that these addresses of an instance were found. */
export function recordRemains(
  journal: Pick<Journal, "record">,
  instance: string,
  addresses: readonly VirtualAddress[],
): void {
  const left = addresses.map(({ address, prefixLength, device }) =>
    `${address}/${prefixLength} on ${device}`
  );
  const message = `${instance}: the engine died and left ${left.join(", ")}`;
  journal.record("warning", "engine_died", message, instance);
}
