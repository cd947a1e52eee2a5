/**
 * What is measured: scenarios, and the figures that each run of one yields.
 *
 * @module
 */

import type { Brand } from "../../lab/daemon.ts";

/** How a figure is written. */
export type Unit = "ms" | "%" | "MB" | "count";

/** A line of the table. */
export interface Figure {
  /** The key of its value in what a run yields; unique in the whole table. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** A run that waited in vain yields `Infinity` and waited so long, in the figure's unit. */
  readonly watched?: number;
  readonly target?: Target;
}

/** What of all runs has to meet a target; the median would hide what must never happen. */
export type Judged = "median" | "max" | "sum";

/** What vipd has to come to. */
export interface Target {
  readonly text: string;
  /** The median if absent. */
  readonly judged?: Judged;
  /** `keepalived` is the same of its runs, NaN where it was not measured. */
  readonly met: (vipd: number, keepalived: number) => boolean;
}

/** Nothing at all, in any run; `text` has the unit. */
export function never(text = "0"): Target {
  return { text: `≤ ${text}`, judged: "max", met: (vipd) => vipd <= 0 };
}

/** At most so much. */
export function atMost(limit: number, text: string): Target {
  return { text: `≤ ${text}`, met: (vipd) => vipd <= limit };
}

/** At least so much. */
export function atLeast(limit: number, text: string): Target {
  return { text: `≥ ${text}`, met: (vipd) => vipd >= limit };
}

/** At most so many times what keepalived needs. */
export function timesKeepalived(factor: number): Target {
  return {
    text: `≤ ${factor.toFixed(1)} x keepalived`,
    met: (vipd, keepalived) => vipd <= factor * keepalived,
  };
}

/** What a run has at hand. */
export interface BenchContext {
  /** The built executable; without it vipd runs from source. */
  readonly binary: string | undefined;
  /** Which run it is, from 0. */
  readonly run: number;
  readonly runs: number;
  /** Tells what the reader of the figures has to know of this run. */
  readonly note: (text: string) => void;
}

/** What a run yields: figure's id -> value. */
export type Measured = Readonly<Record<string, number>>;

/** Something that both daemons are put through, from a fresh lab to its end. */
export interface Scenario {
  /** Chosen by `--only`. */
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Which daemons can do it at all. */
  readonly brands: readonly Brand[];
  measure(brand: Brand, context: BenchContext): Promise<Measured>;
}
