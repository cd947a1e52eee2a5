/**
 * May an instance run, and with which priority? Worked out from its interface, what it tracks and what a
 * person ordered; nothing is remembered here.
 *
 * @module
 */

import type { InstanceConfig, TrackConfig } from "../config/model.ts";
import { type EffectivePriority, effectivePriority, type Order } from "../vrrp/priority.ts";
import type { WeightedPart } from "../vrrp/priority.ts";
import type { IpAddress } from "../wire/address.ts";
import type { SourceNow } from "./advert_source.ts";
import type { Checks } from "./checks.ts";
import type { Host, InterfaceState } from "./host.ts";
import type { VrrpPorts } from "./ports.ts";

export interface Conditions {
  /** Why the instance must not run, one sentence each. */
  readonly faults: readonly string[];
  /** What is not known yet and is waited for, one sentence each. */
  readonly pending: readonly string[];
  /** True when the instance cannot speak on its link, so a fault cannot be told to the peers. */
  readonly silent: boolean;
  /** True when a fault is one of its own link: interface, source address, port. */
  readonly linkFault: boolean;
  /** The source of adverts, the last one if the interface does not have it any more; `null` before the first. */
  readonly primaryAddress: IpAddress | null;
  /** What moves the priority. */
  readonly weighted: readonly WeightedPart[];
  readonly priority: EffectivePriority;
}

/** The conditions of an instance now. */
export function assessConditions(
  config: InstanceConfig,
  order: Order | null,
  host: Host,
  ports: VrrpPorts,
  checks: Checks,
  source: SourceNow,
): Conditions {
  const mute = linkProblems(config, host.interfaceState(config.interface), ports);
  const linkFaults = mute.length === 0 && source.problem !== null ? [source.problem] : mute;
  const faults = [...linkFaults, ...deviceProblems(config, host)];
  const pending: string[] = [];
  const parts: WeightedPart[] = [];
  for (const track of config.track) {
    const what = track.kind === "check" ? `check ${track.check}` : `interface ${track.interface}`;
    const ok = trackedState(track, host, checks);
    const { weight, reverse = false } = track;
    if (weight !== undefined) parts.push({ what, weight, reverse, ok });
    else if (ok === reverse) faults.push(trackFault(track, checks));
    if (ok === null) pending.push(`${what} has no result yet`);
  }
  return {
    faults,
    pending,
    silent: mute.length > 0 || source.address === null,
    linkFault: linkFaults.length > 0,
    primaryAddress: source.address,
    weighted: parts,
    priority: effectivePriority(config.priority, parts, order),
  };
}

/** What keeps the instance from speaking, its source address aside. */
function linkProblems(
  config: InstanceConfig,
  state: InterfaceState | null,
  ports: VrrpPorts,
): string[] {
  if (!state) return [`interface ${config.interface} does not exist`];
  if (!state.up) return [`interface ${config.interface} is down`];
  const port = ports.get(config.interface, config.family);
  return typeof port === "string" ? [port] : [];
}

/** Devices of virtual addresses other than the instance's own interface. */
function deviceProblems(config: InstanceConfig, host: Host): string[] {
  const devices = new Set(config.addresses.map(({ device }) => device));
  devices.delete(config.interface);
  return Array.from(devices).filter((device) => host.interfaceState(device) === null)
    .map((device) => `interface ${device}, which is to carry a virtual address, does not exist`);
}

function trackedState(track: TrackConfig, host: Host, checks: Checks): boolean | null {
  if (track.kind === "interface") return host.interfaceState(track.interface)?.up ?? false;
  const verdict = checks.verdict(track.check);
  return verdict === "unknown" ? null : verdict === "up";
}

function trackFault(track: TrackConfig, checks: Checks): string {
  const { reverse = false } = track;
  if (track.kind === "interface") {
    const state = reverse ? "up, where it must be down" : "down or does not exist";
    return `tracked interface ${track.interface} is ${state}`;
  }
  const state = reverse ? "up, where it must be down" : "down";
  return `check ${track.check} is ${state}: ${checks.detail(track.check)}`;
}
