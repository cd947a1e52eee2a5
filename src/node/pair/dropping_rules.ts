/**
 * The rules of this machine's firewall that drop an instance's adverts: read only while something shows that adverts are
 * dropped, because a person who is to remove a rule must know which one.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Clock } from "../../host/clock.ts";
import type { FilteredAdvert, Firewall } from "../../host/firewall.ts";
import type { DroppedBy } from "../../status/status.ts";
import type { Instance } from "../instance/instance.ts";
import type { Alarms } from "../journal/alarms.ts";

/** How long what was read counts, in milliseconds: a rule that was removed must not be named for long. */
const FRESH_MS = 10_000;
/** Least time between two reads, whatever they are for, in milliseconds. */
const GAP_MS = 200;

/** The alarms of a master about another one of which no advert gets through. */
const TWO_MASTERS = ["split_brain_address", "split_brain_peer"] as const;

interface Read {
  readonly atMs: number;
  readonly found: DroppedBy | null;
}

export class DroppingRules {
  readonly #host: Clock & Firewall;
  readonly #alarms: Alarms;
  /** By what was looked for: instances on one link have the same adverts. */
  readonly #reads = new Map<string, Read>();
  #lastMs = -Infinity;

  constructor(host: Clock & Firewall, alarms: Alarms) {
    this.#host = host;
    this.#alarms = alarms;
  }

  /** The rules that drop its adverts on the way on which they are missed; `null` if none are missed, or no rule is known. */
  of(instance: Instance): DroppedBy | null {
    const adverts = this.#missed(instance);
    if (adverts.length === 0) {
      // Whatever drops adverts next is looked for again.
      if (this.#reads.size > 0) {
        for (const key of keysOf(instance.config)) this.#reads.delete(key);
      }
      return null;
    }
    const found = adverts.map((advert) => this.#look(advert)).filter((it) => it !== null);
    return found.length === 0 ? null : {
      rule: found.map(({ rule }) => rule).join("; "),
      command: found.map(({ command }) => command).join("; "),
    };
  }

  #missed(instance: Instance): FilteredAdvert[] {
    const { config, router } = instance;
    // An instance that sends no adverts is the graver case, and its message is about these rules alone.
    if (instance.advertsBlocked !== null) return leaving(config);
    const arrive = router.advertsMissing(this.#host.nowMs()) ||
      TWO_MASTERS.some((code) => this.#alarms.standing(code, config.name) !== null);
    return arrive ? arriving(config, instance.conditions.primaryAddress) : [];
  }

  #look(advert: FilteredAdvert): DroppedBy | null {
    const key = keyOf(advert);
    const known = this.#reads.get(key);
    const nowMs = this.#host.nowMs();
    const isFresh = known !== undefined && nowMs - known.atMs < FRESH_MS;
    if (isFresh || nowMs - this.#lastMs < GAP_MS) return known?.found ?? null;
    this.#lastMs = nowMs;
    const drops = this.#host.droppingRules(advert);
    const found = drops.length === 0 ? null : {
      rule: drops.map(({ place }) => place).join("; "),
      command: drops.map(({ command }) => command).join("; "),
    };
    this.#reads.set(key, { atMs: nowMs, found });
    return found;
  }
}

/** Frames from a virtual MAC address pass only the interface's egress chains on their way out. */
function leaving(config: InstanceConfig): FilteredAdvert[] {
  const { interface: name, family, unicast, virtualInterface } = config;
  const way = { direction: "out", interface: name, family } as const;
  if (unicast) {
    return unicast.peers.map((destination) => ({ ...way, destination, unicast: true }));
  }
  const framed = virtualInterface !== undefined && { framed: true as const };
  return [{ ...way, destination: config.multicastGroup, unicast: false, ...framed }];
}

function arriving(config: InstanceConfig, source: string | null): FilteredAdvert[] {
  const { interface: name, family, unicast } = config;
  const way = { direction: "in", interface: name, family } as const;
  if (!unicast) return [{ ...way, destination: config.multicastGroup, unicast: false }];
  return source === null ? [] : [{ ...way, destination: source, unicast: true }];
}

function keysOf(config: InstanceConfig): string[] {
  return leaving(config).concat(arriving(config, null)).map(keyOf);
}

function keyOf(
  { direction, interface: name, family, destination, framed }: FilteredAdvert,
): string {
  return [direction, name, family, destination, framed].join(" ");
}
