/**
 * The verdict on the pair for a person at a terminal: one sentence, and below it the reasons with their remedies.
 *
 * @module
 */

import { gravestFirst, gravestVerdict } from "../../status/pair/severity.ts";
import { age } from "../../status/text/span.ts";
import type { InstancePair, InstanceStatus, PairReason, Verdict } from "../../status/status.ts";
import { PAIR_REASONS, type PairReasonCode, VERDICTS } from "../../status/codes/verdicts.ts";
import type { Paint, Style } from "./terminal/style.ts";

/** From so many instances on they are a table, and their verdicts are counted. */
export const MANY_INSTANCES = 3;
/** Number of names before a reason; the others are counted. */
const MAX_NAMES = 3;

/** Nothing for instances of an older vipd, which knows no verdict. */
export function pairLines(
  instances: readonly InstanceStatus[],
  nowMs: number,
  style: Style,
): string[] {
  const known = gravestFirst(instances).flatMap(({ name, pair }) => pair ? [{ name, pair }] : []);
  if (known.length === 0) return [];
  if (instances.length < MANY_INSTANCES) {
    return known.flatMap(({ pair }) => [
      verdictPaint(pair.verdict, style)(sentenceOf(pair)),
      ...pair.reasons.flatMap((reason) => reasonLines("", reason, nowMs, style)),
    ]);
  }
  const worst = gravestVerdict(instances)!;
  return [
    verdictPaint(worst, style)(countsText(known.map(({ pair }) => pair.verdict))),
    ...sharedReasons(known).flatMap(({ names, reason }) =>
      reasonLines(`${namesText(names)}: `, reason, nowMs, style)
    ),
  ];
}

/** The paint of a verdict. */
export function verdictPaint(verdict: Verdict, style: Style): Paint {
  if (verdict === "protected") return style.good;
  return verdict === "unverified" ? style.warning : style.bad;
}

/** `VI_1 is served by lb01; lb02 is ready`; a verdict that is no good one stands before it. */
function sentenceOf({ verdict, sentence }: InstancePair): string {
  return verdict === "protected" ? sentence : `${verdict.toUpperCase()}: ${sentence}`;
}

/** `all 20 instances are protected`, `18 of 20 instances are protected, 1 is unserved, 1 is unverified`. */
function countsText(verdicts: readonly Verdict[]): string {
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: verdicts.filter((one) => one === verdict).length,
  }));
  const safe = counts.at(-1)!.count;
  if (safe === verdicts.length) return `all ${safe} instances are protected`;
  const others = counts.slice(0, -1).filter(({ count }) => count > 0).map(({ verdict, count }) =>
    `${count} ${count === 1 ? "is" : "are"} ${verdict}`
  );
  const verb = safe === 1 ? "is" : "are";
  return [`${safe} of ${verdicts.length} instances ${verb} protected`, ...others].join(", ");
}

interface SharedReason {
  readonly reason: PairReason;
  readonly names: string[];
}

/** Each reason once, with the instances that have it; in order of weight. */
function sharedReasons(
  known: readonly { readonly name: string; readonly pair: InstancePair }[],
): SharedReason[] {
  const shared = new Map<string, SharedReason>();
  for (const { name, pair } of known) {
    for (const reason of pair.reasons) {
      const key = JSON.stringify([reason.code, reason.message, reason.hint]);
      const found = shared.get(key) ?? { reason, names: [] };
      found.names.push(name);
      shared.set(key, found);
    }
  }
  const order = Object.keys(PAIR_REASONS) as PairReasonCode[];
  return [...shared.values()].toSorted((a, b) =>
    order.indexOf(a.reason.code) - order.indexOf(b.reason.code)
  );
}

function namesText(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  if (more <= 0) return names.join(", ");
  return `${names.slice(0, MAX_NAMES).join(", ")} and ${more} more`;
}

function reasonLines(
  about: string,
  { code, verdict, message, hint, since }: PairReason,
  nowMs: number,
  style: Style,
): string[] {
  const line = `! ${about}${message} (${code}, since ${age(since, nowMs)})`;
  return [verdictPaint(verdict, style)(line), `  ${hint}`];
}
