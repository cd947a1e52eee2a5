/**
 * What an earlier run left on the host beside addresses is removed at start: nobody here is master yet.
 *
 * @module
 */

import { routingText } from "../vip/routing.ts";
import type { Host, HostError } from "./host.ts";
import type { Journal } from "./journal.ts";

/** Before the addresses: with them the kernel drops some routes, and with an interface its addresses, untold. */
export function removeLeftBehind(host: Host, journal: Journal): void {
  for (const entry of host.ownRouting().toReversed()) {
    tell(journal, "routing", routingText(entry), host.removeRouting(entry));
  }
  for (const name of host.ownInterfaces()) {
    tell(journal, "virtual_mac", `interface ${name}`, host.removeInterface(name));
  }
}

function tell(journal: Journal, kind: string, what: string, error: HostError | null): void {
  if (error) {
    const message = `${what} is left from an earlier run and cannot be removed: ${error.message}`;
    journal.record("error", `${kind}_failed`, message);
  } else {
    const message = `${what} was left from an earlier run and is removed`;
    journal.record("notice", `${kind}_left_behind`, message);
  }
}
