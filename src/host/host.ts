/**
 * What a load balancer needs from the machine it runs on. `linux/` is the real one, `sim/` the virtual
 * one; the node knows neither. Every call is synchronous: an effect is done, or its error known, when
 * the call returns, so that the order of effects is the order of calls.
 *
 * Each port has a file next to this one. Anything that needs only one or two of them takes these, not the whole host.
 *
 * @module
 */

import type { Addresses } from "./addresses.ts";
import type { Claims } from "./claims.ts";
import type { Clock } from "./clock.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Locks } from "./locks.ts";
import type { Programs } from "./programs.ts";
import type { Routing } from "./routing.ts";
import type { Vrrp } from "./vrrp.ts";

// What works with the whole host has the types of its calls from here.
export type { VirtualAddress } from "./addresses.ts";
export type { ClaimPort, HeardClaim } from "./claims.ts";
export type { CancelTimer, Timer } from "./clock.ts";
export { type HostError, isHostError } from "./errors.ts";
export type { InterfaceAddress, InterfaceState, VirtualInterface } from "./interfaces.ts";
export type { LockHolder } from "./locks.ts";
export type { RoutingEntry } from "./routing.ts";
export type {
  ExpectedRouter,
  Tap,
  VrrpDatagram,
  VrrpPort,
  VrrpPortOptions,
  VrrpTap,
} from "./vrrp.ts";

/** All ports of one machine. */
export type Host =
  & Clock
  & Interfaces
  & Vrrp
  & Addresses
  & Routing
  & Claims
  & Locks
  & Programs;
