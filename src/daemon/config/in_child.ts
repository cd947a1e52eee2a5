/**
 * Another process of this program does what would delay the adverts of a running engine: `vipd check` finds the places of
 * problems in a text, which takes tenths of a second, in a large one seconds, and `vipd pair --renew` renews the certificate that `vipd pair` has made.
 * The engine itself signs nothing.
 *
 * @module
 */

import { type CheckReport, readCheckReport } from "../../config/check_report.ts";
import { usableConfig } from "../../config/fast_path.ts";
import { failed, ok, type Problem, type Result } from "../../config/values/result.ts";
import { LARGE_CHARS } from "../../config/yaml/large_text.ts";
import { FOREIGN_FILE, readConfigFile } from "../../config/yaml/read_file.ts";
import { isKeepalived } from "../../keepalived/syntax/recognise.ts";
import { programEnd } from "../../runtime/program_output.ts";
import type { Build } from "../../version.ts";
import { selfCommand } from "../self_command.ts";
import {
  loadAny,
  type LoadAnyOptions,
  type LoadContext,
  type LoadedText,
  loadRead,
} from "./load.ts";

/** How long the other process may take, in milliseconds; for a mebibyte it needs four seconds. */
const CHECK_MS = 20_000;

/** Judges the file at a path, or says why that is not possible. */
export type CheckInChild = (path: string) => Promise<Result<CheckReport>>;

/**
 * Loads the file at `path` without delaying adverts: another process judges a large one, and says what is wrong with one
 * that a quick reading does not take.
 */
export async function loadInChild(
  path: string,
  context: LoadContext & { readonly build: Build },
  check: CheckInChild = (path) => checkInChild(path, context.build),
  options: Omit<LoadAnyOptions, "lenient"> = {},
): Promise<LoadedText> {
  const read = await readConfigFile(path);
  if (!read.ok) {
    if (read.problem.code !== "file_too_large" || !await isForeign(path)) {
      return await loadAny(path, context, options);
    }
    // Reading it here would hold up adverts.
    const message = `${read.problem.message}, so a reload does not read it`;
    const hint = "restart vipd, or write a configuration of it with vipd import";
    return refused(path, { ...read.problem, message, hint });
  }
  const { text } = read.value;
  const isQuick = () =>
    text.length <= LARGE_CHARS && usableConfig(text, context.hostname()) !== null;
  if (isKeepalived(path, text) || isQuick()) {
    return await loadRead(path, read.value, context, options);
  }
  const checked = await check(path);
  if (!checked.ok) return refused(path, checked.problem);
  const { valid, diagnostics } = checked.value;
  if (!valid) return { ok: false, diagnostics };
  const config = usableConfig(text, context.hostname());
  // If there is an alias, or a part that the two readers could understand differently, the thorough one decides.
  return config
    ? { ok: true, config, warnings: diagnostics, text }
    : await loadRead(path, read.value, context);
}

async function isForeign(path: string): Promise<boolean> {
  const read = await readConfigFile(path, FOREIGN_FILE);
  return read.ok && isKeepalived(path, read.value.text);
}

function refused(path: string, problem: Problem): LoadedText {
  const place = { line: null, column: null, key: null, excerpt: null };
  return { ok: false, diagnostics: [{ severity: "error", file: path, ...place, ...problem }] };
}

/**
 * The report of another process about the file at a path.
 *
 * @param path absolute, if another user is to run it
 * @param user who that process runs as; @default {this process's user}
 * @throws {Deno.errors.PermissionDenied} if the user may not execute vipd
 */
export async function checkInChild(
  path: string,
  build: Build,
  user: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Result<CheckReport>> {
  const [command, ...before] = selfCommand(build);
  const check = new Deno.Command(command!, {
    args: [...before, "check", "--json", "--", path],
    signal: AbortSignal.timeout(CHECK_MS),
    // The runtime enters this process's folder as that user, who may not, as root's home mostly is.
    ...(user.uid !== undefined && { ...user, cwd: "/" }),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  const { status: { signal }, text } = await programEnd(check, "stdout");
  const report = signal === null ? readCheckReport(text) : null;
  if (report !== null) return ok(report);
  const why = signal === null ? "said nothing that is understood" : `was ended by ${signal}`;
  const message = `it could not be checked: the process that was to do so ${why}`;
  return failed("file_unreadable", message, `try it: vipd check ${path}`);
}

/** How long the other process may take, in milliseconds. */
const RENEW_MS = 20_000;

/** Runs `vipd pair --renew` with the configuration at `path`; rejects with what it said if it fails. */
export async function renewInChild(path: string, build: Build): Promise<void> {
  const [command, ...before] = selfCommand(build);
  const renewal = new Deno.Command(command!, {
    args: [...before, "pair", "--renew", "--config", path],
    signal: AbortSignal.timeout(RENEW_MS),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { status: { code }, text } = await programEnd(renewal, "stderr");
  if (code !== 0) throw new Error(text.trim() || `it ended with ${code}`);
}
