/**
 * What is done to a node by those who have no token, and what each run of it yields.
 *
 * @module
 */

import type { Figure, Measured } from "../scenario.ts";

/** What a run has at hand. */
export interface HostileContext {
  /** The built executable; without it vipd runs from source. */
  readonly binary: string | undefined;
  /** How long an attack, and the control before it, lasts, in milliseconds. */
  readonly durationMs: number;
  /** The controls of this round that rows of the same nodes and as many processes share, by name. */
  readonly controls: Map<string, Control>;
  /** Told what the reader of the figures has to know of this run. */
  readonly note: (text: string) => void;
}

/** What was seen next to processes that only compute. */
export interface Control {
  /** The longest time between two adverts, in milliseconds. */
  readonly gapMs: number;
  readonly besides: Measured;
}

/** The figures that every row has. */
export interface WireAndMemory {
  /** How often another node became master, from the beginning of the attack until who missed adverts has taken over. */
  readonly elections: number;
  /** The longest time between two adverts of who was master at the beginning, in milliseconds. */
  readonly gapMs: number;
  /** The same beside as many computing processes as the attack has, in the same round. */
  readonly controlGapMs: number;
  /** The engine's own memory (anonymous pages), in octets; NaN where it has ended. */
  readonly memory: {
    readonly before: number;
    /** In the middle of the attack. */
    readonly half: number;
    readonly after: number;
    /** At most. */
    readonly peak: number;
  };
}

/** What a run came to. */
export type RowOutcome =
  | {
    readonly kind: "taken";
    readonly common: WireAndMemory;
    readonly besides: Measured;
    /** What could be measured of the same in the control. */
    readonly controlBesides: Measured;
  }
  /** This executable has nothing that could be attacked so. */
  | { readonly kind: "impossible"; readonly why: string };

/** One line of the table. */
export interface HostileRow {
  /** Chosen by `--only`, behind `hostile-`. */
  readonly name: string;
  readonly title: string;
  /** A gap up to this is on time, whatever the control has, in milliseconds. */
  readonly onTimeMs: number;
  /** What is measured besides, by the keys of {@link RowOutcome}'s `besides`. */
  readonly besides: readonly Figure[];
  take(context: HostileContext): Promise<RowOutcome>;
}

/** Rows of one kind of load: one line of the summary. */
export interface HostileGroup {
  readonly title: string;
  readonly rows: readonly HostileRow[];
}
