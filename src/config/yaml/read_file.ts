/**
 * Reads a configuration file, or says why it cannot.
 *
 * @module
 */

import { answersOpening } from "../../runtime/file_system.ts";
import { otherKind } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { failed, ofUnreadable, ok, type Result } from "../values/result.ts";

const MEBIBYTE = 1024 * 1024;

/** More than this is hardly a configuration: somebody named the wrong file. */
export const MAX_FILE_OCTETS = MEBIBYTE;

/** The form that a shell gives `<(command)`: a pipe, but one that has its writer. */
const OWN_DESCRIPTOR = /^\/dev\/fd\/\d+$/;

/** The text of a file and its permission bits; `mode` is null where the system has none. */
export interface ConfigFile {
  readonly text: string;
  readonly mode: number | null;
  /** True if a byte order mark, which is no part of the text, precedes it. */
  readonly marked?: true;
}

const BYTE_ORDER_MARK = "\ufeff";

/** The text with its byte order mark, for readers to whom that is a character like others. */
export function markedText({ text, marked }: ConfigFile): string {
  return marked ? `${BYTE_ORDER_MARK}${text}` : text;
}

/** The bounds of a file. */
export interface FileReading {
  /** The outcome for octets that are not UTF-8; `replaced` is by U+FFFD. */
  readonly others: "refused" | "replaced";
  readonly maxOctets: number;
}

const OWN_FILE: FileReading = { others: "refused", maxOctets: MAX_FILE_OCTETS };

/** For a keepalived.conf, which programs write with thousands of virtual servers, and comments in any encoding. */
export const FOREIGN_FILE: FileReading = { others: "replaced", maxOctets: 16 * MEBIBYTE };

/** Reads the file at `path`. */
export async function readConfigFile(
  path: string,
  reading = OWN_FILE,
): Promise<Result<ConfigFile>> {
  const turn = await threadPool.run("file", () => read(path, reading));
  return turn.ok ? turn.value : unreadable("too many files wait to be read", "try again later");
}

async function read(path: string, reading: FileReading): Promise<Result<ConfigFile>> {
  try {
    const kind = otherKind(await Deno.stat(path));
    if (kind !== null && !OWN_DESCRIPTOR.test(path)) {
      const hint = kind === "a folder"
        ? "name the file in it"
        : "name a file, or - for standard input";
      return unreadable(`it is ${kind}`, hint);
    }
    await answersOpening(path);
    using file = await Deno.open(path);
    const { mode } = await file.stat();
    const octets = await readAtMost(file, reading.maxOctets);
    return octets === null ? tooLarge(reading) : decode(octets, mode, reading);
  } catch (error) {
    return explain(error, path);
  }
}

/** The text of octets that came from a file or a pipe. */
export function decodeConfig(octets: Uint8Array, reading = OWN_FILE): Result<ConfigFile> {
  return octets.length > reading.maxOctets ? tooLarge(reading) : decode(octets, null, reading);
}

/** Everything in the file, or `null` when it is more than `limit`; also for devices that never end. */
async function readAtMost(file: Deno.FsFile, limit: number): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(limit + 1);
  let length = 0;
  while (length <= limit) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) return buffer.subarray(0, length);
    length += count;
  }
  return null;
}

function decode(
  octets: Uint8Array,
  mode: number | null,
  { others }: FileReading,
): Result<ConfigFile> {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: others === "refused", ignoreBOM: true });
    const text = decoder.decode(octets);
    const permissions = mode === null ? null : mode & 0o777;
    return text.startsWith(BYTE_ORDER_MARK)
      ? ok({ text: text.slice(BYTE_ORDER_MARK.length), mode: permissions, marked: true })
      : ok({ text, mode: permissions });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return failed(
      "file_not_utf8",
      `the file is not UTF-8 text (octet ${firstInvalid(octets)})`,
      "convert it: iconv -t UTF-8",
    );
  }
}

/** Offset of the first octet, from 1, at which the text stops being UTF-8. */
function firstInvalid(octets: Uint8Array): number {
  const valid = (length: number) => {
    try {
      // A stream forgives a character that is cut at the end.
      new TextDecoder("utf-8", { fatal: true }).decode(octets.subarray(0, length), {
        stream: true,
      });
      return true;
    } catch {
      return false;
    }
  };
  let [good, bad] = [0, octets.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (valid(middle)) good = middle;
    else bad = middle;
  }
  return bad;
}

function tooLarge({ maxOctets }: FileReading): Result<never> {
  return failed(
    "file_too_large",
    `the file is larger than ${maxOctets / MEBIBYTE} MiB`,
    "is it a configuration? name the right file",
  );
}

function unreadable(message: string, hint: string): Result<never> {
  return failed("file_unreadable", message, hint);
}

/** The system's errors; anything else is a defect and is thrown on. */
function explain(error: unknown, path: string): Result<never> {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return failed("file_not_found", "there is no such file", "check the path");
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    const unread = unreadable(
      "reading it is not permitted",
      "run vipd as the user who may: sudo vipd ..., or change the file's mode",
    );
    return ofUnreadable(unread, path);
  }
  if (error instanceof Error && "code" in error) {
    return unreadable(`reading it failed: ${error.message}`, "check the file and its disk");
  }
  throw error;
}
