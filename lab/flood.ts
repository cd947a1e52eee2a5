/**
 * A host that floods the network with VRRP that does not belong to the pair.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";

/** The number of packets sent, and how long that took. */
export interface FloodReport {
  readonly sent: number;
  readonly tookMs: number;
}

export interface FloodOptions {
  readonly device: string;
  readonly packetsPerSecond: number;
  readonly durationMs: number;
  /** The pair's own VRID: some of the packets forge it. */
  readonly vrid: number;
}

/** Floods from `host`; resolves at the end. */
export async function flood(host: LabHost, options: FloodOptions): Promise<FloodReport> {
  const { device, packetsPerSecond, durationMs, vrid } = options;
  const { stdout } = await host.run([
    // At the highest priority if permitted, like an interrupt of a real network card.
    ...["nice", "-n", "-20", Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
    new URL("flood_process.ts", import.meta.url).pathname,
    ...[device, String(packetsPerSecond), String(durationMs), String(vrid)],
  ]);
  const report = JSON.parse(stdout) as FloodReport;
  if (report.sent === 0) throw new LabError(`Nothing of the flood on ${host.name} was sent`);
  return report;
}
