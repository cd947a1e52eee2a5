/**
 * The output of `vipd simulate`.
 *
 * @module
 */

import { VIP } from "../../sim/cluster.ts";
import type { HolderSpan, RecordedEvent } from "../../sim/simulation_log.ts";
import type { Simulation } from "../../sim/simulation.ts";
import { printableJson } from "../../wire/printable.ts";
import type { Style } from "./terminal/style.ts";

/** The scenario that was played. */
export interface Play {
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
}

/** The timeline and its outcome; ends with a newline. */
export function simulationText(play: Play, simulation: Simulation, style: Style): string {
  const { recording, invariants, cluster } = simulation;
  const { violations } = invariants;
  const untilMs = cluster.time.nowMs;
  return [
    `${style.bold(play.name)}: ${play.summary} (${cluster.nodes.length} nodes, seed ${play.seed})`,
    "",
    ...recording.events.map((event) => eventLine(event, style)),
    "",
    ...spanLines(`nobody had ${VIP.address}`, recording.gaps(), untilMs),
    ...spanLines(`more than one node had ${VIP.address}`, recording.overlaps(), untilMs),
    violations.length === 0
      ? style.good("all invariants held")
      : style.bad(`${violations.length} invariants did not hold:`),
    ...violations.map(({ atMs, invariant, message }) =>
      style.bad(`  ${timeText(atMs)}  ${invariant}: ${message}`)
    ),
    "",
  ].join("\n");
}

/** The same for programs. */
export function simulationJson(play: Play, { recording, invariants, cluster }: Simulation): string {
  const span = ({ fromMs, untilMs, holders }: HolderSpan) => ({
    from_ms: round(fromMs),
    until_ms: round(untilMs),
    holders,
  });
  const report = {
    scenario: play.name,
    seed: play.seed,
    nodes: cluster.nodes.map(({ name }) => name),
    events: recording.events.map(({ atMs, ...event }) => ({ at_ms: round(atMs), ...event })),
    gaps: recording.gaps().map(span),
    overlaps: recording.overlaps().map(span),
    violations: invariants.violations.map(({ atMs, ...violation }) => ({
      at_ms: round(atMs),
      ...violation,
    })),
  };
  return `${printableJson(JSON.stringify(report, null, 2))}\n`;
}

function eventLine({ atMs, kind, node, text }: RecordedEvent, style: Style): string {
  const time = style.dim(timeText(atMs));
  if (kind === "journal") return `${time}  ${node}  ${text}`;
  return kind === "step"
    ? `${time}  ${style.bold(`*     ${text}`)}`
    : `${time}  ${style.good(`=     ${text}`)}`;
}

function spanLines(what: string, spans: readonly HolderSpan[], endMs: number): string[] {
  if (spans.length === 0) return [`${what}: never`];
  return [
    `${what}:`,
    ...spans.map(({ fromMs, untilMs, holders }) => {
      const who = holders.length === 0 ? "" : `: ${holders.join(" and ")}`;
      const end = untilMs === endMs ? ", to the end" : "";
      return `${timeText(fromMs)}  for ${spanText(untilMs - fromMs)}${end}${who}`;
    }),
  ];
}

function timeText(atMs: number): string {
  return seconds(atMs).padStart(11);
}

/** A hand-over takes some tenths of a millisecond. */
function spanText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : seconds(ms);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** Rounds to microseconds. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
