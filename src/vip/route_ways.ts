/**
 * The ways of a route, and the interfaces by which each may leave. Pure.
 *
 * @module
 */

import { type IpAddress, isInNetwork } from "../wire/address.ts";
import type { VirtualRoute } from "./routing.ts";

/** An own network of an interface. */
export interface InterfaceNetwork {
  readonly device: string;
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** A gateway, an interface, or both; the kernel finds the interface of a gateway that has none. */
interface Way {
  readonly via?: IpAddress;
  readonly device?: string;
}

/** One for each next hop; none if the packets go nowhere. */
function waysOf(route: VirtualRoute): readonly Way[] {
  return route.type === undefined ? route.nextHops ?? [route] : [];
}

/** True if the kernel finds the interface of one of the route's gateways. */
export function hasGatewayAlone(route: VirtualRoute): boolean {
  return waysOf(route).some(({ via, device }) => via !== undefined && device === undefined);
}

/**
 * The interfaces of each of the route's ways: any one of them will do. For a gateway alone they are those with the
 * narrowest network that has it; none if it is in no network, such as one behind a route of its own.
 *
 * @param isSetUp whether an interface is set up, with or without a carrier: the kernel knows no network of another one
 */
export function wayDevices(
  route: VirtualRoute,
  networks: readonly InterfaceNetwork[],
  isSetUp: (device: string) => boolean,
): readonly (readonly string[])[] {
  return waysOf(route).map(({ via, device }) => {
    if (device !== undefined) return [device];
    if (via === undefined) return [];
    const around = networks.filter(({ address, prefixLength }) =>
      isInNetwork(via, address, prefixLength)
    );
    const known = around.filter((network) => isSetUp(network.device));
    return narrowestOf(known.length > 0 ? known : around);
  });
}

function narrowestOf(around: readonly InterfaceNetwork[]): string[] {
  const narrowest = Math.max(...around.map(({ prefixLength }) => prefixLength));
  const devices = around.filter(({ prefixLength }) => prefixLength === narrowest)
    .map(({ device }) => device);
  return Array.from(new Set(devices));
}
