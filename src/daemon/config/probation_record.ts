/**
 * The text of the configuration to which vipd goes back, in `state_dir` for as long as the one after it is not kept. A
 * start reads it before anything else.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { readRegular } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import { shellWord } from "../../wire/shell_word.ts";
import { requireOwnFolder } from "../files/own_folder.ts";

/** Its file in `state_dir`. */
export const PROBATION_FILE = "probation";
/** How long a start waits for the disk, in milliseconds; it waits once more for the rest of its state. */
const READ_LIMIT_MS = 2000;
/** A configuration of 1 MiB and the line above it, in octets. */
const MAX_OCTETS = 1024 * 1024 + 16 * 1024;

export interface ProbationRecord {
  /** The configuration's file. */
  readonly path: string;
  /** The text that was in force before. */
  readonly earlier: string;
  /** SHA-256 of the text that is not kept, in hexadecimal. */
  readonly tried: string;
  /** RFC 3339, in UTC. */
  readonly since: string;
  readonly until: string;
}

const KEYS = ["path", "tried", "since", "until"] as const satisfies readonly (
  keyof ProbationRecord
)[];

/** SHA-256 of a configuration's text, in hexadecimal. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The content of the file: a line of JSON, and below it the earlier text as it was. */
export function recordText({ earlier, ...head }: ProbationRecord): string {
  return `${JSON.stringify({ version: 1, ...head })}\n${earlier}`;
}

/**
 * The command of a shell that writes the earlier text of the record at `record` back into `file`, and keeps a copy of the
 * file under a new name each time. Without a record it says so and changes nothing: a person may type it again, or find it
 * in the journal when it is long over.
 */
export function writeBackCommand(record: string, file: string): string {
  const [from, to] = [shellWord(record), shellWord(file)];
  const copy = `"$(mktemp ${shellWord(`${file}.before-XXXXXX`)})"`;
  return `grep -q . ${from} && cp -p ${to} ${copy} && tail -n +2 ${from} > ${to}`;
}

/**
 * The record of an earlier run about the configuration at `path`; `null` if there is none. A disk that does not answer has
 * none either, because a start waits for no disk; the engine then raises `state_damaged`. Throws if others can write the
 * folder.
 */
export async function findProbation(
  stateDir: string,
  path: string,
): Promise<ProbationRecord | null> {
  const reading = threadPool.run("state", () => read(join(stateDir, PROBATION_FILE)));
  const turn = await atMost(reading, READ_LIMIT_MS, { ok: false } as const);
  const record = turn.ok ? turn.value : null;
  if (record === null || record.path !== path) return null;
  await requireOwnFolder("state_dir", stateDir);
  return record;
}

/** A file that is damaged or of another version says nothing. */
async function read(file: string): Promise<ProbationRecord | null> {
  try {
    const text = await readRegular(file, MAX_OCTETS);
    const headEnd = text.indexOf("\n");
    const value = JSON.parse(text.slice(0, headEnd));
    const isRecord = value.version === 1 && KEYS.every((key) => typeof value[key] === "string");
    return isRecord ? { ...value, earlier: text.slice(headEnd + 1) } : null;
  } catch {
    return null;
  }
}
