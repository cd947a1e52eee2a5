/**
 * The readable part of a configuration that has errors, so that the rules that look at several keys still
 * speak about all the others: one run names every problem.
 *
 * @module
 */

import type * as z from "zod";
import type { Family } from "../wire/address.ts";
import type { ListenAddress } from "./model.ts";
import type { Path } from "./path.ts";
import { valueAt } from "./findings.ts";
import { CheckSchema, type CheckValues } from "./schema/check.ts";
import { RouteSchema, RuleSchema } from "./schema/host.ts";
import { InterfaceSchema, type InterfaceValues } from "./schema/interfaces.ts";
import { NotifySchema, type NotifyValues } from "./schema/notify.ts";
import {
  AddressSchema,
  InstanceSchema,
  type InstanceValues,
  TrackSchema,
} from "./schema/instance.ts";
import {
  FileSchema,
  ListenSchema,
  PeerApiSchema,
  type PeerApiValues,
  SyncGroupSchema,
  type SyncGroupValues,
} from "./schema/schema.ts";
import { instanceFamily } from "./values/family.ts";

/** An entry of a list with its place. */
export interface Placed<T> {
  readonly path: Path;
  readonly value: T;
}

/** An instance as far as it can be read: a key with an error is undefined, a list lacks its wrong entries. */
export interface PartialInstance {
  readonly path: Path;
  /** Undefined if `addresses` has an error and nothing readable says it. */
  readonly family: Family | undefined;
  readonly values: Partial<Omit<InstanceValues, "addresses" | "track" | "routes" | "rules">>;
  readonly addresses: readonly Placed<InstanceValues["addresses"][number]>[];
  readonly track: readonly Placed<InstanceValues["track"][number]>[];
  readonly routes: readonly Placed<InstanceValues["routes"][number]>[];
  readonly rules: readonly Placed<InstanceValues["rules"][number]>[];
}

export interface PartialCheck {
  readonly path: Path;
  readonly name: string;
  readonly type: CheckValues["type"] | undefined;
  /** The keys that are given. */
  readonly given: readonly string[];
  /** Texts with a meaning of their own; undefined where they are not given or have an error. */
  readonly url: string | undefined;
  readonly address: string | undefined;
  readonly intervalMs: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** An entry of `interfaces`; `values` is undefined where it has an error. */
export interface PartialInterface {
  readonly path: Path;
  readonly name: string;
  readonly values: InterfaceValues | undefined;
}

export interface PartialConfig {
  readonly node: string | undefined;
  readonly nodeGiven: boolean;
  /** The list's readable entries; empty where there is no list. */
  readonly listen: readonly Placed<ListenAddress>[];
  /** The protection of a token on its way. */
  readonly apiProtection: "tls" | "trust" | "none";
  readonly interfaces: readonly PartialInterface[];
  readonly checks: readonly PartialCheck[];
  /** The programs of checks, of `on_fail` and of `notify` that are lists of words. */
  readonly commands: readonly Placed<readonly string[]>[];
  readonly instances: readonly PartialInstance[];
  readonly syncGroups: readonly Placed<SyncGroupValues>[];
  readonly notify: readonly Placed<NotifyValues>[];
  readonly peers: readonly Placed<PeerApiValues>[];
}

/**
 * Reads what can be read.
 *
 * @param instances what the schema has made of all of them, where nothing is wrong: hundreds are not read twice
 */
export function partialOf(data: unknown, instances?: readonly InstanceValues[]): PartialConfig {
  const checks = valueAt(data, ["checks"]);
  const interfaces = valueAt(data, ["interfaces"]);
  return {
    node: field(FileSchema.shape.node, data, "node"),
    nodeGiven: valueAt(data, ["node"]) !== undefined,
    listen: readable(ListenSchema, oneOrMore(data, ["api", "listen"])),
    apiProtection: valueAt(data, ["api", "tls"]) !== undefined
      ? "tls"
      : valueAt(data, ["api", "allow_plaintext"]) === true
      ? "trust"
      : "none",
    interfaces: isMapping(interfaces)
      ? Object.keys(interfaces).map((name) => ({
        path: ["interfaces", name],
        name,
        values: field(InterfaceSchema, interfaces, name),
      }))
      : [],
    checks: isMapping(checks) ? Object.keys(checks).map((name) => partialCheck(data, name)) : [],
    commands: commandsIn(data),
    instances: instances?.map(validInstance) ?? entries(data, ["instances"]).map(partialInstance),
    syncGroups: readable(SyncGroupSchema, entries(data, ["sync_groups"])),
    notify: readable(NotifySchema, entries(data, ["notify"])),
    peers: readable(PeerApiSchema, entries(data, ["peers"])),
  };
}

function commandsIn(data: unknown): Placed<readonly string[]>[] {
  const checks = valueAt(data, ["checks"]);
  const names = isMapping(checks) ? Object.keys(checks) : [];
  const paths: Path[] = [
    ...names.flatMap((name) => [
      ["checks", name, "command"],
      ["checks", name, "on_fail"],
      ["checks", name, "on_fail", "command"],
    ]),
    ...entries(data, ["notify"]).map(({ path }) => [...path, "command"]),
  ];
  return paths.flatMap((path) => {
    const value = valueAt(data, path);
    return Array.isArray(value) && value.every((word) => typeof word === "string")
      ? [{ path, value }]
      : [];
  });
}

function partialCheck(data: unknown, name: string): PartialCheck {
  const path = ["checks", name];
  const check = valueAt(data, path);
  const option = CheckSchema.options.find((candidate) =>
    candidate.shape.type.value === valueAt(check, ["type"])
  );
  const shape: Readonly<Record<string, z.ZodType>> = option?.shape ?? {};
  const textOf = (key: string) => {
    const value = shape[key] && field(shape[key], check, key);
    return typeof value === "string" ? value : undefined;
  };
  return {
    path,
    name,
    type: option?.shape.type.value,
    given: isMapping(check) ? Object.keys(check) : [],
    url: textOf("url"),
    address: textOf("address"),
    intervalMs: option && field(option.shape.interval, check, "interval"),
    timeoutMs: option && field(option.shape.timeout, check, "timeout"),
  };
}

/** Keys of an instance that are read entry by entry. */
const LISTS: ReadonlySet<string> = new Set(["addresses", "track", "routes", "rules"]);

function partialInstance({ path, value }: Placed<unknown>): PartialInstance {
  const { shape } = InstanceSchema;
  const values: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    if (!LISTS.has(key)) values[key] = field(schema, value, key);
  }
  const written = valueAt(value, ["addresses"]);
  const addresses = readable(AddressSchema, entries(value, ["addresses"], path));
  const complete = Array.isArray(written) && written.length === addresses.length;
  const known = complete || addresses.some((entry) => entry.value.advertise);
  const read = values as PartialInstance["values"];
  return {
    path,
    family: known ? familyIn(read, addresses) : undefined,
    values: read,
    addresses,
    track: readable(TrackSchema, entries(value, ["track"], path)),
    routes: readable(RouteSchema, entries(value, ["routes"], path)),
    rules: readable(RuleSchema, entries(value, ["rules"], path)),
  };
}

/** The same of an instance that has no error. */
function validInstance(values: InstanceValues, index: number): PartialInstance {
  const path = ["instances", index];
  const { addresses, track, routes, rules, ...others } = values;
  return {
    path,
    family: instanceFamily(values),
    values: others,
    addresses: placed(addresses, [...path, "addresses"]),
    track: placed(track, [...path, "track"]),
    routes: placed(routes, [...path, "routes"]),
    rules: placed(rules, [...path, "rules"]),
  };
}

function familyIn(
  values: PartialInstance["values"],
  addresses: PartialInstance["addresses"],
): Family {
  return instanceFamily({ ...values, addresses: addresses.map(({ value }) => value) });
}

function placed<T>(list: readonly T[], path: Path): Placed<T>[] {
  return list.map((value, index) => ({ path: [...path, index], value }));
}

/** The entries of a list with their places; none when there is no list. */
function entries(data: unknown, path: Path, base: Path = []): Placed<unknown>[] {
  const list = valueAt(data, path);
  if (!Array.isArray(list)) return [];
  return placed<unknown>(list, [...base, ...path]);
}

/** The same where a single entry may stand instead of the list. */
function oneOrMore(data: unknown, path: Path): Placed<unknown>[] {
  const value = valueAt(data, path);
  return typeof value === "string" ? [{ path, value }] : entries(data, path);
}

function readable<S extends z.ZodType>(schema: S, list: Placed<unknown>[]): Placed<z.output<S>>[] {
  return list.flatMap(({ path, value }) => {
    const result = schema.safeParse(value);
    return result.success ? [{ path, value: result.data }] : [];
  });
}

/** One key's value, its default where it is absent; undefined when it has an error. */
function field<S extends z.ZodType>(
  schema: S,
  mapping: unknown,
  key: string,
): z.output<S> | undefined {
  if (!isMapping(mapping)) return undefined;
  const result = schema.safeParse(valueAt(mapping, [key]));
  return result.success ? result.data : undefined;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
