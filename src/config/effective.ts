/**
 * The effective configuration without secrets, for the other node of a pair: keys and values in the words of the file,
 * defaults filled in.
 *
 * It names what it shows, so that a new key is shown only once somebody has decided that it holds no secret. Passwords,
 * keys, tokens, certificates, arguments of programs, paths of questions,
 * addresses of people, and all of a URL that may hold a secret are not shown.
 *
 * @module
 */

import type { CheckConfig } from "../health/check_config.ts";
import { itemText, scalarText, snakeCase } from "./changes.ts";
import { checkWords, instanceWords, notifyWords } from "./file_words.ts";
import type { Config, InstanceConfig } from "./model.ts";

/** Values by their keys: `advert_interval` is `1s`. */
export type Words = Readonly<Record<string, string | readonly string[]>>;
/** The same by the names of what they belong to. */
export type NamedWords = Readonly<Record<string, Words>>;

/** A configuration without secrets. */
export interface EffectiveConfig {
  /** The keys of the node itself. */
  readonly settings: Words;
  readonly interfaces: NamedWords;
  readonly checks: NamedWords;
  readonly instances: NamedWords;
  readonly sync_groups: NamedWords;
  readonly notify: NamedWords;
  readonly peers: NamedWords;
}

/** The keys that are shown of each part, in the words of the file; `pair_differences_test` has the reason of the others. */
export const SHOWN_KEYS = {
  settings: ["node", "run_dir", "state_dir", "start_delay", "process"],
  instance: [
    ...["interface", "track_interface", "source_address", "unicast", "multicast_group", "vrid"],
    ...[
      "version",
      "priority",
      "advert_interval",
      "down_timer_adverts",
      "preempt",
      "preempt_delay",
      "damping",
    ],
    ...["sole_backup", "checksum", "addresses", "accept", "virtual_mac", "routes", "rules"],
    ...["track", "split_brain", "announce", "lease", "drain"],
  ],
  rehearse: ["names", "warn_before", "every"],
  authentication: ["type", "active_key", "replay", "window", "mode"],
  check: [
    ...["type", "interval", "timeout", "rise", "fall", "status", "host", "server_name"],
    ...["expires_within", "address", "process", "user", "path", "grace", "method", "interface"],
  ],
  on_fail: ["timeout", "attempts", "every", "user"],
  api: ["hosts", "local_reading"],
  notify: [
    ...["type", "on", "instances", "groups", "user", "path", "timeout", "arguments", "server"],
    ...["security", "connect_timeout", "retry_for"],
  ],
} as const;

/** The configuration without secrets. */
export function effectiveConfig(config: Config): EffectiveConfig {
  const { interfaces, checks, instances, syncGroups, notify, peers, api } = config;
  return {
    settings: {
      ...shown(config, SHOWN_KEYS.settings),
      ...shown(config.rehearse, SHOWN_KEYS.rehearse, "rehearse."),
      ...shown(api, SHOWN_KEYS.api, "api."),
      listen: api.listen.flatMap(textOf),
    },
    interfaces: byName(
      interfaces,
      ({ upDelayMs, downDelayMs }) => shown({ upDelayMs, downDelayMs }, ["up_delay", "down_delay"]),
    ),
    checks: byName(checks, checkShown),
    instances: byName(instances, instanceShown),
    sync_groups: byName(syncGroups, ({ instances }) => ({ instances })),
    notify: byName(notify, (entry) => shown(notifyWords(entry), SHOWN_KEYS.notify)),
    peers: byName(peers, ({ url }) => ({ url: openUrl(url) })),
  };
}

function instanceShown(instance: InstanceConfig): Words {
  const { authentication, clientCheck } = instance;
  const keys = authentication.type === "hmac"
    ? { "authentication.keys": authentication.keys.map(({ id }) => `${id}`) }
    : {};
  return {
    ...shown(instanceWords(instance), SHOWN_KEYS.instance),
    client_check: typeof clientCheck === "object"
      ? `${clientCheck.type}:${clientCheck.port}`
      : clientCheck,
    ...shown(authentication, SHOWN_KEYS.authentication, "authentication."),
    ...keys,
  };
}

function checkShown(check: CheckConfig): Words {
  const program = check.type === "exec" ? { program: check.command[0] } : {};
  const url = check.type === "http" ? { url: openUrl(check.url) } : {};
  const { onFail } = check;
  return {
    ...shown(checkWords(check), SHOWN_KEYS.check),
    ...program,
    ...url,
    ...(onFail && {
      "on_fail.program": onFail.command[0],
      ...shown(onFail, SHOWN_KEYS.on_fail, "on_fail."),
    }),
  };
}

/** The values of these keys, those of mappings below them with a point between. */
function shown(values: object, keys: readonly string[], prefix = ""): Words {
  const words: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(values)) {
    const key = snakeCase(name);
    if (!keys.includes(key)) continue;
    Object.assign(words, wordsOf(`${prefix}${key}`, name, value));
  }
  return words;
}

function wordsOf(key: string, name: string, value: unknown): Words {
  if (Array.isArray(value)) return { [key]: value.flatMap(textOf) };
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([inner, one]) =>
      wordsOf(`${key}.${snakeCase(inner)}`, inner, one)
    );
    return Object.assign({}, ...parts);
  }
  const text = scalarText(name, value);
  return text === null ? {} : { [key]: text };
}

function textOf(item: unknown): string[] {
  const text = itemText(item);
  return text === null ? [] : [text];
}

/** Scheme, host and port: user, path and query may hold a secret. */
function openUrl(url: string): string {
  return url.startsWith("unix:") ? url : URL.parse(url)?.origin ?? "";
}

function byName<T extends { readonly name: string }>(
  parts: readonly T[],
  words: (part: T) => Words,
): NamedWords {
  return Object.fromEntries(parts.map((part) => [part.name, words(part)]));
}
