/**
 * Routes and policy rules through rtnetlink(7).
 *
 * @module
 */

import type { HostError } from "../node/host.ts";
import {
  type RoutingEntry,
  routingText,
  sameRouting,
  type VirtualRoute,
  type VirtualRule,
} from "../vip/routing.ts";
import type { Family } from "../wire/address.ts";
import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../wire/netlink.ts";
import {
  ANY_SCOPE,
  decodeRoute,
  decodeRule,
  encodeRoute,
  encodeRoutingQuery,
  encodeRule,
  type RouteMessage,
  type RuleMessage,
} from "../wire/routing.ts";
import { type AddressScope, SCOPES } from "../wire/rtnetlink.ts";
import { asHostError, EEXIST, ENODEV, ENOENT, ESRCH, hostError } from "./errors.ts";
import type { Libc } from "./libc.ts";
import { NetlinkRequester } from "./netlink_socket.ts";

/**
 * rtm_protocol and FRA_PROTOCOL of what vipd adds, so that it can be told from all else; `ip route` and `ip rule`
 * show it as `proto 118`.
 */
const VIPD_ROUTE_PROTOCOL = 118;

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** Names and kernel indices of interfaces. */
export interface InterfaceNames {
  indexOf(name: string): number | undefined;
  nameOf(index: number): string | undefined;
}

export class Routing {
  readonly #requester: NetlinkRequester;
  readonly #interfaces: InterfaceNames;

  /** @throws {SysError} */
  constructor(libc: Libc, interfaces: InterfaceNames) {
    this.#requester = new NetlinkRequester(libc);
    this.#interfaces = interfaces;
  }

  /**
   * Equivalent to `ip route add ... proto 118` and `ip rule add ... proto 118`. No error when vipd's own is there
   * already; one when another program's route is in its place.
   */
  add(entry: RoutingEntry): HostError | null {
    const action = `add ${routingText(entry)}`;
    return this.#attempt(action, () => {
      const device = entry.kind === "route" ? entry.device : undefined;
      if (device !== undefined && this.#interfaces.indexOf(device) === undefined) {
        return hostError(action, "rtnetlink", ENODEV, `there is no interface ${device}`);
      }
      const flags = NLM_F_CREATE | NLM_F_EXCL;
      const { errno, text } = entry.kind === "route"
        ? this.#requester.request(RTM_NEWROUTE, flags, encodeRoute(this.#routeMessage(entry)))
        : this.#requester.request(RTM_NEWRULE, flags, encodeRule(ruleMessage(entry)));
      const isThere = errno === EEXIST && this.own().some((other) => sameRouting(other, entry));
      if (errno === 0 || isThere) return null;
      const detail = errno === EEXIST ? "there is one already that is not vipd's" : text;
      return hostError(action, "rtnetlink", errno, detail);
    });
  }

  /** Equivalent to `ip route del ... proto 118` and `ip rule del ... proto 118`; no error when it is not there. */
  remove(entry: RoutingEntry): HostError | null {
    const action = `remove ${routingText(entry)}`;
    return this.#attempt(action, () => {
      const { errno, text } = entry.kind === "route"
        // By destination, metric, table and protocol alone: the device may be gone, or another by now.
        ? this.#requester.request(
          RTM_DELROUTE,
          0,
          encodeRoute({ ...routeIdentity(entry), scope: ANY_SCOPE }),
        )
        : this.#requester.request(RTM_DELRULE, 0, encodeRule(ruleMessage(entry)));
      const gone = errno === 0 || errno === ESRCH || errno === ENOENT;
      return gone ? null : hostError(action, "rtnetlink", errno, text);
    });
  }

  /** What vipd has added, in this run or an earlier one. */
  own(): RoutingEntry[] {
    return FAMILIES.flatMap((family): RoutingEntry[] => [
      ...this.#dump(RTM_GETROUTE, family, (payload) => {
        const route = decodeRoute(payload);
        return route?.protocol === VIPD_ROUTE_PROTOCOL ? this.#virtualRoute(route) : null;
      }),
      ...this.#dump(RTM_GETRULE, family, (payload) => {
        const rule = decodeRule(payload);
        return rule?.protocol === VIPD_ROUTE_PROTOCOL ? virtualRule(rule) : null;
      }),
    ]);
  }

  close(): void {
    this.#requester.close();
  }

  #attempt(action: string, request: () => HostError | null): HostError | null {
    try {
      return request();
    } catch (error) {
      if (error instanceof RangeError) return { code: "address", message: `Cannot ${action}` };
      return asHostError(error);
    }
  }

  #dump<T>(type: number, family: Family, convert: (payload: Uint8Array) => T | null): T[] {
    return this.#requester.dump(
      type,
      encodeRoutingQuery(family),
      // A system without IPv6 answers with the routes of all families it has.
      ({ payload }) => convert(payload),
    );
  }

  #routeMessage(route: VirtualRoute): RouteMessage {
    const outIndex = route.device === undefined
      ? undefined
      : this.#interfaces.indexOf(route.device);
    return {
      ...routeIdentity(route),
      ...(route.via !== undefined && { gateway: route.via }),
      ...(outIndex !== undefined && { outIndex }),
      ...(route.source !== undefined && { source: route.source }),
      scope: SCOPES[route.scope ?? (route.via === undefined ? "link" : "global")],
    };
  }

  #virtualRoute(message: RouteMessage): VirtualRoute {
    const { family, to, gateway, outIndex, source, metric, table } = message;
    const device = outIndex === undefined ? undefined : this.#interfaces.nameOf(outIndex);
    const scope = scopeName(message.scope);
    return {
      kind: "route",
      family,
      to,
      ...(gateway !== undefined && { via: gateway }),
      ...(device !== undefined && { device }),
      ...(source !== undefined && { source }),
      ...(metric !== undefined && { metric }),
      table,
      ...(family === "ipv4" && scope !== undefined && { scope }),
    };
  }
}

function routeIdentity({ family, to, metric, table }: VirtualRoute): Omit<RouteMessage, "scope"> {
  const protocol = VIPD_ROUTE_PROTOCOL;
  return { family, to, table, protocol, ...(metric !== undefined && { metric }) };
}

function ruleMessage({ kind: _, ...rule }: VirtualRule): RuleMessage {
  return { ...rule, protocol: VIPD_ROUTE_PROTOCOL };
}

function virtualRule({ protocol: _, ...rule }: RuleMessage): VirtualRule {
  return { kind: "rule", ...rule };
}

function scopeName(scope: number): AddressScope | undefined {
  return (Object.keys(SCOPES) as AddressScope[]).find((name) => SCOPES[name] === scope);
}
