/**
 * The kernel's settings that decide how a node carries addresses, sysctl(8): two nodes of a pair should have the same.
 *
 * @module
 */

import type { MachineFacts } from "../status/node_config.ts";

/** Below /proc/sys/net. */
const SETTINGS = [
  ...["ipv4/ip_forward", "ipv4/ip_nonlocal_bind", "ipv6/ip_nonlocal_bind"],
  ...["ipv4/igmp_max_memberships"],
] as const;
/**
 * Below /proc/sys/net, of each interface: `ipv4/conf/eth1/arp_ignore`. Not `promote_secondaries`, which vipd sets itself
 * where it is master.
 */
const INTERFACE_SETTINGS = {
  ipv4: ["arp_announce", "arp_filter", "arp_ignore", "rp_filter"],
  ipv6: ["accept_dad", "disable_ipv6"],
} as const;
/** Of so many interfaces at most: a look takes a part of a millisecond. */
const MAX_INTERFACES = 16;
/** Looked at again after so long, in milliseconds: a person who has changed one compares the nodes next. */
const FRESH_MS = 1000;

/** Looks at the settings of these interfaces, at most once a second. */
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

  facts(): MachineFacts {
    const nowMs = this.#nowMs();
    if (this.#found === null || nowMs - this.#found.atMs >= FRESH_MS) {
      this.#found = { facts: this.#look(), atMs: nowMs };
    }
    return this.#found.facts;
  }

  #look(): MachineFacts {
    const names = ["all", ...new Set(this.#interfaces())].slice(0, MAX_INTERFACES);
    const ofInterfaces = Object.entries(INTERFACE_SETTINGS).flatMap(([family, keys]) =>
      names.flatMap((name) => keys.map((key) => `${family}/conf/${name}/${key}`))
    );
    const settings: Record<string, string> = {};
    for (const path of [...SETTINGS, ...ofInterfaces]) {
      const value = this.#read(`/proc/sys/net/${path}`);
      if (value !== null) settings[path] = value.trim();
    }
    return { kernel: this.#read("/proc/sys/kernel/osrelease")?.trim() ?? null, settings };
  }
}
