/**
 * The daemons that can be a node of a pair, each with the same handles.
 *
 * @module
 */

import { Frr } from "../../lab/frr.ts";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Vipd } from "../../lab/vipd.ts";
import { frrRouter, keepalivedConfig, type NodeName, type Pair, vipdConfig } from "./pair.ts";

/** A daemon as the walk needs it. */
export interface Daemon {
  /** Starts it with the priority it was made with. */
  start(): Promise<void>;
  /** A clean stop. */
  stop(): Promise<void>;
  /** kill -9. */
  crash(): Promise<void>;
  /** Changes its priority while it runs. */
  setPriority(priority: number): Promise<void>;
  /** What it said last, for messages. */
  lastLines(): readonly string[];
  /** Adverts it has discarded, by reason, where it can tell. */
  discarded(): Promise<Readonly<Record<string, number>>>;
}

export type Brand = "vipd" | "keepalived" | "FRR";

/** The daemon of `brand` on one host of the pair's lab. */
export async function daemon(
  brand: Brand,
  host: LabHost,
  pair: Pair,
  priority: number,
): Promise<Daemon> {
  const node = host.name as NodeName;
  switch (brand) {
    case "vipd":
      return await Promise.resolve(vipd(host, vipdConfig(pair, node, priority)));
    case "keepalived":
      return keepalived(host, (current) => keepalivedConfig(pair, node, current), priority);
    case "FRR":
      return vrrpd(await Frr.prepare(host, frrRouter(pair)), priority);
  }
}

function vipd(host: LabHost, config: string): Daemon {
  const process = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
  return {
    start: () => process.start(),
    stop: () => process.stop(),
    crash: () => process.signal("SIGKILL"),
    setPriority: (priority) => process.setPriority("VI_1", priority),
    lastLines: () => process.lastLines,
    discarded: async () => (await process.status())?.instances[0]?.counters.dropped ?? {},
  };
}

function keepalived(
  host: LabHost,
  config: (priority: number) => string,
  configured: number,
): Daemon {
  let process: Keepalived | null = null;
  return {
    start: async () => {
      process = await Keepalived.start(host, config(configured));
    },
    stop: async () => await process?.stop(),
    crash: async () => await process?.crash(),
    setPriority: async (priority) => await process?.reload(config(priority)),
    lastLines: () => process?.lastLines ?? [],
    discarded: () => Promise.resolve({}),
  };
}

function vrrpd(frr: Frr, priority: number): Daemon {
  return {
    start: () => frr.start(priority),
    stop: () => frr.stop(),
    crash: () => frr.crash(),
    setPriority: (changed) => frr.setPriority(changed),
    lastLines: () => frr.lastLines,
    discarded: () => Promise.resolve({}),
  };
}
