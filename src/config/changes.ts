/**
 * What differs between two configurations, for a person: each changed thing once, in the words of the file.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Config } from "./model.ts";

export interface ConfigChange {
  /** `instance VI_1`, `check nginx`, `sync group SG_1`; empty for the node. */
  readonly subject: string;
  /** The key of the file: `priority`, `announce.delay`; empty when all of the subject was added or removed. */
  readonly key: string;
  /** `150 -> 120`, `added`, `removed`; `changed` for what is long or secret. */
  readonly change: string;
}

/** Keys that may hold a password, a key or a token: what they hold is not told. */
const SECRET = /password|secret|token|authori[sz]ation|url|command|^(tls|cert|key|ca)$/i;

/** Where the file has another word than the model. */
const FILE_KEYS: Readonly<Record<string, string>> = {
  "announce.lower_priority.delay": "announce.delay_lower_priority",
  "announce.lower_priority.repeat": "announce.repeat_lower_priority",
  checksum_form: "checksum",
  routing: "routes, rules",
  virtual_interface: "virtual_mac",
};

/** All that differs, in the order of the file. */
export function configChanges(before: Config, after: Config): ConfigChange[] {
  const {
    interfaces = [],
    checks: checksBefore,
    instances,
    syncGroups,
    notify,
    peers,
    ...nodeBefore
  } = before;
  const {
    interfaces: interfacesAfter = [],
    checks: checksAfter,
    instances: instancesAfter,
    syncGroups: groupsAfter,
    notify: notifyAfter,
    peers: peersAfter,
    ...nodeAfter
  } = after;
  return [
    ...valueChanges("", nodeBefore, nodeAfter),
    ...namedChanges("interface", interfaces, interfacesAfter),
    ...namedChanges("check", checksBefore, checksAfter),
    ...namedChanges("instance", instances, instancesAfter),
    ...namedChanges("sync group", syncGroups, groupsAfter),
    ...namedChanges("notify", notify, notifyAfter),
    ...namedChanges("peer", peers, peersAfter),
  ];
}

/** One change as a line: `instance VI_1: priority: 150 -> 120`. */
export function changeText({ subject, key, change }: ConfigChange): string {
  return [subject, key, change].filter((part) => part !== "").join(": ");
}

interface Named {
  readonly name: string;
}

function namedChanges(
  kind: string,
  before: readonly Named[],
  after: readonly Named[],
): ConfigChange[] {
  const kept = new Map(before.map((one) => [one.name, one]));
  const names = new Set(after.map(({ name }) => name));
  const whole = ({ name }: Named, change: string) => ({
    subject: `${kind} ${name}`,
    key: "",
    change,
  });
  return [
    ...after.flatMap((one) => {
      const earlier = kept.get(one.name);
      return earlier ? valueChanges(`${kind} ${one.name}`, earlier, one) : [whole(one, "added")];
    }),
    ...before.filter(({ name }) => !names.has(name)).map((one) => whole(one, "removed")),
  ];
}

function valueChanges(subject: string, before: object, after: object, path = ""): ConfigChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(keys).flatMap((name): ConfigChange[] => {
    const [old, now] = [valueOf(before, name), valueOf(after, name)];
    if (isDeepStrictEqual(old, now)) return [];
    const own = `${path}${snakeCase(name)}`;
    if (isMapping(old) && isMapping(now)) return valueChanges(subject, old, now, `${own}.`);
    const key = FILE_KEYS[own] ?? own;
    return [{ subject, key, change: changeOf(name, old, now) }];
  });
}

function changeOf(name: string, old: unknown, now: unknown): string {
  if (old === undefined) return "added";
  if (now === undefined) return "removed";
  if (SECRET.test(name)) return "changed";
  if (Array.isArray(old) && Array.isArray(now)) return listChange(old, now);
  const [from, to] = [scalarText(name, old), scalarText(name, now)];
  return from === null || to === null ? "changed" : `${from} -> ${to}`;
}

/** `192.168.31.6/24 added`; what a list holds beside addresses and plain words is too long for a line. */
function listChange(old: readonly unknown[], now: readonly unknown[]): string {
  const [before, after] = [old.map(itemText), now.map(itemText)];
  if ([...before, ...after].includes(null)) return "changed";
  const added = after.filter((item) => !before.includes(item)).map((item) => `${item} added`);
  const removed = before.filter((item) => !after.includes(item)).map((item) => `${item} removed`);
  return [...added, ...removed].join(", ") || "changed";
}

function itemText(item: unknown): string | null {
  if (typeof item === "string") return item;
  if (!isMapping(item)) return null;
  const { address, prefixLength, kind, host, port, path } = item;
  if (typeof address === "string") return `${address}/${prefixLength}`;
  if (kind === "tcp") return `${host}:${port}`;
  return kind === "unix" ? `unix:${path}` : null;
}

function scalarText(name: string, value: unknown): string | null {
  if (typeof value === "string" || typeof value === "boolean") return `${value}`;
  if (typeof value !== "number") return null;
  const unitMs = Object.entries(UNITS_MS).find(([unit]) => name.endsWith(unit))?.[1];
  if (unitMs === undefined) return `${value}`;
  const ms = value * unitMs;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** The units that a key of the model may end with, in milliseconds. */
const UNITS_MS = { Ms: 1, Cs: 10, Seconds: 1000 };

/** `advertIntervalCs` is `advert_interval` in the file. */
function snakeCase(name: string): string {
  return name.replace(/(Ms|Cs|Seconds)$/, "").replace(
    /[A-Z]/g,
    (letter) => `_${letter.toLowerCase()}`,
  );
}

function valueOf(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
