/**
 * Who may serve, as the model expects it.
 *
 * @module
 */

import type { Family } from "../../../src/wire/address.ts";
import { expectation } from "../model.ts";
import type { Scene } from "./step.ts";

/** The node is the only one that may serve. */
export function serves({ world, node, nowMs }: Scene, family: Family): boolean {
  const { outcomes } = expectation(world, family, nowMs);
  return outcomes.length === 1 && outcomes[0]!.masters.join() === node;
}

/** The node may serve. */
export function isServed(scene: Scene, family: Family): boolean {
  const { outcomes } = expectation(scene.world, family, scene.nowMs);
  return outcomes.length !== 1 || outcomes[0]!.masters.includes(scene.node);
}
