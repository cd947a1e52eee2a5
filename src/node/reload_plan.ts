/**
 * The plan of a reload: two configurations compared, nothing done yet.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { type ConfigChange, configChanges } from "../config/changes.ts";
import type { Config, InstanceConfig } from "../config/model.ts";
import type { CheckConfig } from "../health/check_config.ts";

export interface ReloadPlan {
  /** Keys of the file that differ and that only a restart changes; empty when the reload is possible. */
  readonly needRestart: readonly string[];
  /** Every difference, for the log. */
  readonly changes: readonly ConfigChange[];
  readonly instances: {
    /** Same virtual router, other settings: state, timers and addresses stay. */
    readonly adjusted: readonly InstanceConfig[];
    /** Another virtual router of the same name: the old one hands over, then the new one starts. */
    readonly replaced: readonly InstanceConfig[];
    readonly added: readonly InstanceConfig[];
    /** Names. */
    readonly removed: readonly string[];
  };
  /** Checks that are new or run in another way from now on. */
  readonly checks: readonly CheckConfig[];
}

/** The settings that make a virtual router another one, with their keys of the file. */
const IDENTITY = {
  interface: "interface",
  vrid: "vrid",
  family: "family",
  version: "version",
  virtualInterface: "virtual_mac",
} as const satisfies Partial<Record<keyof InstanceConfig, string>>;

const IDENTITY_KEYS: ReadonlySet<string> = new Set(Object.values(IDENTITY));

/** The settings that only a restart changes, with their keys of the file. */
const NEED_RESTART = {
  runDir: "run_dir",
  stateDir: "state_dir",
  startDelayMs: "start_delay",
  process: "process",
} as const satisfies Partial<Record<keyof Config, string>>;

/** Compares the configuration that runs with the one that should. */
export function planReload(before: Config, after: Config): ReloadPlan {
  const running = byName(before.instances);
  const next = byName(after.instances);
  const checks = byName(before.checks);
  const different = after.instances.filter((config) => {
    const old = running.get(config.name);
    return old !== undefined && !isDeepStrictEqual(old, config);
  });
  const isOther = (config: InstanceConfig) =>
    differing(IDENTITY, running.get(config.name)!, config).length > 0;
  return {
    needRestart: differing(NEED_RESTART, before, after),
    changes: configChanges(before, after),
    instances: {
      adjusted: different.filter((config) => !isOther(config)),
      replaced: different.filter(isOther),
      added: after.instances.filter(({ name }) => !running.has(name)),
      removed: before.instances.map(({ name }) => name).filter((name) => !next.has(name)),
    },
    checks: after.checks.filter((config) => !isDeepStrictEqual(checks.get(config.name), config)),
  };
}

/** Why a reload ends an instance that goes or is replaced, in a few words. */
export function endText({ instances: { removed }, changes }: ReloadPlan, name: string): string {
  if (removed.includes(name)) return "a reload took it out of the configuration";
  const what = changes.filter((change) => isReplacing(change, name));
  return "a reload makes another virtual router of it" +
    what.map(({ key, change }) => `, ${key}: ${change}`).join("");
}

/** Whether a change makes another virtual router of the instance `name`. */
export function isReplacing({ subject, key }: ConfigChange, name: string): boolean {
  return subject === `instance ${name}` && IDENTITY_KEYS.has(key);
}

/** The keys of the file whose values differ. */
function differing<T extends object>(
  keys: Partial<Record<keyof T, string>>,
  before: T,
  after: T,
): string[] {
  return Object.entries<string | undefined>(keys).flatMap(([key, name]) =>
    isDeepStrictEqual(before[key as keyof T], after[key as keyof T]) ? [] : name ?? []
  );
}

function byName<T extends { readonly name: string }>(configs: readonly T[]): Map<string, T> {
  return new Map(configs.map((config) => [config.name, config]));
}
