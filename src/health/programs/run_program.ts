/**
 * Runs a program that the configuration names: as the configured user, in its own process group, with next to no
 * environment, within a time limit.
 *
 * @module
 */

import { threadPool } from "../../runtime/thread_pool.ts";
import type { ProgramConfig } from "../check_config.ts";
import { CLOSED, type Finding, reasonOf } from "../probes/probe.ts";
import { type Account, accountProblem, findAccount } from "./accounts.ts";
import { LastLine } from "./last_line.ts";
import { findProgram, PROGRAM_PATH } from "./program_file.ts";
import type { ProgramRun } from "./program_run.ts";

/** Time between SIGTERM and SIGKILL for a program that must end. */
const KILL_AFTER_MS = 250;
/** How long output may lag behind the end of the program. If it takes longer, a descendant keeps the pipe open. */
const OUTPUT_GRACE_MS = 20;

/** Why vipd did not even look at a program: others wait in vain for their file system. */
const NO_TURN = "the file systems of other programs do not answer";

/** How a run ended. */
export interface ProgramResult extends Finding {
  /** True if the program ended by itself, with whatever exit code. */
  readonly ran: boolean;
}

/**
 * Runs once, in `/`, without a shell. Only exit code 0 passes; any obstacle to running it is a failure. If `signal`
 * aborts, vipd asks the whole group to end and then kills it (at once if vipd itself ends), and the promise settles
 * when the program is gone.
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramResult> {
  const [name] = run.program.command;
  const found = await threadPool.run("program", () => find(run.program), signal);
  if (!found.ok) return notRun(`cannot run ${name}: ${NO_TURN}`);
  if (typeof found.value === "string") return notRun(`cannot run ${name}: ${found.value}`);
  signal.throwIfAborted();
  const { path, account } = found.value;
  let child: Deno.ChildProcess;
  try {
    child = spawn(run, path, account);
  } catch (error) {
    return notRun(`cannot run ${name}: ${spawnProblem(error, account)}`);
  }
  const output = new LastLine(child.stdout);
  const errors = new LastLine(child.stderr);
  const group = new ProcessGroup(child.pid);
  const end = () => group.end(signal.reason === CLOSED);
  signal.addEventListener("abort", end, { once: true });
  const status = await child.status;
  signal.removeEventListener("abort", end);
  if (signal.aborted || run.leftBehind === "end") group.kill();
  await Promise.all([output.end(OUTPUT_GRACE_MS), errors.end(OUTPUT_GRACE_MS)]);
  return judge(status, output.text, errors.text);
}

/** The program to start and its user: `null` for vipd's own user. */
interface FoundProgram {
  readonly path: string;
  readonly account: Account | null;
}

/**
 * Checks the program and its user; or says why it cannot be run. This reads the same files as execve(2), for which the
 * runtime waits in the program's own thread; so a file system that does not answer shows here.
 */
async function find({ command, user }: ProgramConfig): Promise<FoundProgram | string> {
  const account = user === undefined ? null : await findAccount(user);
  if (typeof account === "string") return account;
  const problem = account && accountProblem(account);
  if (problem) return problem;
  const file = await findProgram(command[0], account?.uid ?? Deno.uid() ?? 0);
  return file.ok ? { path: file.path, account } : file.problem.message;
}

/** With `uid`, which only root may set, the runtime drops the supplementary groups too, setgroups(2). */
function spawn(
  { program, environment }: ProgramRun,
  path: string,
  account: Account | null,
): Deno.ChildProcess {
  const [, ...args] = program.command;
  return new Deno.Command(path, {
    args,
    cwd: "/",
    clearEnv: true,
    env: { PATH: PROGRAM_PATH, LANG: "C.UTF-8", ...environment },
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(account !== null && account.uid !== Deno.uid() ? account : {}),
  }).spawn();
}

function judge(status: Deno.CommandStatus, output: string, errors: string): ProgramResult {
  const ended = status.signal ? `killed by ${status.signal}` : `exit code ${status.code}`;
  const line = status.success ? output || errors : errors || output;
  const detail = line === "" ? ended : `${ended}: ${line}`;
  return { ok: status.success, detail, ran: status.signal === null };
}

function notRun(detail: string): ProgramResult {
  return { ok: false, detail, ran: false };
}

function spawnProblem(error: unknown, account: Account | null): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EPERM" && account !== null) {
    return "vipd must not run programs as another user: it needs CAP_SETUID, CAP_SETGID and CAP_KILL";
  }
  if (code === "EACCES" && account !== null) return `user ${account.uid} must not execute it`;
  if (code === "ENOEXEC") return "it is neither a program of this machine nor begins with #!";
  if (code === "EAGAIN") return "its user has too many processes";
  return reasonOf(error);
}

/** A program and its descendants, unless they leave the group. */
class ProcessGroup {
  readonly #leader: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(leader: number) {
    this.#leader = leader;
  }

  /** Asks all to end, and kills those that do not; `atOnce` without asking. */
  end(atOnce: boolean): void {
    if (atOnce) return this.kill();
    this.#signal("SIGTERM");
    this.#timer = setTimeout(() => this.#signal("SIGKILL"), KILL_AFTER_MS);
  }

  kill(): void {
    clearTimeout(this.#timer);
    this.#signal("SIGKILL");
  }

  /** kill(2) with a negative PID. */
  #signal(signal: Deno.Signal): void {
    try {
      Deno.kill(-this.#leader, signal);
    } catch {
      // ESRCH: no process is left.
    }
  }
}
