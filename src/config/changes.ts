/**
 * The differences between two configurations, for a person: each changed thing once, in the words of the file, with its old
 * and its new value.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { checkWords, instanceWords, notifyWords } from "./file_words.ts";
import type { Config, InstanceConfig } from "./model.ts";
import { formatDuration } from "./values/durations.ts";
import { VRRP_GROUP } from "../wire/vrrp.ts";

export interface ConfigChange {
  /** `instance VI_1`, `check nginx`, `sync group SG_1`; empty for the node. */
  readonly subject: string;
  /** The key of the file: `priority`, `announce.delay`; empty when all of the subject was added or removed. */
  readonly key: string;
  /**
   * `150 -> 120`; `eth1:1 added` and `eth1:1 removed` of what has no default; `added` and `removed` of a whole subject;
   * `changed`, `added` and `removed` of what is long or secret.
   */
  readonly change: string;
}

/** Keys that may hold a password, a key or a token: what they hold is not shown. */
const SECRET = /password|secret|token|authori[sz]ation|url|command|^(tls|cert|key|ca)$/i;

/** All that differs, in the order of the file; empty only if both configurations are the same. */
export function configChanges(before: Config, after: Config): ConfigChange[] {
  return [
    ...valueChanges("", nodeOf(before), nodeOf(after)),
    ...namedChanges("interface", before.interfaces, after.interfaces, unchanged),
    ...namedChanges("check", before.checks, after.checks, checkWords),
    ...namedChanges("instance", before.instances, after.instances, ownWords),
    ...namedChanges("sync group", before.syncGroups, after.syncGroups, unchanged),
    ...namedChanges("notify", before.notify, after.notify, notifyWords),
    ...namedChanges("peer", before.peers, after.peers, unchanged),
  ];
}

/** The settings that belong to no part with a name of its own. */
function nodeOf(config: Config): object {
  const { node, api, runDir, stateDir, startDelayMs, process, rehearse, ...parts } = config;
  parts satisfies Readonly<Record<string, readonly Named[]>>;
  return { node, api, runDir, stateDir, startDelayMs, process, rehearse };
}

/** Next to an instance with `unicast` the default group is nobody's word: it comes and goes with `unicast`. */
function ownWords(instance: InstanceConfig, other: InstanceConfig): object {
  const words = instanceWords(instance);
  const isDefault = instance.multicastGroup === VRRP_GROUP[instance.family];
  return isDefault && other.unicast !== undefined ? { ...words, multicastGroup: undefined } : words;
}

function unchanged(named: Named): object {
  return named;
}

/** One change as a line: `instance VI_1: priority: 150 -> 120`. */
export function changeText({ subject, key, change }: ConfigChange): string {
  return [subject, key, change].filter((part) => part !== "").join(": ");
}

interface Named {
  readonly name: string;
}

/** `words`: a part in the words of the file, as far as they are news next to the other one. */
function namedChanges<T extends Named>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  words: (part: T, other: T) => object,
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
      return earlier
        ? valueChanges(`${kind} ${one.name}`, words(earlier, one), words(one, earlier))
        : [whole(one, "added")];
    }),
    ...before.filter(({ name }) => !names.has(name)).map((one) => whole(one, "removed")),
  ];
}

function valueChanges(subject: string, before: object, after: object, path = ""): ConfigChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(keys).flatMap((name): ConfigChange[] => {
    const [old, now] = [valueOf(before, name), valueOf(after, name)];
    if (isDeepStrictEqual(old, now)) return [];
    const key = `${path}${snakeCase(name)}`;
    if (isMapping(old) && isMapping(now)) return valueChanges(subject, old, now, `${key}.`);
    return [{ subject, key, change: changeOf(name, old, now) }];
  });
}

function changeOf(name: string, old: unknown, now: unknown): string {
  const text = (value: unknown) => SECRET.test(name) ? null : scalarText(name, value);
  const [from, to] = [text(old), text(now)];
  if (old === undefined) return to === null ? "added" : `${to} added`;
  if (now === undefined) return from === null ? "removed" : `${from} removed`;
  if (SECRET.test(name)) return "changed";
  if (Array.isArray(old) && Array.isArray(now)) return listChange(old, now);
  return from === null || to === null ? "changed" : `${from} -> ${to}`;
}

/** `192.168.31.6/24 added`; other parts of a list than addresses and plain words are too long for a line. */
function listChange(old: readonly unknown[], now: readonly unknown[]): string {
  const [before, after] = [old.map(itemText), now.map(itemText)];
  if ([...before, ...after].includes(null)) return "changed";
  const added = after.filter((item) => !before.includes(item)).map((item) => `${item} added`);
  const removed = before.filter((item) => !after.includes(item)).map((item) => `${item} removed`);
  return [...added, ...removed].join(", ") || "changed";
}

/** A description of an entry of a list in a few words; `null` if it is no address and no plain word. */
export function itemText(item: unknown): string | null {
  if (typeof item === "string") return item;
  if (!isMapping(item)) return null;
  const { address, prefixLength, kind, host, port, path } = item;
  if (typeof address === "string") return `${address}/${prefixLength}`;
  if (kind === "tcp") return `${host}:${port}`;
  return kind === "unix" ? `unix:${path}` : null;
}

/** A plain value in the words of the file: `1s`, `true`; `null` for any other. `name`: its key in the model. */
export function scalarText(name: string, value: unknown): string | null {
  if (typeof value === "string" || typeof value === "boolean") return `${value}`;
  if (typeof value !== "number") return null;
  const unitMs = Object.entries(UNITS_MS).find(([unit]) => name.endsWith(unit))?.[1];
  return unitMs === undefined ? `${value}` : formatDuration(value * unitMs);
}

/** The units that a key of the model may end with, in milliseconds. */
const UNITS_MS = { Ms: 1, Cs: 10, Seconds: 1000 };

/** `advertIntervalCs` is `advert_interval` in the file. */
export function snakeCase(name: string): string {
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
