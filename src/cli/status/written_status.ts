/**
 * The status that the engine writes into its run directory, for use while the API does not answer, and
 * what it says to a person then.
 *
 * @module
 */

import { join } from "node:path";
import { LOCK_FILE, STATUS_FILE } from "../../daemon/files/run_dir.ts";
import { SIGN_EVERY_MS } from "../../daemon/files/run_dir_keeper.ts";
import { withKernelFiles } from "../../linux/kernel_reader.ts";
import { readRegular } from "../../runtime/regular_file.ts";
import type { NodeStatus } from "../../status/status.ts";
import { processesOf } from "../../status/text/processes.ts";
import { span } from "../../status/text/span.ts";
import { printable } from "../../wire/printable.ts";
import { type WhereToLook, whereToLook } from "../text/where_to_look.ts";

/**
 * A running engine writes at least every ten seconds; an older status is from an engine that does not run, in
 * milliseconds.
 */
const FRESH_MS = 15_000;
/** If nobody waits for a sign of life, an older one means that the engine hangs or is stopped, in milliseconds. */
const ALIVE_MS = 6 * SIGN_EVERY_MS;
/** A status of thousands of instances is shorter, in octets. */
const MAX_OCTETS = 64 * 1024 * 1024;

/** The contents of the file. */
interface StatusFileContent {
  readonly written_at: string;
  readonly status: NodeStatus;
}

export interface WrittenStatus {
  readonly status: NodeStatus;
  /** Time since it was written; 0 if the clock was set back since. */
  readonly ageMs: number;
  /** A process has locked the run directory. */
  readonly locked: boolean;
  /** A process has locked it, has given a sign of life, and has recently written this: it is as good as an answer. */
  readonly engineRuns: boolean;
}

/**
 * The last status that the engine with this run directory wrote; `null` if it cannot be read.
 *
 * @param aliveMs since when a sign of life counts, in milliseconds since the epoch
 */
export async function readWrittenStatus(
  runDir: string,
  aliveMs: number = Date.now() - ALIVE_MS,
): Promise<WrittenStatus | null> {
  const text = await readRegular(join(runDir, STATUS_FILE), MAX_OCTETS).catch(() => "");
  const file = readFile(text);
  if (file === null) return null;
  const sinceMs = Date.now() - Date.parse(file.written_at);
  const lock = await Deno.stat(join(runDir, LOCK_FILE)).catch(() => null);
  const locked = lock !== null && await isLocked(lock, processesOf(file.status)?.engine.pid);
  return {
    status: file.status,
    ageMs: Math.max(0, sinceMs),
    locked,
    engineRuns: locked && Math.abs(sinceMs) < FRESH_MS && (lock.mtime?.getTime() ?? 0) >= aliveMs,
  };
}

function readFile(text: string): StatusFileContent | null {
  let value: Partial<StatusFileContent> | null;
  try {
    value = JSON.parse(text) as Partial<StatusFileContent> | null;
  } catch {
    return null;
  }
  const { written_at, status } = value ?? {};
  const whole = typeof written_at === "string" && !Number.isNaN(Date.parse(written_at)) &&
    Array.isArray(status?.instances);
  return whole ? { written_at, status: status! } : null;
}

/**
 * Whether a process holds the lock, which ends with it: the one with the number `pid`, or any. Asks the kernel, so that
 * the command need not open the file.
 */
async function isLocked(
  { dev, ino }: Deno.FileInfo,
  pid: number | undefined,
): Promise<boolean> {
  return (await heldLocks()).some((lock) =>
    // Some file systems (overlay, btrfs) show another device in stat(2) than in /proc/locks.
    lock.ino === ino && (lock.device === deviceText(dev) || lock.pid === pid)
  );
}

interface HeldLock {
  readonly pid: number;
  /** `MAJOR:MINOR` in hexadecimal. */
  readonly device: string;
  readonly ino: number;
}

/** The exclusive locks of flock(2), proc_locks(5): `3: FLOCK  ADVISORY  WRITE 812 00:1a:1234 0 EOF`. */
async function heldLocks(): Promise<HeldLock[]> {
  const locks = await withKernelFiles((files) => files.readKernelFile("/proc/locks")) ?? "";
  // A lock that a process waits for has `->` before its kind.
  const lines = locks.matchAll(/^\d+: FLOCK +\S+ +WRITE +(\d+) ([0-9a-f]+:[0-9a-f]+):(\d+) /gm);
  return Array.from(lines, ([, pid, device, ino]) => ({
    pid: Number(pid),
    device: device!,
    ino: Number(ino),
  }));
}

/** `fe:00`; st_dev contains the two numbers as makedev(3) packs them. */
function deviceText(dev: number): string {
  const number = BigInt(dev);
  const major = (number >> 8n & 0xfffn) | (number >> 32n & ~0xfffn);
  const minor = (number & 0xffn) | (number >> 12n & ~0xffn);
  return [major, minor].map((part) => part.toString(16).padStart(2, "0")).join(":");
}

/** The line above a status that is not from the API: its age, and the reason. */
export function notLiveLine(ageMs: number, problem: string): string {
  return printable(`not live, ${span(ageMs)} old: ${problem}`);
}

/** The problem, if the API did not answer, and what to check. `why`: a few words. */
export function notLiveProblem(
  { locked, engineRuns }: WrittenStatus,
  why: string,
  { engine, front }: WhereToLook,
): string {
  if (engineRuns) return `the API does not answer (${why}), vipd itself runs; see ${front}`;
  return locked
    ? `vipd does not answer (${why}): it hangs or is stopped; see ${engine}`
    : `vipd does not run (${why}); see ${engine}`;
}

/** Why the API of a running vipd does not answer, and the remedy; `null` if none runs with this run directory. */
export async function apiDownText(runDir: string): Promise<string | null> {
  const kept = await readWrittenStatus(runDir);
  if (!kept?.engineRuns) return null;
  const { front } = await whereToLook(runDir);
  const problem = processesOf(kept.status)?.front.problem ?? null;
  return `vipd itself runs and serves the addresses, its API is down` +
    `${problem === null ? "" : ` (${problem})`}: see ${front}, and vipd status`;
}
