/**
 * One run of `vipd watch`: keeps status and journal fresh and draws them.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import { JoinedSignal } from "../../../runtime/joined_signal.ts";
import type { JournalEntry } from "../../../status/journal.ts";
import type { NodeStatus } from "../../../status/status.ts";
import { CliError } from "../../../exit.ts";
import type { Output } from "../../context.ts";
import type { Daemon } from "../../target/target.ts";
import { drawing, ENTER_SCREEN, LEAVE_SCREEN } from "../../text/terminal/screen.ts";
import type { Style } from "../../text/terminal/style.ts";
import type { Times } from "../../text/times.ts";
import { watchLines } from "../../text/watch_text.ts";
import { notLiveLine } from "../../status/written_status.ts";
import { type SeenStatus, seeStatus, withKernelAddresses } from "../../target/seen_status.ts";
import { aboutSelected, selectInstances, type Selection } from "../../status/selection.ts";

export interface WatchOptions {
  /** Shows the peer comparison, too. */
  readonly all: boolean;
  readonly style: Style;
  readonly selection: Selection;
  readonly times: Times;
}

/** How often it draws if nothing happens, and asks again after a failure, in milliseconds. */
const TICK_MS = 1000;
/** More than fit on any terminal. */
const MAX_ENTRIES = 200;
/** The size of a terminal that does not know its own. */
const ROWS = 24;
const COLUMNS = 80;

export class Watching {
  readonly #daemon: Daemon;
  readonly #output: Output;
  readonly #options: WatchOptions;
  #status: NodeStatus;
  /** Monotonic, in milliseconds. */
  #statusAtMs: number;
  /** Why the status is not fresh; `null` while it is. */
  #problem: string | null = null;
  /** False if the status is from an engine that hangs or does not run. */
  #runs = true;
  /** Oldest first. */
  #entries: JournalEntry[] = [];
  /** Why the journal is not followed; `null` while it is. */
  #unfollowed: string | null = null;
  #wake: () => void = () => {};

  constructor(daemon: Daemon, output: Output, options: WatchOptions, seen: SeenStatus) {
    this.#daemon = daemon;
    this.#output = output;
    this.#options = options;
    this.#status = seen.status;
    this.#statusAtMs = atMs(seen);
    this.#problem = seen.notLive?.problem ?? null;
    this.#runs = runsOf(seen);
  }

  /** Runs until `signal` aborts; then restores the terminal. */
  async run(signal: AbortSignal): Promise<void> {
    this.#output.out(ENTER_SCREEN);
    const following = this.#follow(signal);
    try {
      while (!signal.aborted) {
        this.#draw();
        await this.#pause(signal);
        await this.#ask();
      }
    } finally {
      this.#output.out(LEAVE_SCREEN);
    }
    await following;
  }

  async #ask(): Promise<void> {
    try {
      const seen = await seeStatus(this.#daemon);
      const runs = runsOf(seen);
      // The engine's last written status is older than its last answer.
      if (atMs(seen) >= this.#statusAtMs) {
        this.#status = seen.status;
        this.#statusAtMs = atMs(seen);
      } else if (!runs) {
        this.#status = withKernelAddresses(this.#status);
      }
      this.#runs = runs;
      this.#problem = seen.notLive?.problem ?? null;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Shows events at once; asks again for a stream that ends, from its last entry. */
  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#unfollowed = null;
      try {
        for await (
          const entry of this.#daemon.client.follow(this.#entries.at(-1)?.id ?? 0, signal)
        ) {
          // Ids that begin again are those of another journal.
          const isNext = entry.id > (this.#entries.at(-1)?.id ?? 0);
          this.#entries = [...isNext ? this.#entries : [], entry].slice(-MAX_ENTRIES);
          this.#wake();
        }
      } catch (error) {
        this.#unfollowed = error instanceof Error ? error.message : String(error);
      }
      await pause(TICK_MS, signal);
    }
  }

  /** Waits for a second, or until something happens. */
  async #pause(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    using ending = new JoinedSignal(signal, woken.signal);
    await pause(TICK_MS, ending.signal);
  }

  #draw(): void {
    const { all, style, selection, times } = this.#options;
    const rows = this.#output.rows() ?? ROWS;
    const columns = this.#output.columns() ?? COLUMNS;
    const view = {
      notices: this.#notices(),
      status: aboutSelected(this.#selected(), this.#status, selection),
      runs: this.#runs,
      entries: this.#entries,
      ...{ all, style, times },
    };
    this.#output.out(drawing(watchLines(view, { rows, columns }).join("\n"), rows));
  }

  #notices(): string[] {
    const { style } = this.#options;
    const ageMs = performance.now() - this.#statusAtMs;
    if (this.#problem !== null) return [style.bad(`! ${notLiveLine(ageMs, this.#problem)}`)];
    if (this.#unfollowed === null) return [];
    return [style.warning(`! what happens is not followed: ${this.#unfollowed}`)];
  }

  /** An instance that a reload has removed is simply no longer there. */
  #selected(): NodeStatus {
    const { selection } = this.#options;
    try {
      return selectInstances(this.#status, selection);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { ...this.#status, instances: [] };
    }
  }
}

function runsOf({ notLive }: SeenStatus): boolean {
  return notLive?.kept.engineRuns ?? true;
}

/** When the node made the status, in monotonic milliseconds. */
function atMs({ notLive }: SeenStatus): number {
  return performance.now() - (notLive?.kept.ageMs ?? 0);
}

/** Waits for `ms`, or until `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
