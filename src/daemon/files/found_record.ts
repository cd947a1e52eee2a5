/**
 * The record of an earlier engine, as `vipd goodbye` finds it.
 *
 * @module
 */

import { join } from "node:path";
import { decodeResourceRecord, type ResourceRecord } from "../../node/resources/resource_record.ts";
import { answersOpening } from "../../runtime/file_system.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import type { PlacedAddress } from "../../vip/addresses.ts";
import { HELD_FILE } from "./run_dir.ts";

/** A larger file is something else, in octets. */
const MAX_OCTETS = 16 * 1024 * 1024;
const OTHERS = 0o077;
/** How long a starting engine waits for it, in milliseconds. */
const WAIT_LIMIT_MS = 500;

export type FoundRecord =
  | { readonly kind: "none" }
  | { readonly kind: "record"; readonly record: ResourceRecord }
  /** `problem`: one sentence with the file's name. */
  | { readonly kind: "unusable"; readonly problem: string };

/** Whether there is a record: an engine that has stopped properly leaves none. */
export async function hasRecord(runDir: string): Promise<boolean> {
  try {
    await Deno.lstat(join(runDir, HELD_FILE));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/**
 * Reads the record. It rejects one that another user could have written: the file must be a regular one, private, and
 * belong to the owner of the run directory or to this process's user.
 *
 * @param boot the id of this boot, which must agree with the record
 */
export async function findRecord(runDir: string, boot: string): Promise<FoundRecord> {
  const path = join(runDir, HELD_FILE);
  const unusable = (problem: string) =>
    ({ kind: "unusable", problem: `${path}: ${problem}` }) as const;
  if (!await hasRecord(runDir)) return { kind: "none" };
  const [folder, { isFile, uid, mode, size }] = await Promise.all([
    Deno.stat(runDir),
    Deno.lstat(path),
  ]);
  if (!isFile) return unusable("it is no regular file");
  if (uid !== folder.uid && uid !== Deno.uid()) {
    return unusable(`it belongs to user ${uid}, neither the owner of the folder nor this one`);
  }
  if (((mode ?? 0) & OTHERS) !== 0) return unusable("other users may read or write it");
  if (size > MAX_OCTETS) return unusable(`it has ${size} octets`);
  await answersOpening(path);
  const decoded = decodeResourceRecord(await Deno.readTextFile(path));
  if (!decoded.ok) return unusable(decoded.problem);
  return decoded.record.boot === boot
    ? { kind: "record", record: decoded.record }
    : unusable("it is of an earlier boot of this machine, or of another machine");
}

/**
 * The addresses that an earlier run has added to the machine, or was about to add; none if its record cannot be used.
 */
export async function recordedAddresses(
  runDir: string,
  boot: string,
): Promise<readonly PlacedAddress[]> {
  const reading = threadPool.run("file", () => findRecord(runDir, boot)).catch(() => null);
  const turn = await atMost(reading, WAIT_LIMIT_MS, null);
  return turn?.ok && turn.value.kind === "record"
    ? turn.value.record.instances.flatMap(({ addresses }) => addresses)
    : [];
}

/** Removes the record after the stale resources are gone. */
export async function removeRecord(runDir: string): Promise<void> {
  await Deno.remove(join(runDir, HELD_FILE));
}
