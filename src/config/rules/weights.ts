/**
 * Weights that cannot move the addresses. One file does not know the other node, so they are warnings, with the sum.
 *
 * @module
 */

import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { PartialCheck, PartialInstance, Placed } from "../partial.ts";
import type { TrackValues } from "../schema/instance.ts";
import { DEFAULT_PRIORITY } from "../values/defaults.ts";
import { type Finding, warningAt } from "../findings.ts";

/** All findings about one instance's weights. */
export function weightFindings(
  { path, values, track }: PartialInstance,
  checks: readonly PartialCheck[],
): Finding[] {
  const { priority, preempt } = values;
  const weighted = track.filter(({ value }) => value.weight !== undefined);
  const first = weighted[0];
  // An owner's priority is not moved at all, which another rule says.
  if (!first || priority === undefined || priority === PRIORITY_OWNER) return [];
  if (preempt === false) {
    return [warningAt(
      [...first.path, "weight"],
      "weight_without_preempt",
      "a weight moves the priority, but while no node preempts, the addresses stay with their master",
      "remove the weight, so that a failure makes the other node master, or see to it that the other node has " +
        "`preempt: true`",
    )];
  }
  // Nobody knows what a file will hold.
  const files = new Set(checks.flatMap(({ name, type }) => type === "file" ? [name] : []));
  if (weighted.some(({ value }) => files.has(value.check ?? ""))) return [];
  const lowest = priority + sumOf(weighted, Math.min);
  const other = DEFAULT_PRIORITY + sumOf(weighted, Math.max);
  if (lowest < other) return [];
  const well = other === DEFAULT_PRIORITY ? "" : `, ${other} while all is well there`;
  return [warningAt(
    [...path, "priority"],
    "weight_too_small",
    `whatever fails that has a weight, it is ${lowest} at least: this node stays master next to one of the usual ` +
      `priority ${DEFAULT_PRIORITY}${well}`,
    `choose larger weights, more than ${
      priority - DEFAULT_PRIORITY
    } together; or a higher priority on the other node`,
  )];
}

/** The most, or the least, that the weights add. */
function sumOf(
  weighted: readonly Placed<TrackValues>[],
  choose: (added: number, nothing: 0) => number,
): number {
  return weighted.reduce(
    (sum, { value: { weight = 0, reverse } }) => sum + choose(reverse ? -weight : weight, 0),
    0,
  );
}
