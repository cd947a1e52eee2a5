/**
 * The parts of a virtual route in addition to its way.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import {
  ROUTE_OPTIONS,
  type RouteOption,
  type RouteOptions,
  type RouteType,
} from "../wire/netlink/route_attributes.ts";

export type { RouteOption, RouteOptions, RouteType };

/** One of several ways of a route. */
export interface NextHop {
  readonly via?: IpAddress;
  readonly device?: string;
  /** 1 to 256: its share of the packets. */
  readonly weight: number;
  /** The gateway is on the device's link, whatever the networks of the device are. */
  readonly onLink?: true;
}

const OPTION_NAMES = Object.keys(ROUTE_OPTIONS) as RouteOption[];

/** True if the actual next hops are the desired ones, in whatever sequence; a device that is not desired may be any. */
export function sameNextHops(desired: readonly NextHop[], actual: readonly NextHop[]): boolean {
  if (desired.length !== actual.length) return false;
  const left = [...actual];
  return desired.every((wanted) => {
    const at = left.findIndex((found) =>
      found.via === wanted.via && found.weight === wanted.weight &&
      found.onLink === wanted.onLink &&
      (wanted.device === undefined || found.device === wanted.device)
    );
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

export function sameOptions(a: RouteOptions, b: RouteOptions): boolean {
  return optionsText(a) === optionsText(b);
}

/** In the words of ip-route(8), with a blank before them: ` mtu lock 1400`. */
export function optionsText(options: RouteOptions): string {
  return OPTION_NAMES.map((name) => {
    const value = options[name];
    const lock = options.lock?.includes(name) ? "lock " : "";
    return value === undefined ? "" : ` ${name} ${lock}${value}`;
  }).join("");
}

/** In the words of ip-route(8), with a blank before them: ` nexthop via 192.168.31.1 weight 2`. */
export function nextHopsText(nextHops: readonly NextHop[]): string {
  return nextHops.map(({ via, device, weight, onLink }) =>
    " nexthop" + (via === undefined ? "" : ` via ${via}`) +
    (device === undefined ? "" : ` dev ${device}`) + (weight === 1 ? "" : ` weight ${weight}`) +
    (onLink ? " onlink" : "")
  ).join("");
}
