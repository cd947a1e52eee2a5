/**
 * What becomes of what other programs have put on a node, when something else happens to it.
 *
 * @module
 */

import { refusedLameUntilMs } from "../model.ts";
import type { NodeWorld, Other, Presence } from "../world.ts";
import { here, type Scene } from "./step.ts";

export const IPV4_ROUTES: readonly Other[] = ["route", "route beside ours"];
export const IN_PLACE_OF_OURS: Other = "route in the place of ours";
export const IPV4_ADDRESSES: readonly Other[] = ["address", "virtual address"];
export const IPV6_ADDRESSES: readonly Other[] = ["ipv6 address", "virtual ipv6 address"];

/** What becomes of what others have put on eth1. */
export function others(
  scene: Scene,
  names: readonly Other[],
  presence: Presence,
): Pick<NodeWorld, "others"> {
  const before = here(scene).others;
  const changed = names.filter((it) => before[it] !== "gone").map((it) => [it, presence]);
  return { others: { ...before, ...Object.fromEntries(changed) } };
}

/** Another program's route stands in the place of vipd's. */
export const isTaken = (scene: Scene) => here(scene).refusedSinceMs !== null;

/**
 * No program renews a virtual address here. If the kernel removed it, the quicker of the two would have put it there
 * again.
 */
export const staysIfRenewed = (scene: Scene) =>
  here(scene).others["leased virtual address"] === "gone";

/** The route in the place of vipd's is gone. */
export function givenBack(scene: Scene): Partial<NodeWorld> {
  const { refusedSinceMs, lameUntilMs } = here(scene);
  const untilMs = refusedLameUntilMs(refusedSinceMs!, scene.nowMs);
  const ipv4 = Math.max(lameUntilMs.ipv4, untilMs);
  return { refusedSinceMs: null, lameUntilMs: { ...lameUntilMs, ipv4 } };
}
