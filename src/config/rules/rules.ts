/**
 * Rules across the whole file: what stands twice, what names something that is not there.
 *
 * @module
 */

import { addressIdentity } from "../../vip/addresses.ts";
import { routingDrift, routingIdentity } from "../../vip/routing.ts";
import type { PartialCheck, PartialConfig, PartialInstance, Placed } from "../partial.ts";
import { toRoute } from "../build/to_routing.ts";
import type { Path } from "../path.ts";
import { nearest } from "../nearest.ts";
import type { TrackValues } from "../schema/instance.ts";
import { quote } from "../values/result.ts";
import { isRemote, readName } from "../values/values.ts";
import { virtualInterfaceName } from "../values/virtual_mac.ts";
import { checkFindings } from "./check.ts";
import { shellWordRule } from "./commands.ts";
import { errorAt, type Finding, pathText, warningAt } from "../findings.ts";
import { instanceFindings } from "./instance.ts";
import { linkFindings } from "./link.ts";
import { notifyFindings } from "./notify.ts";
import { peerFindings } from "./peers.ts";
import { syncGroupFindings } from "./sync_groups.ts";
import { weightFindings } from "./weights.ts";

/** All findings that need more than one key, in no particular order. */
export function ruleFindings(partial: PartialConfig, hostname: string): Finding[] {
  return [
    ...nodeRule(partial, hostname),
    ...listenRules(partial),
    ...partial.checks.flatMap(checkFindings),
    ...partial.commands.flatMap(shellWordRule),
    ...partial.instances.flatMap(instanceFindings),
    ...partial.instances.flatMap((instance) => trackRules(instance, partial.checks)),
    ...partial.instances.flatMap((instance) => weightFindings(instance, partial.checks)),
    ...syncGroupFindings(partial),
    ...linkFindings(partial),
    ...notifyFindings(partial),
    ...peerFindings(partial),
    ...duplicateNames(partial.instances),
    ...duplicateRouters(partial.instances),
    ...duplicateAddresses(partial.instances),
    ...conflictingRoutes(partial.instances),
    ...virtualInterfaceRules(partial.instances),
  ];
}

function nodeRule({ nodeGiven }: PartialConfig, hostname: string): Finding[] {
  if (nodeGiven || readName(hostname).ok) return [];
  return [errorAt(
    ["node"],
    "no_node_name",
    `the machine's host name ${quote(hostname)} cannot name the node`,
    "add a name: `node: lb01`",
  )];
}

function listenRules({ listen, apiProtection }: PartialConfig): Finding[] {
  const twice = repeated(listen, ({ value }) => JSON.stringify(value)).map(({ entry }) =>
    errorAt(
      entry.path,
      "duplicate_listen",
      "the API listens on this address already",
      "remove one of the two",
    )
  );
  const remote = listen.filter(({ value }) => isRemote(value));
  if (apiProtection === "tls") return twice;
  const plain = remote.map(({ path }) =>
    apiProtection === "none"
      ? errorAt(
        path,
        "listen_not_local",
        "it can be reached from other machines, and anyone on the way could read the token",
        "configure `api.tls`, or listen on 127.0.0.1:9112 or a Unix socket and use an SSH tunnel; " +
          "`api.allow_plaintext: true` where the network is trusted",
      )
      : warningAt(
        path,
        "listen_plaintext",
        "anyone on the way can read the token",
        "configure `api.tls`",
      )
  );
  return [...twice, ...plain];
}

function trackRules({ track }: PartialInstance, checks: readonly PartialCheck[]): Finding[] {
  const findings: Finding[] = [];
  const proper = track.filter((entry) => {
    const wrong = targetProblem(entry);
    if (wrong) findings.push(wrong);
    return !wrong;
  });
  for (const { path, value } of proper) {
    if (value.weight !== undefined && value.when_down !== undefined) {
      findings.push(errorAt(
        [...path, "when_down"],
        "weight_and_when_down",
        "a failure cannot both move the priority and mean this",
        "remove `weight` or `when_down`",
      ));
    }
    if (value.check === undefined || checks.some(({ name }) => name === value.check)) continue;
    findings.push(unknownCheck([...path, "check"], value.check, checks));
  }
  // The same thing once as a fault and once with a weight has a meaning; twice the same way has none.
  const way = ({ value }: Placed<TrackValues>) =>
    JSON.stringify([value.check, value.interface, value.weight === undefined]);
  for (const { entry, first } of repeated(proper, way)) {
    findings.push(errorAt(
      entry.path,
      "duplicate_track",
      `${pathText(first.path)} tracks the same ${
        entry.value.weight === undefined ? "without" : "with a"
      } weight`,
      "remove one of the two",
    ));
  }
  return findings;
}

function targetProblem({ path, value }: Placed<TrackValues>): Finding | null {
  if (value.check !== undefined && value.interface !== undefined) {
    return errorAt(
      path,
      "invalid_track",
      "a check and an interface in one entry",
      "write two entries, each beginning with a dash",
    );
  }
  if (value.check !== undefined || value.interface !== undefined) return null;
  return errorAt(
    path,
    "invalid_track",
    "it is not said what to track",
    "write `check: NAME` or `interface: NAME`",
  );
}

function unknownCheck(path: Path, name: string, checks: readonly PartialCheck[]): Finding {
  const names = checks.map((check) => check.name);
  // YAML reads the key `01` as a number, whose name is "1".
  const number = /^0\d+$/.test(name) ? names.find((known) => known === String(Number(name))) : null;
  if (number) {
    const message = `there is no check ${
      quote(name)
    }: as a key without quotes it is the number ${number}`;
    return errorAt(
      path,
      "unknown_check",
      message,
      `put the key under \`checks\` in quotes: "${name}"`,
    );
  }
  const meant = nearest(name, names);
  const known = names.length > 0
    ? `defined are: ${names.join(", ")}`
    : "define it under `checks`; there is none yet";
  return errorAt(
    path,
    "unknown_check",
    `there is no check ${quote(name)}`,
    meant ? `did you mean \`${meant}\`?` : known,
  );
}

function duplicateNames(instances: readonly PartialInstance[]): Finding[] {
  const named = instances.filter(({ values }) => values.name !== undefined);
  return repeated(named, ({ values }) => values.name!).map(({ entry, first }) =>
    errorAt(
      [...entry.path, "name"],
      "duplicate_instance",
      `${pathText(first.path)} has the name ${quote(entry.values.name!)} already`,
      "give each instance a name of its own",
    )
  );
}

/** A virtual router is known by its VRID, the network and the family (RFC 9568 section 1.6). */
function duplicateRouters(instances: readonly PartialInstance[]): Finding[] {
  const known = instances.filter(({ values, family }) =>
    values.vrid !== undefined && values.interface !== undefined && family !== undefined
  );
  const router = ({ values, family }: PartialInstance) =>
    JSON.stringify([values.vrid, values.interface, family]);
  return repeated(known, router).map(({ entry, first }) =>
    errorAt(
      [...entry.path, "vrid"],
      "duplicate_vrid",
      `${pathText(first.path)} uses VRID ${entry.values.vrid} on ${entry.values.interface} already`,
      "choose another VRID, on both nodes, or put the addresses into one instance",
    )
  );
}

function duplicateAddresses(instances: readonly PartialInstance[]): Finding[] {
  const all = instances.flatMap(({ addresses, values, family }) =>
    addresses.map(({ path, value }) => {
      const { address } = value.address;
      const made = family && virtualInterfaceName(values, family);
      const device = value.device ?? made ?? values.interface ?? "";
      return { path, address, identity: addressIdentity(address, device) };
    })
  );
  return repeated(all, ({ identity }) => identity).map(({ entry, first }) =>
    errorAt(
      entry.path,
      "duplicate_address",
      `${entry.address} stands at ${pathText(first.path)} already`,
      "remove one of the two: an address belongs to one instance, once",
    )
  );
}

/** The host can have only one of two routes of one identity; what is the same in all respects, two instances may share. */
function conflictingRoutes(instances: readonly PartialInstance[]): Finding[] {
  const routes = instances.flatMap((instance) => {
    const { values, family } = instance;
    if (family === undefined || values.interface === undefined) return [];
    return instance.routes.map(({ path, value }) => ({
      path,
      instance,
      route: toRoute(value, family, values.interface!),
    }));
  });
  const seen = new Map<string, (typeof routes)[number]>();
  return routes.flatMap((entry) => {
    const identity = routingIdentity(entry.route);
    const first = seen.get(identity);
    if (!first) seen.set(identity, entry);
    const drift = first ? routingDrift(first.route, entry.route) : [];
    // Twice in one instance is a finding of its own.
    if (!first || first.instance === entry.instance || drift.length === 0) return [];
    return [errorAt(
      entry.path,
      "conflicting_route",
      `${pathText(first.path)} leads to the same destination with another ${
        drift.join(" and ")
      }: ` +
        "the host can have only one of the two",
      "give one of the two another metric or table",
    )];
  });
}

/** The name of the interface of an instance's virtual MAC address. */
function virtualInterface({ values, family }: PartialInstance): string | undefined {
  return family && virtualInterfaceName(values, family);
}

function virtualInterfaceRules(instances: readonly PartialInstance[]): Finding[] {
  const made = instances.filter((instance) => virtualInterface(instance) !== undefined);
  const at = ({ path }: PartialInstance) => [...path, "virtual_mac"];
  const taken = repeated(made, (instance) => virtualInterface(instance)!).map(({ entry, first }) =>
    errorAt(
      at(entry),
      "duplicate_virtual_interface",
      `${pathText(first.path)} makes an interface ${virtualInterface(entry)} already`,
      "name this one: `virtual_mac: { interface: vrrp.NAME }`",
    )
  );
  const below = new Set(instances.map(({ values }) => values.interface));
  const own = made.filter((instance) => below.has(virtualInterface(instance))).map((instance) =>
    errorAt(
      at(instance),
      "duplicate_virtual_interface",
      `${virtualInterface(instance)} is the \`interface\` of an instance`,
      "choose a name that no interface of this machine has; vipd makes it",
    )
  );
  return [...taken, ...own];
}

interface Repetition<T> {
  readonly entry: T;
  /** The earlier one with the same identity. */
  readonly first: T;
}

/** The entries whose identity an earlier one has. */
function repeated<T>(list: readonly T[], identity: (entry: T) => string): Repetition<T>[] {
  const seen = new Map<string, T>();
  const repetitions: Repetition<T>[] = [];
  for (const entry of list) {
    const first = seen.get(identity(entry));
    if (first === undefined) seen.set(identity(entry), entry);
    else repetitions.push({ entry, first });
  }
  return repetitions;
}
