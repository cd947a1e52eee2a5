/**
 * What a step is: when it can happen, what it does to the world, and the command that does it.
 *
 * @module
 */

import type { NodeName, NodeWorld, World } from "../world.ts";

/** What a step is taken with. */
export interface Scene {
  readonly world: World;
  readonly node: NodeName;
  readonly nowMs: number;
  readonly random: () => number;
}

/** A command in the host's shell, what happens to the cable of its eth1, or to a second daemon there. */
export type Deed =
  | string
  | { readonly cable: "unplugged" | "silent" | "whole" }
  | { readonly second: "started" | "ended" | "killed" };

/** For a person. */
export function deedText(deed: Deed): string {
  if (typeof deed === "string") return deed;
  return "cable" in deed ? `its cable is ${deed.cable}` : `a second vipd is ${deed.second}`;
}

export interface Step {
  readonly name: string;
  /** How often it is drawn, next to the others. */
  readonly weight: number;
  /** It is the end of what another step began. */
  readonly heals: boolean;
  /** Whether the world lets it happen. */
  readonly can: (scene: Scene) => boolean;
  /** What of the node is another way afterwards. */
  readonly change: (scene: Scene) => Partial<NodeWorld>;
  readonly deed: (scene: Scene) => Deed;
  /** It may move the addresses, although in the end nothing is another way. */
  readonly mayMove?: boolean;
  /** It does something to what vipd has put there, which may be on its way back from the step before. */
  readonly mayMiss?: boolean;
  /** The host may refuse it: then it is void. */
  readonly mayFail?: boolean;
}

interface StepParts extends Partial<Step> {
  readonly name: string;
  readonly deed: (scene: Scene) => Deed;
}

export function step(
  { weight = 2, heals = false, can = () => true, change = nothing, ...rest }: StepParts,
): Step {
  return { weight, heals, can, change, ...rest };
}

/** The node that the step happens to. */
export const here = ({ world, node }: Scene) => world.nodes[node];
export const isUp = (scene: Scene) => here(scene).link === "up";
const nothing = () => ({});

/** Up to `most` seconds, as sleep(1) takes them. */
export function seconds(random: () => number, most: number): string {
  return (random() * most).toFixed(3);
}

/** One octet of a MAC address. */
export function octet(random: () => number): string {
  return Math.floor(random() * 256).toString(16).padStart(2, "0");
}
