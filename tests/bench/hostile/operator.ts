/**
 * What a token holder does while somebody attacks, with vipd's own commands.
 *
 * @module
 */

import type { CommandResult, Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";

const PAUSE_MS = 2000;

/** Runs a command every two seconds; what each came to. */
export async function every2s(
  vipd: Vipd,
  untilMs: number,
  ...[name, ...args]: [string, ...string[]]
): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  while (clockMs() < untilMs) {
    results.push(await vipd.command(name, ...args));
    await sleep(PAUSE_MS);
  }
  return results;
}

/** The longest that one of them took, in milliseconds; `Infinity` when one was not answered, or none was given. */
export function slowestMs(results: readonly CommandResult[]): number {
  if (results.length === 0) return Infinity;
  return Math.max(...results.map(({ code, tookMs }) => code === 0 ? tookMs : Infinity));
}
