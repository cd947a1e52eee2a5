/**
 * From the file's routes and rules to those that the program uses.
 *
 * @module
 */

import type { NextHop, RouteOptions } from "../../vip/route_attributes.ts";
import type { RoutingEntry, VirtualRoute, VirtualRule } from "../../vip/routing.ts";
import { type Family, familyOf } from "../../wire/address.ts";
import type { NextHopValues, RouteValues, RuleValues } from "../schema/host.ts";

/** The part of an instance about routing. */
interface RoutingValues {
  readonly routes: readonly RouteValues[];
  readonly rules: readonly RuleValues[];
}

/**
 * The routes and rules of an instance, routes first: a rule must not lead into an empty table.
 *
 * @param device where a route without gateway goes that names no interface.
 */
export function toRouting(values: RoutingValues, family: Family, device: string): RoutingEntry[] {
  return [
    ...values.routes.map((route) => toRoute(route, family, device)),
    ...values.rules.map((rule) => toRule(rule, family)),
  ];
}

/** One route; of the instance's `family` where it has no address that says another. */
export function toRoute(values: RouteValues, family: Family, device: string): VirtualRoute {
  const { to, via, source, metric, table, scope, type, tos, options } = values;
  const nextHops = values.next_hops?.map((nextHop) => toNextHop(nextHop, device));
  const known = to?.address ?? via ?? source ?? nextHops?.find((nextHop) => nextHop.via)?.via;
  const goes = type === "unicast" && nextHops === undefined;
  // The kernel does not look for the interface of a gateway that is on the link by decree.
  const byDefault = goes && (via === undefined || values.on_link) ? device : undefined;
  const out = values.device ?? byDefault;
  return {
    kind: "route",
    family: known === undefined ? family : familyOf(known),
    to,
    ...(via !== undefined && { via }),
    ...(out !== undefined && { device: out }),
    ...(source !== undefined && { source }),
    ...(metric !== undefined && { metric }),
    table,
    ...(scope !== undefined && { scope }),
    ...(type !== "unicast" && { type }),
    ...(tos !== undefined && { tos }),
    ...(values.on_link && { onLink: true }),
    ...(nextHops !== undefined && { nextHops }),
    ...(options !== undefined && { options: toOptions(options) }),
  };
}

function toNextHop(values: NextHopValues, device: string): NextHop {
  const { via, weight, on_link: onLink } = values;
  const out = values.device ?? (via === undefined || onLink ? device : undefined);
  return {
    ...(via !== undefined && { via }),
    ...(out !== undefined && { device: out }),
    weight,
    ...(onLink && { onLink: true }),
  };
}

/** Without keys that the file does not have. */
function toOptions(values: NonNullable<RouteValues["options"]>): RouteOptions {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** One rule; of the instance's `family` where it has no address that says another. */
export function toRule(values: RuleValues, family: Family): VirtualRule {
  const { from, to, fwmark, iif, oif, table, priority } = values;
  const known = from?.address ?? to?.address;
  return {
    kind: "rule",
    family: known === undefined ? family : familyOf(known),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(fwmark !== undefined && { fwmark }),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    table,
    priority,
  };
}
