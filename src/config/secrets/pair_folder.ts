/**
 * The folder in `state_dir` for the files that `vipd pair` makes.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { DEFAULT_STATE_DIR } from "../model.ts";
import { valueAt } from "../findings.ts";

/** The remedy for a file of the folder that is missing or damaged: nobody else can make it. */
export const PAIR_AGAIN =
  "`vipd pair` makes it again: run it on this node, and `vipd pair --join` on the other one";

export function pairFolder(stateDir: string): string {
  return join(stateDir, "pair");
}

/** Whether `vipd pair` makes the file that the data of a configuration names. */
export function isOfPair(file: string, data: unknown): boolean {
  const stateDir = valueAt(data, ["state_dir"]) ?? DEFAULT_STATE_DIR;
  return typeof stateDir === "string" && dirname(file) === pairFolder(stateDir);
}
