/**
 * Records which hosts have an address, and when: the truth from the kernels of the hosts, whatever the daemons say.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { clockMs, waitFor } from "./wait.ts";

/** One look at a host. Times in milliseconds since the epoch, see `clockMs()`. */
export interface HolderSample {
  readonly atMs: number;
  /** The previous look at the host: a change happened after this and no later than `atMs`. */
  readonly notBeforeMs: number;
  /** The watched addresses that the host has. */
  readonly held: readonly string[];
  /** The longest time between two looks so far, which is the resolution of the watch. */
  readonly longestPauseMs: number;
}

/** A span of time. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A host had the address from one moment to another; `untilMs` is `Infinity` while it still has. */
export interface Held extends Span {
  readonly host: string;
}

/** The recorded span: both moments are those of the first look after the change. */
export interface Holding extends Held {
  /** The last look before the address came. */
  readonly notBeforeMs: number;
  /** The last look before the address went. */
  readonly seenUntilMs: number;
}

/** Watches which hosts have one address. */
export class HolderWatch {
  readonly #address: string;
  readonly #watched: { host: string; process: LabProcess; samples: HolderSample[] }[] = [];

  private constructor(address: string) {
    this.#address = address;
  }

  /**
   * Starts watching from inside every host.
   *
   * @param everyMs Time between two looks.
   * @param carriers Host -> interface that carries the address permanently: the host counts while that interface has a
   * carrier.
   */
  static async start(
    hosts: readonly LabHost[],
    address: string,
    everyMs = 10,
    carriers: Readonly<Record<string, string>> = {},
  ): Promise<HolderWatch> {
    const watch = new HolderWatch(address);
    for (const host of hosts) {
      const process = host.start("address poll", [
        ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
        new URL("holders_process.ts", import.meta.url).pathname,
        ...[String(everyMs), carriers[host.name] ?? "", address],
      ]);
      const samples: HolderSample[] = [];
      process.onLine((line) => {
        if (line.startsWith("{")) samples.push(JSON.parse(line));
      });
      watch.#watched.push({ host: host.name, process, samples });
    }
    await waitFor(
      "the first look at every host",
      () => watch.#watched.every((it) => it.samples.length > 0),
      {
        timeoutMs: 15_000,
        explain: () => watch.#watched.flatMap((it) => it.process.lastLines).join("\n"),
      },
    );
    return watch;
  }

  /** The hosts that have the address now. */
  now(): string[] {
    return this.#watched.filter((it) => it.samples.at(-1)?.held.includes(this.#address)).map((it) =>
      it.host
    );
  }

  /** All recorded spans so far, in the order in which they began. */
  holdings(): Holding[] {
    return this.#watched
      .flatMap(({ host, samples }) => holdingsOf(host, samples, this.#address))
      .sort((a, b) => a.fromMs - b.fromMs);
  }

  /** The longest time between two looks at any host, in milliseconds. */
  longestPauseMs(): number {
    return Math.max(...this.#watched.map((it) => it.samples.at(-1)?.longestPauseMs ?? Infinity));
  }

  /** Waits until only one host has the address; resolves to the time when it began. */
  async heldBy(host: string, timeoutMs: number): Promise<number> {
    await waitFor(
      `${host} alone to hold ${this.#address}`,
      () => this.now().join() === host,
      { timeoutMs, everyMs: 10, explain: () => `Held by: ${this.now().join(", ") || "nobody"}` },
    );
    return this.holdings().findLast((it) => it.host === host)?.fromMs ?? clockMs();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#watched.map((it) => it.process.stop()));
  }
}

/** Each span as long as it was certain: an overlap of these cannot come from a late look. */
export function seen(holdings: readonly Holding[]): Held[] {
  return holdings.map(({ host, fromMs, seenUntilMs: untilMs }) => ({ host, fromMs, untilMs }));
}

/** Each span as long as it was possible: a gap between these cannot come from a late look. */
export function possible(holdings: readonly Holding[]): Held[] {
  return holdings.map(({ host, notBeforeMs: fromMs, untilMs }) => ({ host, fromMs, untilMs }));
}

/** Spans in which more than one host had the address. */
export function overlaps(holdings: readonly Span[]): Span[] {
  return spans(holdings, (count) => count > 1);
}

/** Spans between the first and the last record in which no host had the address. */
export function gaps(holdings: readonly Span[]): Span[] {
  return spans(holdings, (count) => count === 0).filter((it) => it.untilMs !== Infinity);
}

function spans(holdings: readonly Span[], wanted: (count: number) => boolean): Span[] {
  const changes = holdings
    .flatMap((it) => [{ atMs: it.fromMs, by: 1 }, { atMs: it.untilMs, by: -1 }])
    .filter((it) => it.atMs !== Infinity)
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  const found: Span[] = [];
  let count = 0;
  changes.forEach(({ atMs, by }, index) => {
    count += by;
    const untilMs = changes[index + 1]?.atMs ?? Infinity;
    if (wanted(count) && untilMs > atMs) found.push({ fromMs: atMs, untilMs });
  });
  return found;
}

function holdingsOf(host: string, samples: readonly HolderSample[], address: string): Holding[] {
  const holdings: Holding[] = [];
  let since: HolderSample | null = null;
  const held = (untilMs: number, seenUntilMs: number) => {
    if (since === null) return;
    const { atMs: fromMs, notBeforeMs } = since;
    holdings.push({ host, fromMs, untilMs, notBeforeMs, seenUntilMs });
    since = null;
  };
  for (const sample of samples) {
    if (sample.held.includes(address)) since ??= sample;
    else held(sample.atMs, sample.notBeforeMs);
  }
  held(Infinity, Infinity);
  return holdings;
}
