/**
 * The events of a simulation, for a person; and who had the address when.
 *
 * @module
 */

import { type SimCluster, VIP } from "./cluster.ts";

export interface RecordedEvent {
  /** Virtual milliseconds. */
  readonly atMs: number;
  /** `step`: the scenario did it; `journal`: a node recorded it; `holders`: who has the address now. */
  readonly kind: "step" | "journal" | "holders";
  /** The node whose journal it is; `null` for the others. */
  readonly node: string | null;
  readonly text: string;
}

/** A span in which nobody had the address, or more than one. */
export interface HolderSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  /** The nodes that had it; empty in a gap. */
  readonly holders: readonly string[];
}

export class SimulationLog {
  readonly events: RecordedEvent[] = [];
  readonly #cluster: SimCluster;
  readonly #spans: { fromMs: number; holders: readonly string[] }[] = [];

  /** Records from now on. */
  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    cluster.onJournal((node, { message, severity }) => {
      if (severity !== "debug") this.#record("journal", node.name, message);
    });
    this.look();
  }

  /** The scenario does something. */
  step(text: string): void {
    this.#record("step", null, text);
  }

  /** The caller calls it after every event. */
  look(): void {
    // A node that cannot be reached serves nobody.
    const holders = this.#cluster.nodes.filter((node) => node.holds && node.host.linkUp)
      .map(({ name }) => name);
    const last = this.#spans[this.#spans.length - 1];
    if (last?.holders.join() === holders.join()) return;
    this.#spans.push({ fromMs: this.#cluster.time.nowMs, holders });
    const who = holders.length === 0
      ? "nobody has"
      : `${holders.join(" and ")} ${holders.length === 1 ? "has" : "have"}`;
    if (last) this.#record("holders", null, `${who} ${VIP.address}`);
  }

  /** Spans in which nobody had the address. */
  gaps(): HolderSpan[] {
    return this.#closedSpans().filter(({ holders }) => holders.length === 0);
  }

  /** Spans in which more than one node had it. */
  overlaps(): HolderSpan[] {
    return this.#closedSpans().filter(({ holders }) => holders.length > 1);
  }

  /** Spans of virtual length zero are left out: within one moment nobody can ask. */
  #closedSpans(): HolderSpan[] {
    return this.#spans.map(({ fromMs, holders }, index) => ({
      fromMs,
      untilMs: this.#spans[index + 1]?.fromMs ?? this.#cluster.time.nowMs,
      holders,
    })).filter(({ fromMs, untilMs }) => untilMs > fromMs);
  }

  #record(kind: RecordedEvent["kind"], node: string | null, text: string): void {
    this.events.push({ atMs: this.#cluster.time.nowMs, kind, node, text });
  }
}
