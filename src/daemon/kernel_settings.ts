/**
 * The facts about its machine in a node's status: the kernel, and those of its settings that two nodes of a pair should have alike.
 *
 * @module
 */

import { kernelSettings } from "../linux/kernel_settings.ts";
import type { MachineFacts } from "../status/node_config.ts";

/** Upper bound of the interfaces: a look at one takes a part of a millisecond. */
const MAX_INTERFACES = 16;
/** How long a look counts for a front that does not ask for one, in milliseconds. */
const FRESH_MS = 10_000;

/** Looks at the settings of these interfaces. */
export class KernelSettings {
  readonly #read: (path: string) => string | null;
  readonly #interfaces: () => readonly string[];
  readonly #nowMs: () => number;
  #found: { readonly facts: MachineFacts; readonly atMs: number } | null = null;

  /** `read`: a file of the kernel, `null` if it cannot be read; `nowMs`: monotonic. */
  constructor(
    read: (path: string) => string | null,
    interfaces: () => readonly string[],
    nowMs: () => number = () => performance.now(),
  ) {
    this.#read = read;
    this.#interfaces = interfaces;
    this.#nowMs = nowMs;
  }

  /** `look`: as they are now, because a person who has changed a setting compares the nodes next. */
  facts(look: boolean): MachineFacts {
    const nowMs = this.#nowMs();
    if (look || this.#found === null || nowMs - this.#found.atMs >= FRESH_MS) {
      this.#found = { facts: this.#look(), atMs: nowMs };
    }
    return this.#found.facts;
  }

  #look(): MachineFacts {
    const names = ["all", ...new Set(this.#interfaces())].slice(0, MAX_INTERFACES);
    const settings: Record<string, string> = {};
    for (const path of kernelSettings("compared", names)) {
      const value = this.#read(`/proc/sys/net/${path}`);
      if (value !== null) settings[path] = value.trim();
    }
    return { kernel: this.#read("/proc/sys/kernel/osrelease")?.trim() ?? null, settings };
  }
}
