/**
 * This machine's view of the files that `notify` and `peers` name: warnings, because they are read again at each use and
 * may come later.
 *
 * @module
 */

import { dirname } from "node:path";
import { answersOpening } from "../../runtime/file_system.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { requireRegular } from "../../runtime/regular_file.ts";
import type { DiagnosticCode } from "../diagnostics.ts";
import type { Config } from "../model.ts";
import type { NotifyConfig } from "../notify_model.ts";
import type { Path } from "../path.ts";
import { type Finding, warningAt } from "../findings.ts";

/** Permissions of everybody. */
const OTHERS = 0o007;
/** How long a file system may take to answer. */
const LIMIT_MS = 2000;
/** A longer file holds no secret and no certificates. */
const MAX_OCTETS = 1024 * 1024;

interface NamedFile {
  /** The key that names it. */
  readonly place: Path;
  readonly path: string;
  /** A secret, which nobody but vipd is to use. */
  readonly secret: boolean;
  readonly unreadable: UnreadableFile;
}

/** The finding about a file that cannot be read. */
interface UnreadableFile {
  readonly code: DiagnosticCode;
  readonly hint: string;
}

const OF_NOTIFY: UnreadableFile = {
  code: "notify_file_unreadable",
  hint: "without it nothing can be sent; make it, readable by vipd's user alone",
};
const OF_PEER: UnreadableFile = {
  code: "peer_token_unreadable",
  hint: "without it the peer cannot be asked; `vipd pair` makes it, or copy the peer's " +
    "api.read_token_file, readable by vipd's user alone",
};

/** The findings about every such file. */
export async function rereadFileFindings({ notify, peers }: Config): Promise<Finding[]> {
  const files = [
    ...notify.flatMap((target, index) => filesOf(target, index)),
    ...peers.flatMap(({ tokenFile: path }, index) => {
      const place = ["peers", index, "token_file"];
      // The other node decides whether its token is a secret.
      return path === undefined ? [] : [{ place, path, secret: false, unreadable: OF_PEER }];
    }),
  ];
  const pipes = notify.map((target, index) =>
    target.type === "fifo" ? pipeFindings(target.path, index) : []
  );
  return (await Promise.all([...files.map(inspect), ...pipes])).flat();
}

function filesOf(target: NotifyConfig, index: number): NamedFile[] {
  const file = (key: string, path: string | undefined, secret: boolean) =>
    path === undefined
      ? []
      : [{ place: ["notify", index, key], path, secret, unreadable: OF_NOTIFY }];
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

async function inspect(file: NamedFile): Promise<Finding[]> {
  const examination = new PooledOperation("file", () => examine(file));
  const turn = await examination.run(AbortSignal.timeout(LIMIT_MS));
  return turn.ok
    ? turn.value
    : [unreadable(file, `its file system has not answered for ${LIMIT_MS / 1000} s`)];
}

async function examine(file: NamedFile): Promise<Finding[]> {
  const { place, path, secret } = file;
  try {
    const info = await Deno.stat(path);
    const { mode } = info;
    requireRegular(info, MAX_OCTETS);
    // Whether this user may read it, only the opening says.
    await answersOpening(path);
    (await Deno.open(path)).close();
    if (!secret || ((mode ?? 0) & OTHERS) === 0) return [];
    const message = `every user of this machine can use the secret in ${path}`;
    return [warningAt(place, "notify_file_open", message, `chmod o= ${path}`)];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const missing = error instanceof Deno.errors.NotFound;
    const found = unreadable(file, missing ? "there is no such file" : error.message);
    if (missing) return [{ ...found, missing: path }];
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

function unreadable(
  { place, path, unreadable: { code, hint } }: NamedFile,
  why: string,
): Finding {
  return warningAt(place, code, `${path}: ${why}`, hint);
}
