/**
 * The third routers that were heard of each virtual router, from one run to the next: a pair that has one is no pair, also
 * after a restart.
 *
 * @module
 */

import * as z from "zod";
import type { InstanceConfig } from "../../config/model.ts";
import type { FoundState, StateStore } from "../../host/state_store.ts";
import { START, STOP } from "../../status/remedies/remedies.ts";
import { MAX_THIRD_ROUTERS, THIRD_ROUTER_MS } from "../../vrrp/sole_backup.ts";
import { canonicalIp, type IpAddress } from "../../wire/address.ts";

/** Time after which a router that continues to speak is written down again, in milliseconds. */
const AGAIN_MS = 3_600_000;

const FORMAT = "vipd-third-routers";

interface ThirdRouter {
  /** The audience that it was heard in. */
  readonly of: string;
  readonly address: IpAddress;
  /** When it was heard last, as far as it is written down; in milliseconds since the epoch. */
  readonly atMs: number;
}

const address = z.string().transform((text, context) => {
  const canonical = canonicalIp(text);
  if (canonical) return canonical;
  context.addIssue("no address");
  return z.NEVER;
});
const FileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  routers: z.array(z.strictObject({
    of: z.string(),
    address,
    heard: z.iso.datetime().transform((text) => Date.parse(text)),
  })),
});

/**
 * The routers that an instance can hear, as one word: those of the same virtual router (RFC 9568 section 1.7), version and
 * way. One that was heard elsewhere, before a reload or a restart changed any of this, is no third one here.
 */
export function audienceOf(config: InstanceConfig): string {
  const { interface: name, family, vrid, version, unicast } = config;
  const way = unicast ? unicast.peers.toSorted().join(",") : config.multicastGroup;
  return `${name} ${family} ${vrid} v${version} ${way}`;
}

export class ThirdRouters {
  readonly #store: StateStore | null;
  #routers: readonly ThirdRouter[];
  #writing = false;
  #changed = false;

  /** Without a store nothing outlives the program. */
  constructor(store: StateStore | null) {
    this.#store = store;
    this.#routers = store ? decode(store.found) : [];
  }

  /** The way to forget one that is no node of the pair, in words that follow why it counts. */
  get remedy(): string {
    const forget = this.#store === null ? "" : `rm -f ${this.#store.path}; `;
    return `; if it is no node of this pair: ${STOP}; ${forget}${START}`;
  }

  /** The third routers that were heard in this audience, by the record. */
  of(audience: string): ThirdRouter[] {
    return this.#routers.filter(({ of }) => of === audience);
  }

  /** One was heard now. */
  heard(audience: string, address: IpAddress, nowMs: number): void {
    const before = this.of(audience).find((router) => router.address === address);
    const ageMs = before ? nowMs - before.atMs : Infinity;
    // A clock that was set back must not keep it from being written down.
    if (ageMs >= 0 && ageMs < AGAIN_MS) return;
    const kept = this.#routers.filter((it) => it !== before && nowMs - it.atMs < THIRD_ROUTER_MS);
    if (kept.filter(({ of }) => of === audience).length >= MAX_THIRD_ROUTERS) return;
    this.#becomes([...kept, { of: audience, address, atMs: nowMs }]);
  }

  /** Of those that were heard among these routers, the others turned out to be none. */
  retain(audience: string, third: ReadonlyMap<IpAddress, unknown>): void {
    const kept = this.#routers.filter(({ of, address }) => of !== audience || third.has(address));
    if (kept.length < this.#routers.length) this.#becomes(kept);
  }

  #becomes(routers: readonly ThirdRouter[]): void {
    this.#routers = routers;
    this.#changed = true;
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#changed) {
      this.#changed = false;
      // A disk that refuses is the alarm `state_unwritable`; the memory of this run does without it.
      await this.#store?.write(encode(this.#routers));
    }
    this.#writing = false;
  }
}

function encode(routers: readonly ThirdRouter[]): string {
  const file = {
    format: FORMAT,
    version: 1,
    routers: routers.map(({ of, address, atMs }) => ({
      ...{ of, address },
      heard: new Date(atMs).toISOString(),
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Of a damaged file nothing is known: then a third router counts once it is heard. */
function decode(found: FoundState): ThirdRouter[] {
  if (found.kind !== "text") return [];
  try {
    const { routers } = FileSchema.parse(JSON.parse(found.text));
    return routers.map(({ of, address, heard: atMs }) => ({ of, address, atMs }));
  } catch {
    return [];
  }
}
