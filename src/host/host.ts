/**
 * A load balancer needs this from the machine that it runs on. `linux/` implements the real machine, `sim/` the virtual
 * one; the node knows neither. Every call is synchronous: an effect is done, or its error known, when the call returns,
 * so that the order of effects is the order of calls.
 *
 * Each port has a file next to this one. Anything that needs only one or two of them takes these, not the whole host.
 *
 * @module
 */

import type { Addresses } from "./addresses.ts";
import type { Claims } from "./claims.ts";
import type { Clock } from "./clock.ts";
import type { Firewall } from "./firewall.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Locks } from "./locks.ts";
import type { Programs } from "./programs.ts";
import type { Routing } from "./routing.ts";
import type { Vrrp } from "./vrrp.ts";

/** All ports of one machine. */
export type Host =
  & Clock
  & Interfaces
  & Vrrp
  & Addresses
  & Routing
  & Claims
  & Locks
  & Firewall
  & Programs;
