/** The results of a run in a file, so that a run of hours that was ended can be continued. */

import type { Result } from "./result.ts";
import { nameKey, type Site } from "./sites.ts";

/** Appends a result, as one line. */
export function keepResult(path: string, { site, ...verdict }: Result): void {
  const { file, function: around, before, after, nth } = site;
  const line = { file, function: around, before, after, nth, ...verdict };
  Deno.writeTextFileSync(path, `${JSON.stringify(line)}\n`, { append: true });
}

/** What the file says of these sites; nothing if there is no file. The last line about a site counts. */
export function keptResults(path: string, sites: readonly Site[]): Result[] {
  const kept = new Map(linesOf(path).map((line) => [siteKey(line), line]));
  return sites.flatMap((site) => {
    const line = kept.get(siteKey(site));
    return line === undefined ? [] : [{ ...line, site }];
  });
}

type Line = Pick<Site, "file" | "function" | "before" | "after" | "nth"> & Omit<Result, "site">;

function siteKey(site: Line | Site): string {
  return `${nameKey(site)} ${site.nth}`;
}

function linesOf(path: string): Line[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "")
      .map((line): Line => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
