/**
 * Common parts of the programs that open a lab: how they end, and how they print.
 *
 * @module
 */

import { LabError } from "./error.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The exit code after Ctrl-C. */
export const INTERRUPTED = SIGNALS.SIGINT;

/**
 * Runs a program that opens labs and returns its exit code; a signal may come earlier, a lab that cannot be made is 1.
 * The caller exits with the code at once: that ends the labs, whose hosts live as long as this process.
 *
 * @param run gets a promise that resolves when a signal comes, to the exit code for it
 */
export async function runInLab(
  run: (interrupted: Promise<number>) => Promise<number>,
): Promise<number> {
  const interrupted = Promise.withResolvers<number>();
  for (const [signal, code] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(signal as Deno.Signal, () => interrupted.resolve(code));
  }
  try {
    return await run(interrupted.promise);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    tell(error.message, Deno.stderr);
    return 1;
  }
}

/** Writes a line, or several. */
export function tell(
  line: string,
  stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout,
): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}
