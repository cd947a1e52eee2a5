/**
 * Common parts of all attackers: they report their counts, and end.
 *
 * @module
 */

const REPORT_MS = 1000;
const encoder = new TextEncoder();

/** Prints the counts as a line of JSON. */
export function report(counts: Readonly<Record<string, number>>): void {
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(counts) + "\n"));
}

/** Prints the counts once a second from now on, and ends this process after `durationMs`. */
export function attackFor(durationMs: number, counts: Readonly<Record<string, number>>): void {
  setInterval(() => report(counts), REPORT_MS);
  setTimeout(() => {
    report(counts);
    Deno.exit(0);
  }, durationMs);
}
