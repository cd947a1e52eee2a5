/** `vipd front`. */

import { join } from "node:path";
import { userName } from "../health/programs/accounts.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, DEFAULT_RUN_DIR } from "./command.ts";
import type { CliContext } from "./context.ts";
import { CliError, usageError } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { ENGINE_SOCKET, FRONT_FOLDER } from "./run_dir.ts";

/** The kernel ends the front before the engine when memory is short, proc(5). */
const OOM_SCORE_ADJ = 500;

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
  --user IDS        become this user and group first, such as 65534:65534
`,
  options: { "run-dir": "text", engine: "text", user: "text" },
  maxOperands: 0,
  async execute(args, context) {
    const runDir = args.text("run-dir") ?? DEFAULT_RUN_DIR;
    const { Front } = await import("../front/front.ts");
    // From source, nothing can be read in once the front is another user.
    if (context.build.kind === "source") await readInEverything();
    await becomeChild(args);
    // What an engine has started has that engine to speak for it, in the form of its log.
    const isChild = args.text("engine") !== undefined;
    const say = (line: string) => isChild || context.output.err(`vipd front: ${line}\n`);
    const served = new Front({
      path: join(runDir, ENGINE_SOCKET),
      user: await userName(Deno.uid() ?? 0),
      folder: runtimeFolder(context) ?? join(runDir, FRONT_FOLDER),
      log: say,
      shutDown: await connectionShutDown(),
    });
    const ended = Promise.withResolvers<void>();
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => ended.resolve());
    }
    void served.run();
    await ended.promise;
    await served.close();
    return EXIT.ok;
  },
};

/** Through libc, which stays open for as long as the process. */
async function connectionShutDown(): Promise<(connection: Deno.Conn) => void> {
  const { Libc } = await import("../linux/libc.ts");
  const { shutdownConnection } = await import("../linux/connection_shutdown.ts");
  const libc = Libc.open();
  return (connection) => void shutdownConnection(libc, connection);
}

/** `RuntimeDirectory=` of its unit, systemd.exec(5). */
function runtimeFolder({ env }: CliContext): string | null {
  return env("RUNTIME_DIRECTORY")?.split(":")[0] || null;
}

/** What is otherwise read in when it is first needed. */
async function readInEverything(): Promise<void> {
  const { loadMailer } = await import("../notify/email.ts");
  await Promise.all([
    import("../api/page/response.ts"),
    import("../api/openapi/document.ts"),
    loadMailer(),
  ]);
}

/** What only a front does that an engine has started: it gives up the engine's rights, and ends with it. */
async function becomeChild(args: Arguments): Promise<void> {
  const engine = args.text("engine");
  if (engine === undefined) return;
  const { becomeChildUser } = await import("../linux/privileges.ts");
  await Deno.writeTextFile("/proc/self/oom_score_adj", `${OOM_SCORE_ADJ}`).catch(() => {});
  const problem = becomeChildUser(userOf(args));
  if (problem !== null) {
    throw new CliError(EXIT.notPermitted, `cannot become another user: ${problem}`);
  }
  // It may have ended before this process could ask to be ended with it.
  if (Deno.ppid !== Number(engine)) throw new CliError(EXIT.failure, "its engine has ended");
}

function userOf(args: Arguments): { uid: number; gid: number } | null {
  const text = args.text("user");
  if (text === undefined) return null;
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (uid === undefined) throw usageError(`--user takes UID:GID, not ${text}`);
  return { uid: Number(uid), gid: Number(gid) };
}
