/**
 * Rules about the interfaces that instances use, and about their links.
 *
 * @module
 */

import type { PartialConfig, PartialInstance, PartialInterface } from "../partial.ts";
import type { NextHopValues } from "../schema/host.ts";
import { formatDuration } from "../values/durations.ts";
import { quote } from "../values/result.ts";
import { readInterfaceName } from "../values/values.ts";
import { errorAt, type Finding, warningAt } from "../findings.ts";

/** The interface that every machine has for itself. */
const LOOPBACK = "lo";

/** All findings about the interfaces of the file. */
export function linkFindings({ instances, interfaces }: PartialConfig): Finding[] {
  return [
    ...instances.flatMap(loopbackRule),
    ...instances.flatMap(untrackedRule),
    ...interfaces.flatMap((entry) => interfaceRules(entry, instances)),
  ];
}

function loopbackRule({ path, values }: PartialInstance): Finding[] {
  if (values.interface !== LOOPBACK) return [];
  return [errorAt(
    [...path, "interface"],
    "loopback_interface",
    "adverts on the loopback interface reach no other node",
    "write the interface of the network that the nodes share; an address of `addresses` may have " +
      "`device: lo`",
  )];
}

/** With its link the interface loses its clients, too. */
function untrackedRule({ path, values, addresses }: PartialInstance): Finding[] {
  const { interface: name, track_interface: tracked, virtual_mac: virtualMac } = values;
  if (tracked !== false || name === undefined) return [];
  const onIt = virtualMac !== undefined && virtualMac !== false ||
    addresses.some(({ value }) => (value.device ?? name) === name);
  if (!onIt) return [];
  return [warningAt(
    [...path, "track_interface"],
    "untracked_interface",
    `${name} carries the addresses, too: if its link fails, this node stays master though nobody reaches them`,
    "remove it, unless the addresses have a `device` of their own",
  )];
}

function interfaceRules(
  { path, name, values }: PartialInterface,
  instances: readonly PartialInstance[],
): Finding[] {
  const read = readInterfaceName(name);
  if (!read.ok) {
    const { code, message, hint } = read.problem;
    return [{ severity: "error", code, path, at: "key", message, hint }];
  }
  if (!instances.some((instance) => uses(instance, name))) {
    const message = `no instance uses ${quote(name)}, so its delays delay nothing`;
    const hint = "correct the name, or remove it";
    return [{ severity: "warning", code: "unused_interface", path, at: "key", message, hint }];
  }
  const { down_delay: delayMs = 0 } = values ?? {};
  const patient = instances.filter((instance) =>
    instance.values.interface === name && delayMs >= patienceMs(instance)
  );
  return patient.slice(0, 1).map((instance) =>
    warningAt(
      [...path, "down_delay"],
      "down_delay_long",
      `a backup of ${instance.values.name} that loses its link for ${
        formatDuration(delayMs)
      } takes the ` +
        "master for dead before it notices",
      `choose less than ${formatDuration(patienceMs(instance))}`,
    )
  );
}

/** How long a backup may hear nothing without an election, whenever the last advert came. */
function patienceMs({ values }: PartialInstance): number {
  const { advert_interval: intervalMs = Infinity, down_timer_adverts: adverts = Infinity } = values;
  return adverts > 1 ? (adverts - 1) * intervalMs : intervalMs;
}

function uses({ values, addresses, routes, track }: PartialInstance, name: string): boolean {
  return values.interface === name || addresses.some(({ value }) => value.device === name) ||
    routes.some(({ value }) =>
      [value, ...value.next_hops ?? []].some((way) => leaves(way, name))
    ) ||
    track.some(({ value }) => value.interface === name);
}

/** The kernel finds the interface of a gateway alone, which may be any. */
function leaves(
  { device, via, on_link: onLink }: Pick<NextHopValues, "device" | "via" | "on_link">,
  name: string,
): boolean {
  return device === name || device === undefined && via !== undefined && !onLink;
}
