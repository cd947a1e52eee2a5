/**
 * The third routers that were heard of each instance, from one run to the next: a pair that has one is no pair, also after
 * a restart.
 *
 * @module
 */

import * as z from "zod";
import type { FoundState, StateStore } from "../../host/state_store.ts";
import { canonicalIp, type IpAddress } from "../../wire/address.ts";

/** One that continues to speak is written down again after so long, in milliseconds. */
const AGAIN_MS = 3_600_000;

const FORMAT = "vipd-third-routers";

interface ThirdRouter {
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
    instance: z.string(),
    address,
    heard: z.iso.datetime().transform((text) => Date.parse(text)),
  })),
});

export class ThirdRouters {
  readonly #store: StateStore | null;
  readonly #routers: Map<string, ThirdRouter>;
  #writing = false;
  #changed = false;

  /** Without a store nothing outlives the program. */
  constructor(store: StateStore | null) {
    this.#store = store;
    this.#routers = store ? decode(store.found) : new Map();
  }

  /** The one that was heard of the instance, by what is written down. */
  of(instance: string): ThirdRouter | null {
    return this.#routers.get(instance) ?? null;
  }

  /** One was heard now. */
  heard(instance: string, address: IpAddress, nowMs: number): void {
    const before = this.#routers.get(instance);
    const ageMs = before ? nowMs - before.atMs : Infinity;
    // A clock that was set back must not keep it from being written down.
    if (ageMs >= 0 && ageMs < AGAIN_MS) return;
    this.#routers.set(instance, { address, atMs: nowMs });
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

function encode(routers: ReadonlyMap<string, ThirdRouter>): string {
  const file = {
    format: FORMAT,
    version: 1,
    routers: Array.from(routers, ([instance, { address, atMs }]) => ({
      instance,
      address,
      heard: new Date(atMs).toISOString(),
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Of a damaged file nothing is known: then a third router counts once it is heard. */
function decode(found: FoundState): Map<string, ThirdRouter> {
  if (found.kind !== "text") return new Map();
  try {
    const { routers } = FileSchema.parse(JSON.parse(found.text));
    return new Map(
      routers.map(({ instance, address, heard: atMs }) => [instance, { address, atMs }]),
    );
  } catch {
    return new Map();
  }
}
