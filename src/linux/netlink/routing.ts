/**
 * Routes and policy rules through rtnetlink(7).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { NextHop } from "../../vip/route_attributes.ts";
import {
  findRouting,
  routeScope,
  type RoutingEntry,
  routingText,
  sameRouting,
  type VirtualRoute,
  type VirtualRule,
} from "../../vip/routing.ts";
import type { Family } from "../../wire/address.ts";
import {
  type Acknowledgement,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../../wire/netlink/netlink.ts";
import {
  ANY_SCOPE,
  decodeRoute,
  decodeRule,
  encodeRoute,
  encodeRoutingQuery,
  encodeRule,
  type RouteMessage,
  type RuleMessage,
} from "../../wire/netlink/routing.ts";
import type { NextHopMessage } from "../../wire/netlink/route_attributes.ts";
import { scopeName, SCOPES } from "../../wire/netlink/rtnetlink.ts";
import { asHostError, EEXIST, ENODEV, ENOENT, ESRCH, hostError } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";
import type { Reactor } from "../sys/reactor.ts";
import { NetlinkRequester } from "./netlink_socket.ts";
import { RoutingWatch } from "./routing_watch.ts";

/**
 * rtm_protocol and FRA_PROTOCOL of the entries that vipd adds, which distinguish them from all others; `ip route` and
 * `ip rule` show them as `proto 118`.
 */
const VIPD_ROUTE_PROTOCOL = 118;

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** Names and kernel indices of interfaces. */
export interface InterfaceNames {
  indexOf(name: string): number | undefined;
  nameOf(index: number): string | undefined;
}

export class Routing {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #requester: NetlinkRequester;
  readonly #interfaces: InterfaceNames;
  /** Opened with the first entry, so that routes do not wake a host without any. */
  #watch: RoutingWatch | null = null;
  #listeners: (() => void)[] = [];
  /** The kernel's entries at the last look; `null` if they may have changed since. */
  #own: readonly RoutingEntry[] | null = null;

  /** @throws {SysError} */
  constructor(libc: Libc, reactor: Reactor, interfaces: InterfaceNames) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#requester = new NetlinkRequester(libc);
    this.#requester.askStrictly();
    this.#interfaces = interfaces;
  }

  /** Calls `listener` when another program may have changed one of vipd's routes or rules. */
  watch(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** With a link or an address the kernel drops the routes that need it, and reports nothing. */
  interfacesChanged(): void {
    this.#own = null;
  }

  /**
   * Equivalent to `ip route add ... proto 118` and `ip rule add ... proto 118`. Changes an existing entry of vipd's to
   * what is desired now; returns an error if another program's route is there.
   */
  add(entry: RoutingEntry): HostError | null {
    const action = `add ${routingText(entry)}`;
    return this.#attempt(action, () => {
      const device = devicesOf(entry).find((name) => this.#indexOf(name) === undefined);
      if (device !== undefined) {
        return hostError(action, "rtnetlink", ENODEV, `there is no interface ${device}`);
      }
      this.#watchFor(entry);
      const answer = this.#request(entry);
      if (answer.errno !== EEXIST) return refusal(action, answer);
      this.#own = null;
      const finding = findRouting(entry, this.own());
      if (finding.kind === "present") return null;
      if (finding.kind === "altered") {
        // Not by a replacement, because that does not check the mark.
        const error = this.remove(entry);
        return error ?? refusal(action, this.#request(entry));
      }
      return refusal(action, { ...answer, text: "there is one already that is not vipd's" });
    });
  }

  /**
   * Equivalent to `ip route del ... proto 118` and `ip rule del ... proto 118`; no error if the entry does not exist.
   */
  remove(entry: RoutingEntry): HostError | null {
    const action = `remove ${routingText(entry)}`;
    return this.#attempt(action, () => {
      this.#own = null;
      // Without a metric the kernel removes any route of the protocol to that destination.
      if (!this.own().some((other) => sameRouting(other, entry))) return null;
      this.#own = null;
      const { errno, text } = entry.kind === "route"
        // Only by destination, metric, table and protocol: the device may be gone, or another by now.
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

  /** The entries that vipd has added, in this run or an earlier one, as the kernel has them now. */
  own(): readonly RoutingEntry[] {
    return this.#own ??= FAMILIES.flatMap((family): RoutingEntry[] => [
      ...this.#dump(RTM_GETROUTE, encodeRoutingQuery(family, VIPD_ROUTE_PROTOCOL), (payload) => {
        const route = decodeRoute(payload);
        return route?.protocol === VIPD_ROUTE_PROTOCOL ? this.#virtualRoute(route) : null;
      }),
      ...this.#dump(RTM_GETRULE, encodeRoutingQuery(family), (payload) => {
        const rule = decodeRule(payload);
        return rule?.protocol === VIPD_ROUTE_PROTOCOL ? virtualRule(rule) : null;
      }),
    ]);
  }

  #request(entry: RoutingEntry): Acknowledgement {
    this.#own = null;
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    return entry.kind === "route"
      ? this.#requester.request(RTM_NEWROUTE, flags, encodeRoute(this.#routeMessage(entry)))
      : this.#requester.request(RTM_NEWRULE, flags, encodeRule(ruleMessage(entry)));
  }

  #watchFor(entry: RoutingEntry): void {
    this.#watch ??= new RoutingWatch(this.#libc, this.#reactor, {
      ownPortId: this.#requester.portId(),
      protocol: VIPD_ROUTE_PROTOCOL,
      changed: () => {
        this.#own = null;
        for (const listener of this.#listeners) listener();
      },
    });
    if (entry.kind === "route") this.#watch.add(entry);
  }

  /** The reactor must have been closed. */
  close(): void {
    this.#watch?.close();
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

  #dump<T>(type: number, query: Uint8Array, convert: (payload: Uint8Array) => T | null): T[] {
    // A system without IPv6 answers with the routes of all families that it has.
    return this.#requester.dump(type, query, ({ payload }) => convert(payload));
  }

  #routeMessage(route: VirtualRoute): RouteMessage {
    const outIndex = this.#indexOf(route.device);
    const nextHops = route.nextHops?.map((nextHop) => this.#nextHopMessage(nextHop));
    return {
      ...routeIdentity(route),
      ...(route.type && { type: route.type }),
      ...(route.onLink && { onLink: true }),
      ...(nextHops && { nextHops }),
      ...(route.options && { options: route.options }),
      ...(route.via !== undefined && { gateway: route.via }),
      ...(outIndex !== undefined && { outIndex }),
      ...(route.source !== undefined && { source: route.source }),
      scope: SCOPES[routeScope(route)],
    };
  }

  #nextHopMessage({ via, device, weight, onLink }: NextHop): NextHopMessage {
    const outIndex = this.#indexOf(device);
    return {
      ...(via !== undefined && { gateway: via }),
      ...(outIndex !== undefined && { outIndex }),
      weight,
      onLink: onLink ?? false,
    };
  }

  #indexOf(device: string | undefined): number | undefined {
    return device === undefined ? undefined : this.#interfaces.indexOf(device);
  }

  #nameOf(index: number | undefined): string | undefined {
    return index === undefined ? undefined : this.#interfaces.nameOf(index);
  }

  /** `null` for a scope that cannot be configured: another program has replaced the entry. */
  #virtualRoute(message: RouteMessage): VirtualRoute | null {
    const { family, to, gateway, outIndex, source, metric, table, type, tos, options, more } =
      message;
    const device = this.#nameOf(outIndex);
    const nextHops = message.nextHops?.map((nextHop): NextHop => {
      const device = this.#nameOf(nextHop.outIndex);
      return {
        ...(nextHop.gateway !== undefined && { via: nextHop.gateway }),
        ...(device !== undefined && { device }),
        weight: nextHop.weight,
        ...(nextHop.onLink && { onLink: true }),
      };
    });
    const scope = scopeName(message.scope);
    if (scope === undefined) return null;
    return {
      kind: "route",
      family,
      to,
      ...(gateway !== undefined && { via: gateway }),
      ...(device !== undefined && { device }),
      ...(source !== undefined && { source }),
      ...(metric !== undefined && { metric }),
      table,
      ...(family === "ipv4" && { scope }),
      ...(type && { type }),
      ...(tos !== undefined && { tos }),
      ...(message.onLink && { onLink: true }),
      ...(nextHops && { nextHops }),
      ...(options && { options }),
      ...(more && { more }),
    };
  }
}

/** The interfaces that the entry needs. */
function devicesOf(entry: RoutingEntry): string[] {
  if (entry.kind === "rule") return [];
  const { device, nextHops = [] } = entry;
  return [device, ...nextHops.map((nextHop) => nextHop.device)].filter((name) =>
    name !== undefined
  );
}

function routeIdentity(route: VirtualRoute): Omit<RouteMessage, "scope"> {
  const { family, to, metric, table, type, tos } = route;
  const protocol = VIPD_ROUTE_PROTOCOL;
  return {
    ...{ family, to, table, protocol },
    ...(metric !== undefined && { metric }),
    ...(type !== undefined && { type }),
    ...(tos !== undefined && { tos }),
  };
}

function ruleMessage({ kind: _, ...rule }: VirtualRule): RuleMessage {
  return { ...rule, protocol: VIPD_ROUTE_PROTOCOL };
}

function virtualRule({ protocol: _, ...rule }: RuleMessage): VirtualRule {
  return { kind: "rule", ...rule };
}

function refusal(action: string, { errno, text }: Acknowledgement): HostError | null {
  return errno === 0 ? null : hostError(action, "rtnetlink", errno, text);
}
