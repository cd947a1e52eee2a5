/**
 * How the programs in tests/ read their options: the help and wrong usage are answered in one way.
 *
 * @module
 */

/** For parseArgs of node:util: what the programs have in common that run a pair at random. */
export const RANDOM_RUN_OPTIONS = {
  seed: { type: "string", default: String(crypto.getRandomValues(new Uint16Array(1))[0]) },
  binary: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * What `read` makes of the options; the exit code if the program ends here: 0 after the help, 2 after wrong usage, which
 * is printed with the help.
 *
 * @param read throws at wrong usage; returns `null` if the help is asked for
 */
export function readOptions<T extends object>(help: string, read: () => T | null): T | number {
  try {
    const options = read();
    if (options !== null) return options;
    print(help, Deno.stdout);
    return 0;
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n\n${help}`, Deno.stderr);
    return 2;
  }
}

/** @throws {RangeError} if it is none, or less than `least`. */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new RangeError(`${option} must be a whole number from ${least} on, not "${text}"`);
}

/** The parts of a list that is separated by commas. */
export function namesOf(list: string): string[] {
  return list.split(",").map((it) => it.trim()).filter((it) => it !== "");
}

function print(text: string, stream: typeof Deno.stdout | typeof Deno.stderr): void {
  stream.writeSync(new TextEncoder().encode(`${text}\n`));
}
