/** `vipd front`. */

import { join } from "node:path";
import { DEFAULT_RUN_DIR } from "../../config/model.ts";
import { ENGINE_SOCKET, FRONT_FOLDER } from "../../daemon/files/run_dir.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { FrontOptions } from "../../front/front.ts";
import { userName } from "../../health/programs/accounts.ts";
import { watchdogIntervalMs } from "../../linux/process/watchdog.ts";
import { keepGarbageLow } from "../../runtime/garbage.ts";
import type { Arguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";

/** If memory is short, the kernel ends the front before the engine, proc(5). */
const OOM_SCORE_ADJ = 500;
/**
 * The service manager waits for long, because a slow machine starts slowly. The front sends a sign of life this often,
 * in milliseconds.
 */
const SIGN_OF_LIFE_MS = 5000;
const ROOT = 0;
/** Replaces a user if there is no other to become. */
const NO_USER = "none";

export const front: Command = {
  name: "front",
  summary: "serve the HTTP API for a running engine",
  help: `Serves the HTTP API, its page and metrics, asks peers, and sends webhooks and
mail for the engine, vipd run. systemd runs it as vipd-front.service; without
that unit the engine starts it itself. It needs no right on the machine but to
reach the engine's socket, and waits for the engine if there is none.

Examples:
  vipd front
  systemctl status vipd-front

Options:
  --run-dir FOLDER  run_dir of the engine's configuration (default /run/vipd)
  --engine PID      end with this process, which has started it
  --user IDS        become this user and group first, such as 65534:65534; or
                    none: stay the user, without any capability
`,
  options: { "run-dir": "text", engine: "text", user: "text" },
  maxOperands: 0,
  async execute(args, context) {
    const runDir = args.text("run-dir") ?? DEFAULT_RUN_DIR;
    const { Front } = await import("../../front/front.ts");
    // A front that runs from source cannot import anything once it is another user.
    if (context.build.kind === "source") await readInEverything();
    await becomeChild(args);
    // If an engine has started the front, that engine reports for it, in the form of its log.
    const isChild = args.text("engine") !== undefined;
    const key = isChild ? new TextDecoder().decode(await context.readStdin()) : "";
    const say = (line: string) => isChild || context.output.err(`vipd front: ${line}\n`);
    const { signOfLife, ...parts } = await machineParts(context, runDir);
    const served = new Front({
      path: join(runDir, ENGINE_SOCKET),
      user: await userName(Deno.uid() ?? 0),
      userName,
      folder: runtimeFolder(context) ?? join(runDir, FRONT_FOLDER),
      log: say,
      ...(key === "" ? {} : { key }),
      ...parts,
    });
    const intervalMs = watchdogIntervalMs(context.env, Deno.pid);
    if (intervalMs !== null) {
      signOfLife();
      setInterval(signOfLife, Math.min(intervalMs, SIGN_OF_LIFE_MS));
    }
    const ended = Promise.withResolvers<void>();
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => ended.resolve());
    }
    keepGarbageLow();
    void served.run();
    await ended.promise;
    await served.close();
    return EXIT.ok;
  },
};

interface MachineParts
  extends Pick<FrontOptions, "shutDown" | "unixUser" | "proc" | "descriptors"> {
  /** For a service manager that waits for one, sd_notify(3). */
  readonly signOfLife: () => void;
}

/** The machine's services for the front, through libc, which stays open as long as the process. */
async function machineParts({ env }: CliContext, runDir: string): Promise<MachineParts> {
  const [
    { Libc },
    { ConnectionShutdown },
    { UnixPeers },
    { LinuxProcFiles },
    { descriptorLimit },
    { notifySystemd },
  ] = await Promise.all([
    import("../../linux/sys/libc.ts"),
    import("../../linux/sys/connection_shutdown.ts"),
    import("../../linux/sys/unix_peers.ts"),
    import("../../linux/process/proc_files.ts"),
    import("../../front/server/limits.ts"),
    import("../../linux/process/systemd.ts"),
  ]);
  const libc = Libc.open();
  const connections = new ConnectionShutdown(libc);
  const peers = new UnixPeers(libc);
  const proc = new LinuxProcFiles(libc);
  return {
    shutDown: (connection) => void connections.shutdown(connection),
    unixUser: (connection) => {
      const uid = peers.userOf(connection);
      return uid === null ? null : { uid, isOwner: uid === ROOT || uid === ownerOf(runDir) };
    },
    proc,
    descriptors: descriptorLimit(proc.read("/proc/self/limits")),
    signOfLife: () => void notifySystemd(libc, env("NOTIFY_SOCKET"), "WATCHDOG=1"),
  };
}

/** The user that the engine runs as; `null` if there is no run directory. */
function ownerOf(runDir: string): number | null {
  try {
    const info = Deno.lstatSync(runDir);
    return info.isDirectory ? info.uid : null;
  } catch {
    return null;
  }
}

/** `RuntimeDirectory=` of its unit, systemd.exec(5). */
function runtimeFolder({ env }: CliContext): string | null {
  return env("RUNTIME_DIRECTORY")?.split(":")[0] || null;
}

/** Imports that otherwise happen at first use. */
async function readInEverything(): Promise<void> {
  const { loadMailer } = await import("../../front/notify/email.ts");
  await Promise.all([
    import("../../front/page/response.ts"),
    import("../../front/openapi/document.ts"),
    loadMailer(),
  ]);
}

/** A front that an engine has started gives up the engine's rights, and ends with it. */
async function becomeChild(args: Arguments): Promise<void> {
  const engine = args.text("engine");
  if (engine === undefined) return refuseRoot();
  const privileges = await import("../../linux/process/privileges.ts");
  privileges.setOomScoreAdj(OOM_SCORE_ADJ);
  const user = args.text("user");
  const problem = user === undefined
    ? privileges.endWithParentProcess()
    : user === NO_USER
    ? privileges.beginWithoutCapabilities(withoutUser)
    : privileges.becomeUser(userOf(user));
  if (problem) throw new CliError(EXIT.notPermitted, `cannot give up its rights: ${problem}`);
  // The engine may have ended before this process could ask the kernel to be ended with it.
  if (Deno.ppid !== Number(engine)) throw new CliError(EXIT.failure, "its engine has ended");
}

/** Clients reach the front, so it must not be able to do what the engine can. */
function refuseRoot(): void {
  if (Deno.uid() !== ROOT) return;
  throw new CliError(
    EXIT.notPermitted,
    "the front does not run as root: run it as vipd-front, or let vipd run start it, which makes it another user",
  );
}

/** The arguments for a second start of this process, without capabilities. */
function withoutUser(words: readonly string[]): string[] {
  return words.toSpliced(words.lastIndexOf("--user"), 2);
}

function userOf(text: string): { uid: number; gid: number } {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (uid === undefined) throw usageError(`--user takes UID:GID or ${NO_USER}, not ${text}`);
  return { uid: Number(uid), gid: Number(gid) };
}
