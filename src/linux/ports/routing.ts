/**
 * Virtual routes and policy rules, through netlink.
 *
 * @module
 */

import type { Routing } from "../../host/routing.ts";
import type { Routing as NetlinkRouting } from "../netlink/routing.ts";

export function linuxRouting(routing: NetlinkRouting): Routing {
  return {
    addRouting: (entry) => routing.add(entry),
    removeRouting: (entry) => routing.remove(entry),
    ownRouting: () => routing.own(),
    watchRouting: (listener) => routing.watch(listener),
  };
}
