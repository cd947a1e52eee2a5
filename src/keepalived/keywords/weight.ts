/**
 * `weight NUMBER [reverse]`, in definitions and where they are used.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** How a tracked thing counts. Weight 0: its failure means fault. */
export interface Weight {
  readonly weight: number;
  /** Counts the other way round. */
  readonly reverse: boolean;
}

const NO_WEIGHT: Weight = { weight: 0, reverse: false };

/** Beyond this vipd takes no weight; `vrrp_track_process` allows one more. */
const MAX_WEIGHT = 253;

/** Reads the words after `weight`; 0, with a finding, where keepalived would not take them, beyond `highest`. */
export function readWeight(
  words: readonly string[],
  statement: Statement,
  report: Report,
  highest = MAX_WEIGHT + 1,
): Weight {
  const [text = "", direction, ...more] = words;
  const weight = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  const known = direction === undefined ||
    ["reverse", "noreverse", "no_reverse"].includes(direction);
  if (!(Math.abs(weight) <= highest) || !known || more.length > 0) {
    report.add(
      "not_carried",
      statement,
      `${quote(words.join(" "))} is not a weight from -${MAX_WEIGHT} to ${MAX_WEIGHT}`,
      "it counts without weight, so its failure means fault; correct it and import again",
    );
    return NO_WEIGHT;
  }
  const limited = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));
  if (limited !== weight) {
    const message = `${weight} becomes ${limited}, which is as far as priorities reach`;
    report.add("carried_differently", statement, message, "there is nothing to do");
  }
  // -0 is a number of its own.
  return { weight: limited || 0, reverse: direction === "reverse" };
}

/** An entry of `track_script` and the like: `NAME [weight NUMBER [reverse]]`. */
export interface TrackEntry {
  readonly name: string;
  /** `null` where the entry says none. */
  readonly weight: Weight | null;
}

/** Reads such an entry. Words that keepalived does not look at are told. */
export function readTrackEntry(statement: Statement, report: Report): TrackEntry {
  const { keyword: name, words } = statement;
  if (words.length === 0) return { name, weight: null };
  if (words[0] === "weight") {
    return { name, weight: readWeight(words.slice(1), statement, report) };
  }
  report.add(
    "not_carried",
    statement,
    `${quote(words.join(" "))} after the name is not looked at`,
    "write each name on a line of its own, a weight as `NAME weight NUMBER`",
  );
  return { name, weight: null };
}
