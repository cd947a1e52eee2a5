/** Which of all sites a run breaks. */

import { createHash } from "node:crypto";
import { nameKey, type Site } from "./sites.ts";

/**
 * `count` of the sites, drawn by the seed. Each site has its own lot, made of the seed and its name: a change of the
 * code changes the lots of what it touches, and the other sites are drawn as before.
 */
export function drawn(sites: readonly Site[], count: number, seed: number): Site[] {
  const lots = sites.map((site) => ({ site, lot: lotOf(site, seed) }));
  lots.sort((a, b) => a.lot < b.lot ? -1 : 1);
  return lots.slice(0, count).map(({ site }) => site);
}

function lotOf(site: Site, seed: number): string {
  return createHash("sha256").update(`${seed} ${nameKey(site)} ${site.nth}`).digest("hex");
}
