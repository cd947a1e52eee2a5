/**
 * Does a process grow? Looked at over its life, for a start is no growth.
 *
 * @module
 */

import type { Usage } from "../../lab/usage.ts";
import type { SoakNode } from "./node.ts";

const MEBIBYTE = 1024 * 1024;
/** From its start a process has so long until what it makes once is made. */
const WARM_UP_MS = 30_000;
/** What a collector that has not run yet leaves, and the journal's entries. */
const GROWTH_LIMIT_OCTETS = 24 * MEBIBYTE;
/** A probe and a few API clients. */
const DESCRIPTORS_LIMIT = 16;

interface Life {
  readonly sinceMs: number;
  first: Usage | null;
  last: Usage | null;
}

/** Watches the processes of some nodes. */
export class Footprint {
  readonly #lives = new Map<string, Life>();

  /** Looks at each node's daemon. */
  async look(nodes: readonly SoakNode[]): Promise<void> {
    for (const node of nodes) {
      const seen = await node.usage();
      if (seen === null) continue;
      const key = `${node.name}, process ${seen.pid}`;
      const nowMs = performance.now();
      const life = this.#lives.get(key) ?? { sinceMs: nowMs, first: null, last: null };
      this.#lives.set(key, life);
      if (nowMs - life.sinceMs < WARM_UP_MS) continue;
      life.first ??= seen.usage;
      life.last = seen.usage;
    }
  }

  /** How much each process grew, as text; and those that grew too much. */
  report(): { readonly lines: string[]; readonly tooMuch: string[] } {
    const [lines, tooMuch]: [string[], string[]] = [[], []];
    for (const [key, { first, last }] of this.#lives) {
      if (first === null || last === null || first === last) continue;
      const octets = last.privateOctets - first.privateOctets;
      const descriptors = last.descriptors - first.descriptors;
      const line = `${key}: memory of its own ${(last.privateOctets / MEBIBYTE).toFixed(1)} MB, ` +
        `grown by ${(octets / MEBIBYTE).toFixed(1)} MB; ` +
        `${last.descriptors} descriptors, grown by ${descriptors}`;
      lines.push(line);
      if (octets > GROWTH_LIMIT_OCTETS || descriptors > DESCRIPTORS_LIMIT) tooMuch.push(line);
    }
    return { lines, tooMuch };
  }
}
