/**
 * The machine as a goodbye needs it.
 *
 * @module
 */

import type { Addresses } from "./addresses.ts";
import type { Clock } from "./clock.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Locks } from "./locks.ts";
import type { Routing } from "./routing.ts";
import type { Vrrp } from "./vrrp.ts";

/** The remains of a dead engine on the machine, and a way to send its last advert. */
export type GoodbyeHost =
  & Pick<Clock, "wallClockMs">
  & Pick<Interfaces, "interfaceState" | "ownInterfaces" | "removeInterface">
  & Pick<Locks, "lockHolder">
  & Pick<Addresses, "markedAddresses" | "removeAddress">
  & Pick<Routing, "ownRouting" | "removeRouting">
  & Pick<Vrrp, "openVrrp" | "sendVrrpAs">
  & {
    /** Addresses carry vipd's mark; Linux before 5.18 has none. */
    readonly marksAddresses: boolean;
    /** Another program of this machine speaks VRRP: what carries the mark may be another vipd's. */
    readonly othersSpeak: boolean;
  };
