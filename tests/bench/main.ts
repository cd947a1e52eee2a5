/**
 * How fast a backup takes over when the master vanishes: vipd and keepalived, in turn on the same machine.
 *
 * The cable of the master is cut without either side seeing its carrier go. The backup has to wait for
 * Master_Down_Interval after the last advert; what counts is how much later it is. Both ends of that span are read
 * from the wire in the backup's network: the master's last advert, the backup's first one, and its first
 * gratuitous ARP, from which on clients reach it.
 *
 * Usage: `deno run -A tests/bench/main.ts [--runs N] [--binary PATH]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ensurePackages, LAB_PROGRAMS } from "../../lab/packages.ts";
import type { PairSettings } from "../../lab/pair_config.ts";
import { type Brand, BRANDS, type Lateness, Pair } from "./pair.ts";

const SETTINGS: Record<string, PairSettings> = {
  "version 2, 1 s": { version: 2, advertIntervalMs: 1000, password: "123456" },
  "version 3, 0.1 s": { version: 3, advertIntervalMs: 100 },
};

const { values: options } = parseArgs({
  args: Deno.args,
  options: { runs: { type: "string", default: "5" }, binary: { type: "string" } },
});

await ensurePackages([...LAB_PROGRAMS, "keepalived", "tcpdump"], tell);
for (const [title, settings] of Object.entries(SETTINGS)) {
  await bench(title, settings, Number(options.runs));
}

async function bench(title: string, settings: PairSettings, runs: number): Promise<void> {
  const waitMs = Pair.masterDownMs(settings);
  tell(
    `\n${title}: Master_Down_Interval is ${
      waitMs.toFixed(1)
    } ms; milliseconds beyond it, ${runs} runs`,
  );
  await using labs = new AsyncDisposableStack();
  const pairs = new Map<Brand, Pair>();
  for (const brand of BRANDS) {
    pairs.set(brand, labs.use(await Pair.open(brand, settings, options.binary)));
  }
  const results: Record<Brand, Lateness[]> = { vipd: [], keepalived: [] };
  for (let run = 0; run < runs; run++) {
    for (const [brand, pair] of pairs) results[brand].push(await pair.vanish(run / runs));
  }
  tell(table(results, waitMs));
}

function table(results: Record<Brand, Lateness[]>, waitMs: number): string {
  const lines = [
    "",
    "              first advert             first gratuitous ARP    takeover in all",
  ];
  lines.push("              median    min     max    median    min     max    median");
  const medians: Record<Brand, number[]> = { vipd: [], keepalived: [] };
  for (const brand of BRANDS) {
    const cells = [];
    for (const measure of ["advertMs", "claimMs"] as const) {
      const sorted = results[brand].map((it) => it[measure]).sort((a, b) => a - b);
      const middle = median(sorted);
      medians[brand].push(middle);
      cells.push(middle, sorted[0] ?? NaN, sorted.at(-1) ?? NaN);
    }
    const inAll = waitMs + (medians[brand][1] ?? NaN);
    medians[brand].push(inAll);
    cells.push(inAll);
    lines.push(
      `${brand.padEnd(12)}${
        cells.map((it, at) => it.toFixed(2).padStart(at < 6 ? 8 : 10)).join("")
      }`,
    );
  }
  const [advert = NaN, claim = NaN, inAll = NaN] = medians.vipd.map((it, index) =>
    it / (medians.keepalived[index] ?? NaN)
  );
  lines.push(
    `${"ratio".padEnd(12)}${advert.toFixed(2).padStart(8)}${claim.toFixed(2).padStart(24)}` +
      inAll.toFixed(4).padStart(26),
  );
  return lines.join("\n");
}

function median(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half) - 1] ?? NaN)) / 2;
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
