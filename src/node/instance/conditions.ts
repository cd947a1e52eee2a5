/**
 * May an instance run, and with which priority? Worked out from its interface, what it tracks and what a
 * person overrides; nothing is remembered here.
 *
 * @module
 */

import type { InstanceConfig, TrackConfig } from "../../config/model.ts";
import type { Interfaces, InterfaceState } from "../../host/interfaces.ts";
import { wayDevices } from "../../vip/route_ways.ts";
import type { VirtualRoute } from "../../vip/routing.ts";
import {
  type EffectivePriority,
  effectivePriority,
  numberFault,
  type Override,
  PRIORITY_UNWILLING,
  type PriorityLimit,
  type WeightedPart,
} from "../../vrrp/priority.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Checks } from "../checks/checks.ts";
import type { Networks } from "../links/gateway_networks.ts";
import { linkProblem, type Links, type LinkState } from "../links/link_states.ts";
import type { VrrpPorts } from "../links/ports.ts";
import type { SourceNow } from "./adverts/advert_source.ts";

export interface Conditions {
  /** Why the instance must not run, one sentence each. */
  readonly faults: readonly string[];
  /** Why the instance serves only if no other node does, one sentence each. */
  readonly unwell: readonly string[];
  /** Facts that are not known yet and are waited for, one sentence each. */
  readonly pending: readonly string[];
  /** True when the instance cannot speak on its link, so that its peers cannot learn of a fault. */
  readonly silent: boolean;
  /** True when a fault is one of its own link: interface, source address, port. */
  readonly linkFault: boolean;
  /** The source of adverts, the last one if the interface does not have it any more; `null` before the first. */
  readonly primaryAddress: IpAddress | null;
  /** The parts that move the priority. */
  readonly weighted: readonly WeightedPart[];
  /** The reasons that keep it low; while there is any, the instance is a last resort. */
  readonly limits: readonly PriorityLimit[];
  readonly priority: EffectivePriority;
}

/** The facts that an instance's conditions are worked out from, in addition to its own configuration. */
export interface Surroundings {
  readonly host: Interfaces;
  readonly ports: VrrpPorts;
  readonly links: Links;
  /** By which the interface of a gateway is found. */
  readonly networks: Networks;
  readonly checks: Checks;
  /** Knows the virtual addresses of all instances of this node. */
  readonly isVirtual: (address: IpAddress) => boolean;
  /** Knows the interfaces that vipd makes for the virtual MAC addresses of its instances: they are down on purpose. */
  readonly isVirtualInterface: (name: string) => boolean;
  /** The reasons that keep the priority low, apart from what it tracks. */
  readonly held: readonly PriorityLimit[];
}

/**
 * The conditions of an instance now.
 *
 * @param source of its adverts; of one that the interface has lost it can still say goodbye.
 */
export function assessConditions(
  config: InstanceConfig,
  override: Override | null,
  surroundings: Surroundings,
  source: SourceNow,
): Conditions {
  const { host, ports, held } = surroundings;
  const state = host.interfaceState(config.interface);
  const port = ports.get(config.interface, config.family);
  const ownFaults = linkFaults(config, surroundings, state, source);
  const faults = [...ownFaults, ...deviceFaults(config, surroundings)];
  const tracked = trackedFindings(config, surroundings);
  faults.push(...tracked.faults);
  const limits = [...held, ...tracked.limits];
  const { unwell, pending, weighted } = tracked;
  return {
    faults,
    unwell,
    pending,
    silent: !state?.up || typeof port === "string" || source.address === null,
    linkFault: ownFaults.length > 0,
    primaryAddress: source.address,
    weighted,
    limits,
    priority: effectivePriority(config.priority, weighted, override, limits),
  };
}

/** The results of checks, by their names. */
export type CheckFindings = Pick<Checks, "verdict" | "number" | "detail">;

/** The tracked things, as they are now. */
interface Tracked {
  readonly links: Links;
  readonly checks: CheckFindings;
}

/** The consequences of what an instance tracks. */
interface TrackedFindings extends Pick<Conditions, "faults" | "unwell" | "pending" | "weighted"> {
  readonly limits: readonly PriorityLimit[];
}

/** The consequences for an instance of what it tracks, in the order of the configuration. */
export function trackedFindings(config: InstanceConfig, tracked: Tracked): TrackedFindings {
  const faults: string[] = [];
  const unwell: string[] = [];
  const pending: string[] = [];
  const weighted: WeightedPart[] = [];
  const limits: PriorityLimit[] = [];
  for (const track of config.track) {
    const what = track.kind === "check" ? `check ${track.check}` : `interface ${track.interface}`;
    const { ok, number } = trackedState(track, tracked);
    const { weight, whenDown, reverse } = track;
    if (weight !== undefined) {
      const part = { what, weight, reverse, ok, ...(number !== null && { number }) };
      weighted.push(part);
      const fault = numberFault(part);
      if (fault !== null) faults.push(fault);
    } else if (ok === reverse && whenDown === "last_resort") {
      unwell.push(trackFault(track, tracked.checks));
      const text = `${what} is ${ok ? "up" : "down"}: last resort`;
      limits.push({ what: text, most: PRIORITY_UNWILLING });
    } else if (ok === reverse) faults.push(trackFault(track, tracked.checks));
    if (ok === null) pending.push(`${what} has no result yet`);
  }
  return { faults, unwell, pending, weighted, limits };
}

/** The reasons why the instance cannot speak, as a person searches for the cause. */
function linkFaults(
  config: InstanceConfig,
  { links, ports }: Surroundings,
  state: InterfaceState | null,
  source: SourceNow,
): string[] {
  const { interface: name, trackInterface } = config;
  const problem = linkProblem(links.state(name));
  if (problem && (trackInterface || !state)) return [`interface ${name} ${problem}`];
  // With its link an interface loses its IPv6 addresses, and the port is not needed either.
  const linkMatters = trackInterface || state?.up === true;
  if (source.problem !== null && linkMatters) return [source.problem];
  const port = ports.get(name, config.family);
  return typeof port === "string" && linkMatters ? [port] : [];
}

/** The facts about the devices of addresses and routes. */
type DeviceSurroundings = Pick<Surroundings, "links" | "networks" | "isVirtualInterface"> & {
  readonly host: Pick<Interfaces, "interfaceState">;
};

/**
 * Devices of virtual addresses and of routes other than the instance's own interface: without their links nobody
 * reaches what they carry.
 */
export function deviceFaults(config: InstanceConfig, surroundings: DeviceSurroundings): string[] {
  const carried = new Map(config.addresses.map(({ device }) => [device, "a virtual address"]));
  for (const entry of config.routing) {
    if (entry.kind !== "route") continue;
    for (const device of devicesInTheWay(entry, config, surroundings)) {
      if (!carried.has(device)) carried.set(device, "a route");
    }
  }
  carried.delete(config.interface);
  return Array.from(carried).flatMap(([device, load]) => {
    const problem = linkProblem(deviceState(device, surroundings));
    return problem ? [`interface ${device}, which is to carry ${load}, ${problem}`] : [];
  });
}

/** The devices without whose links the route leads nowhere; none while one of its ways is open, or may be. */
function devicesInTheWay(
  route: VirtualRoute,
  { addresses }: InstanceConfig,
  surroundings: DeviceSurroundings,
): readonly string[] {
  // A gateway may be in the network of an address that comes with the route.
  const ways = wayDevices(
    route,
    [...surroundings.networks.all, ...addresses],
    (device) => !["down", "absent"].includes(deviceState(device, surroundings)),
  );
  const isOpen = (devices: readonly string[]) =>
    devices.length === 0 || devices.some((device) => deviceState(device, surroundings) === "up");
  return ways.some(isOpen) ? [] : ways.flat();
}

function deviceState(
  device: string,
  { host, links, isVirtualInterface }: DeviceSurroundings,
): LinkState {
  return isVirtualInterface(device) && host.interfaceState(device) ? "up" : links.state(device);
}

/** How a tracked thing is. */
interface TrackedState {
  /** Well or not, `null` while that is not known; what a file holds is well if it is 0. */
  readonly ok: boolean | null;
  /** The number in the file of a file check; `null` for everything else. */
  readonly number: number | null;
}

function trackedState(track: TrackConfig, { links, checks }: Tracked): TrackedState {
  if (track.kind === "interface") {
    return { ok: links.state(track.interface) === "up", number: null };
  }
  const verdict = checks.verdict(track.check);
  const number = checks.number(track.check);
  const ok = verdict === "unknown" ? null : verdict === "up" && (number === null || number === 0);
  return { ok, number };
}

function trackFault(track: TrackConfig, checks: CheckFindings): string {
  const { reverse } = track;
  if (track.kind === "interface") {
    const state = reverse ? "up, where it must be down" : "down or does not exist";
    return `tracked interface ${track.interface} is ${state}`;
  }
  const number = checks.number(track.check);
  if (number !== null && checks.verdict(track.check) === "up") {
    return `check ${track.check} ${reverse ? "holds 0, where it must not" : `holds ${number}`}`;
  }
  const state = reverse ? "up, where it must be down" : "down";
  return `check ${track.check} is ${state}: ${checks.detail(track.check)}`;
}
