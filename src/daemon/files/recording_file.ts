/**
 * The file of `vipd run --record`: it grows to a bound and no further, and never holds up the engine.
 *
 * @module
 */

import { dirname } from "node:path";
import type { HostError } from "../../host/errors.ts";
import { RECORDING_FORMAT } from "../../recording/line.ts";
import { answersOpening } from "../../runtime/file_system.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import { DISK_BUSY, diskError } from "./disk_error.ts";
import { writeAll } from "./fresh_file.ts";
import { openToAppend } from "./own_file.ts";

/** How large the file may get, in octets. */
export const RECORDING_OCTETS = 64 * 1024 * 1024;
/** So much waits for the disk at most, in characters: a recording with a gap could not be replayed. */
const WAITING_CHARACTERS = 8 * 1024 * 1024;
/** How often what was recorded is written, in milliseconds. */
const WRITE_EVERY_MS = 500;

export interface RecordingFileOptions {
  /** Is called before each write: what is complete by now is to be added. */
  readonly seal: () => void;
  /** Called once with the reason why nothing more is recorded. */
  readonly ended: (why: RecordingEnd) => void;
  /** @default {RECORDING_OCTETS} */
  readonly limitOctets?: number;
  /** @default {WRITE_EVERY_MS} */
  readonly everyMs?: number;
}

/** Why a recording is over before the engine is. */
export type RecordingEnd =
  | { readonly kind: "full"; readonly octets: number }
  | { readonly kind: "refused"; readonly error: HostError };

export class RecordingFile {
  readonly #path: string;
  readonly #options: RecordingFileOptions;
  readonly #limitOctets: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #lines: string[] = [];
  #waiting = 0;
  #file: Deno.FsFile | null = null;
  #octets = 0;
  #writing: Promise<void> | null = null;
  #ended = false;

  constructor(path: string, options: RecordingFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#limitOctets = options.limitOctets ?? RECORDING_OCTETS;
    this.#timer = setInterval(() => this.#look(), options.everyMs ?? WRITE_EVERY_MS);
  }

  /** Takes a line without its end; it is written soon. */
  add(line: string): void {
    if (this.#ended) return;
    this.#lines.push(`${line}\n`);
    this.#waiting += line.length + 1;
    if (this.#waiting > WAITING_CHARACTERS) this.#end({ kind: "refused", error: DISK_BUSY });
  }

  /** Writes what waits, for at most `limitMs`; nothing is written afterwards. */
  async close(limitMs: number): Promise<void> {
    clearInterval(this.#timer);
    await atMost(this.#written(), limitMs, undefined);
    this.#ended = true;
    // A write that is under way closes it when it ends.
    if (!this.#writing) this.#closeFile();
  }

  async #written(): Promise<void> {
    await this.#writing;
    this.#look();
    await this.#writing;
  }

  #look(): void {
    if (this.#ended) return;
    this.#options.seal();
    if (this.#lines.length > 0) this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#waiting = 0;
    try {
      await threadPool.run("file", () => this.#write(text));
    } catch (error) {
      this.#end({ kind: "refused", error: diskError(error) });
    }
    this.#writing = null;
    if (this.#ended) this.#closeFile();
  }

  /** Whole lines only, so that what is there can be replayed. */
  async #write(text: string): Promise<void> {
    this.#file ??= await this.#open();
    const room = this.#limitOctets - this.#octets;
    const octets = new TextEncoder().encode(text);
    const end = octets.length <= room
      ? octets.length
      : octets.subarray(0, Math.max(0, room)).lastIndexOf(LINE_END) + 1;
    await writeAll(this.#file, octets.subarray(0, end));
    this.#octets += end;
    if (end < octets.length) this.#end({ kind: "full", octets: this.#limitOctets });
  }

  /** Appends to the recording of earlier runs, so that a restart loses nothing. */
  async #open(): Promise<Deno.FsFile> {
    const file = await openToAppend(this.#path, 0o600);
    const { size, mode } = await file.stat();
    const begin = size === 0 ? "" : await readBegin(this.#path);
    if (!begin.startsWith(`{"format":"${RECORDING_FORMAT}"`.slice(0, size))) {
      file.close();
      throw new Error(`${this.#path} is no recording: name a file that is not there yet`);
    }
    if (((mode ?? 0) & 0o077) !== 0) await Deno.chmod(this.#path, 0o600);
    // A full disk, or a crash, may have left a line without its end.
    if (size > 0) await writeAll(file, "\n");
    this.#octets = size;
    return file;
  }

  #end(why: RecordingEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lines = [];
    clearInterval(this.#timer);
    this.#options.ended(why);
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = null;
  }
}

const LINE_END = "\n".charCodeAt(0);

async function readBegin(path: string): Promise<string> {
  await answersOpening(path);
  using file = await Deno.open(path, { read: true });
  const octets = new Uint8Array(64);
  const length = await file.read(octets) ?? 0;
  return new TextDecoder().decode(octets.subarray(0, length));
}

/** The remedy in one sentence, by the cause. */
export function recordingRemedy(path: string, end: RecordingEnd): string {
  if (end.kind === "full") {
    return `${path} has reached its bound of ${end.octets / 1024 / 1024} MiB: move it away, and ` +
      "restart vipd to record again";
  }
  const { code, message } = end.error;
  const remedy = code === "ENOSPC" || code === "EDQUOT"
    ? `make room on the disk of ${dirname(path)}`
    : code === "ETIMEDOUT"
    ? `look at the file system of ${dirname(path)} (findmnt, dmesg)`
    : `name a file in a folder that vipd can write (systemd: in /var/lib/vipd)`;
  return `${path} cannot be written: ${message}; ${remedy}, and restart vipd to record again`;
}
