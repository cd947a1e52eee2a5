/**
 * This machine's view of the files that `notify` names: warnings, because they are read again at each use and may
 * come later.
 *
 * @module
 */

import { dirname } from "node:path";
import { answersOpening } from "../../runtime/file_system.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { requireRegular } from "../../runtime/regular_file.ts";
import type { Config } from "../model.ts";
import type { NotifyConfig } from "../notify_model.ts";
import { type Finding, warningAt } from "../rules/findings.ts";

/** Permissions of everybody. */
const OTHERS = 0o007;
/** How long a file system may take to answer. */
const LIMIT_MS = 2000;
/** A longer file holds no secret and no certificates. */
const MAX_OCTETS = 1024 * 1024;

interface NamedFile {
  readonly key: string;
  readonly path: string;
  readonly secret: boolean;
}

/** The findings about every such file. */
export async function notifyFileFindings({ notify }: Config): Promise<Finding[]> {
  const findings = await Promise.all(
    notify.map(async (target, index) =>
      await Promise.all([
        ...filesOf(target).map((file) => inspect(file, index)),
        ...(target.type === "fifo" ? [pipeFindings(target.path, index)] : []),
      ])
    ),
  );
  return findings.flat(2);
}

function filesOf(target: NotifyConfig): NamedFile[] {
  const file = (key: string, path: string | undefined, secret: boolean) =>
    path === undefined ? [] : [{ key, path, secret }];
  switch (target.type) {
    case "exec":
    case "fifo":
      return [];
    case "webhook":
      return [
        ...file("url_file", "urlFile" in target.target ? target.target.urlFile : undefined, true),
        ...file("secret_file", target.secretFile, true),
        ...file("ca_file", target.caFile, false),
      ];
    case "email":
      return [
        ...file("password_file", target.login?.passwordFile, true),
        ...file("ca_file", target.caFile, false),
      ];
  }
}

async function inspect(file: NamedFile, index: number): Promise<Finding[]> {
  const examination = new PooledOperation("file", () => examine(file, index));
  const turn = await examination.run(AbortSignal.timeout(LIMIT_MS));
  return turn.ok
    ? turn.value
    : [unreadable(file, index, `its file system has not answered for ${LIMIT_MS / 1000} s`)];
}

async function examine(file: NamedFile, index: number): Promise<Finding[]> {
  const { key, path, secret } = file;
  try {
    const info = await Deno.stat(path);
    const { mode } = info;
    requireRegular(info, MAX_OCTETS);
    // Whether this user may read it, only the opening says.
    await answersOpening(path);
    (await Deno.open(path)).close();
    if (!secret || ((mode ?? 0) & OTHERS) === 0) return [];
    const message = `every user of this machine can use the secret in ${path}`;
    return [warningAt(["notify", index, key], "notify_file_open", message, `chmod o= ${path}`)];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const missing = error instanceof Deno.errors.NotFound;
    const found = unreadable(file, index, missing ? "there is no such file" : error.message);
    return error instanceof Deno.errors.PermissionDenied
      ? [{ ...found, unreadable: path }]
      : [found];
  }
}

/** The finding about the path of a pipe; vipd makes the pipe if nothing is there. */
async function pipeFindings(path: string, index: number): Promise<Finding[]> {
  const examination = new PooledOperation("file", () => pipeProblem(path));
  const turn = await examination.run(AbortSignal.timeout(LIMIT_MS));
  const why = turn.ok ? turn.value : `its file system has not answered for ${LIMIT_MS / 1000} s`;
  if (why === null) return [];
  const hint =
    "without it nothing can be sent; choose a path in a folder where vipd's user may write, such as /run/vipd";
  return [warningAt(["notify", index, "path"], "notify_pipe_unusable", `${path}: ${why}`, hint)];
}

async function pipeProblem(path: string): Promise<string | null> {
  try {
    return (await Deno.lstat(path)).isFifo === true
      ? null
      : "something is there that is no named pipe";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return reasonOf(error);
  }
  const folder = dirname(path);
  return await Deno.stat(folder).then(
    ({ isDirectory }) => isDirectory ? null : `${folder} is no folder`,
    (error) =>
      error instanceof Deno.errors.NotFound ? `there is no folder ${folder}` : reasonOf(error),
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return error.message;
}

function unreadable({ key, path }: NamedFile, index: number, why: string): Finding {
  const hint = "without it nothing can be sent; make it, readable by vipd's user alone";
  return warningAt(["notify", index, key], "notify_file_unreadable", `${path}: ${why}`, hint);
}
