/**
 * The origins of the standing overrides, from one run to the next.
 *
 * It has a file of its own: vipd 0.1.0, to which a node may go back, takes no unknown key in the file of the overrides.
 *
 * @module
 */

import * as z from "zod";
import type { FoundState, StateStore } from "../../host/state_store.ts";
import {
  commandClient,
  type CommandOrigin,
  commandReason,
  originOf,
} from "../../status/schemas/command_origin.ts";
import type { StoredOverride } from "./stored_override.ts";

const FORMAT = "vipd-override-origins";

const FileSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  origins: z.array(z.object({
    instance: z.string(),
    since: z.iso.datetime().transform((text) => Date.parse(text)),
    by: commandClient.optional(),
    reason: commandReason.optional(),
  })),
});

/** Identifies an override: another one of the same instance began at another time. */
type OverrideKey = Pick<StoredOverride, "instance" | "sinceMs">;

export class OverrideOrigins {
  readonly #store: StateStore | null;
  /** The content that the file has, or will have when `#writing` resolves. */
  #text: string;
  #writing: Promise<void> | null = null;

  /** Without a store nothing outlives the program. */
  constructor(store: StateStore | null) {
    this.#store = store;
    this.#text = encode([]);
  }

  /** The origin that the last run has left for this override. Of a damaged file nothing is known. */
  of({ instance, sinceMs }: OverrideKey): CommandOrigin {
    const kept = this.#store === null ? [] : decode(this.#store.found);
    const found = kept.find((one) => one.instance === instance && one.since === sinceMs);
    return found ? originOf(found) : {};
  }

  /** Writes in the background, if the origins differ from those written last. */
  changed(standing: readonly StoredOverride[]): void {
    const text = encode(standing);
    if (this.#store === null || text === this.#text) return;
    this.#text = text;
    this.#writing ??= this.#write(this.#store);
  }

  /** Resolves when what changed so far is on the disk, or was refused by it. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(store: StateStore): Promise<void> {
    let written: string | null = null;
    while (written !== this.#text) {
      written = this.#text;
      // A disk that refuses is the alarm `state_unwritable`; the overrides do without this.
      await store.write(written);
    }
    this.#writing = null;
  }
}

function encode(standing: readonly StoredOverride[]): string {
  const origins = standing
    .filter(({ origin }) => Object.keys(origin).length > 0)
    .map(({ instance, sinceMs, origin }) => ({
      instance,
      since: new Date(sinceMs).toISOString(),
      ...origin,
    }));
  return `${JSON.stringify({ format: FORMAT, version: 1, origins }, null, 2)}\n`;
}

function decode(found: FoundState): z.infer<typeof FileSchema>["origins"] {
  if (found.kind !== "text") return [];
  try {
    return FileSchema.parse(JSON.parse(found.text)).origins;
  } catch {
    return [];
  }
}
