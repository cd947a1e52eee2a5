/**
 * May an instance run, and with which priority? Worked out from its interface, what it tracks and what a
 * person ordered; nothing is remembered here.
 *
 * @module
 */

import type { InstanceConfig, TrackConfig } from "../config/model.ts";
import { type EffectivePriority, effectivePriority, type Order } from "../vrrp/priority.ts";
import { numberFault, type WeightedPart } from "../vrrp/priority.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Checks } from "./checks.ts";
import type { Host, InterfaceState } from "./host.ts";
import type { VrrpPorts } from "./ports.ts";
import { missingSource, sourceAddress } from "./source_address.ts";

export interface Conditions {
  /** Why the instance must not run, one sentence each. */
  readonly faults: readonly string[];
  /** What is not known yet and is waited for, one sentence each. */
  readonly pending: readonly string[];
  /** True when the instance cannot speak on its link, so a fault cannot be told to the peers. */
  readonly silent: boolean;
  /** The source of adverts: what is configured, or the interface's own first address; `null` when there is none. */
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
  isVirtual: (address: IpAddress) => boolean,
): Conditions {
  const state = host.interfaceState(config.interface);
  const primary = state && sourceAddress(state, config, isVirtual);
  const linkFaults = linkProblems(config, state, primary, ports);
  const faults = [...linkFaults, ...deviceProblems(config, host)];
  const pending: string[] = [];
  const parts: WeightedPart[] = [];
  for (const track of config.track) {
    const what = track.kind === "check" ? `check ${track.check}` : `interface ${track.interface}`;
    const { ok, number } = trackedState(track, host, checks);
    const { weight, reverse = false } = track;
    if (weight !== undefined) {
      const part = { what, weight, reverse, ok, ...(number !== null && { number }) };
      parts.push(part);
      const fault = numberFault(part);
      if (fault !== null) faults.push(fault);
    } else if (ok === reverse) faults.push(trackFault(track, checks));
    if (ok === null) pending.push(`${what} has no result yet`);
  }
  return {
    faults,
    pending,
    silent: linkFaults.length > 0,
    primaryAddress: primary,
    weighted: parts,
    priority: effectivePriority(config.priority, parts, order),
  };
}

/** What keeps the instance from speaking: the order is that of a person's search for the cause. */
function linkProblems(
  config: InstanceConfig,
  state: InterfaceState | null,
  primary: IpAddress | null,
  ports: VrrpPorts,
): string[] {
  if (!state) return [`interface ${config.interface} does not exist`];
  if (!state.up) return [`interface ${config.interface} is down`];
  if (!primary) return [missingSource(config)];
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

/** How a tracked thing is. */
interface TrackedState {
  /** Well or not, `null` while that is not known; what a file holds is well if it is 0. */
  readonly ok: boolean | null;
  /** What the file of a file check holds; `null` for everything else. */
  readonly number: number | null;
}

function trackedState(track: TrackConfig, host: Host, checks: Checks): TrackedState {
  if (track.kind === "interface") {
    return { ok: host.interfaceState(track.interface)?.up ?? false, number: null };
  }
  const verdict = checks.verdict(track.check);
  const number = checks.number(track.check);
  const ok = verdict === "unknown" ? null : verdict === "up" && (number === null || number === 0);
  return { ok, number };
}

function trackFault(track: TrackConfig, checks: Checks): string {
  const { reverse = false } = track;
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
