/**
 * What vipd 0.1.0 said, as it lies in `data/`: gzip of one JSON value a line, the head first, then the items
 * (`zcat tests/frozen/data/cli.jsonl.gz | jq`).
 *
 * @module
 */

import { gunzipSync, gzipSync } from "node:zlib";
import type { Json } from "./json.ts";

/** The release that is frozen; the recorder refuses every other executable. */
export const FROZEN = {
  version: "0.1.0",
  commit: "6e2e07935ab184318e39c1a4ba132cb9ac92947f",
} as const;

export interface FrozenHead {
  readonly family: string;
  readonly version: string;
  readonly commit: string;
  /** What was asked: the executable, or the source where that cannot say it, and why. */
  readonly origin: string;
}

/** One thing that was asked, and what vipd said. */
export interface FrozenItem {
  /** Unique in its family, for people. */
  readonly name: string;
  /** What is asked, as the family understands it. */
  readonly input: Json;
  readonly output: Json;
}

export interface FrozenFamily {
  readonly head: FrozenHead;
  readonly items: readonly FrozenItem[];
}

const FOLDER = new URL("./data/", import.meta.url);

export async function readFamily(family: string): Promise<FrozenFamily> {
  const octets = await Deno.readFile(new URL(`${family}.jsonl.gz`, FOLDER));
  const lines = new TextDecoder().decode(gunzipSync(octets)).trimEnd().split("\n");
  const [head, ...items] = lines.map((line) => JSON.parse(line));
  return { head, items };
}

export async function writeFamily({ head, items }: FrozenFamily): Promise<void> {
  const text = [head, ...items].map((value) => `${JSON.stringify(value)}\n`).join("");
  const octets = gzipSync(text, { level: 9 });
  await Deno.writeFile(new URL(`${head.family}.jsonl.gz`, FOLDER), octets);
}
