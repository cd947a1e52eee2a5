/**
 * Runs a program that the configuration names: as the configured user, in its own process group, with next to no
 * environment, within a time limit.
 *
 * @module
 */

import { threadPool } from "../../runtime/thread_pool.ts";
import type { ProbeResult } from "../check.ts";
import type { ProgramConfig } from "../check_config.ts";
import { CLOSED, type Finding, reasonOf } from "../probe.ts";
import { TimedProber } from "../timed_prober.ts";
import { type Account, accountProblem, findAccount, ownAccount } from "./accounts.ts";
import { LastLine } from "./last_line.ts";
import { findProgram, PROGRAM_PATH } from "./program_file.ts";

export interface ProgramRun {
  readonly program: ProgramConfig;
  /** Added to `PATH` and `LANG`; the program gets no other variables. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The treatment of processes that the program leaves in its group. vipd ends those of a check with it; those of a
   * command that starts a service may stay.
   */
  readonly descendants: "end" | "keep";
}

/** A program that runs once. */
export interface TimedProgramRun extends ProgramRun {
  readonly timeoutMs: number;
}

/** Time between SIGTERM and SIGKILL for a program that must end. */
const KILL_AFTER_MS = 250;
/** How long output may lag behind the end of the program. If it takes longer, a descendant keeps the pipe open. */
const OUTPUT_GRACE_MS = 20;

/**
 * Programs are started through this one, env(1). The runtime's thread waits until execve(2) returns, so a file system
 * that is slow, or stops answering, would hold up the adverts. vipd waits only for this file of the system's own disk,
 * and the child waits for the program.
 */
const LAUNCHER = "/usr/bin/env";
/** How the launcher ends if it found the program and could not run it, or did not find it, env(1). */
const LAUNCH_FAILED: readonly number[] = [126, 127];

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
  const { account } = found.value;
  let child: Deno.ChildProcess;
  try {
    child = spawn(run, found.value);
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
  if (signal.aborted || run.descendants === "end") group.kill();
  await Promise.all([output.end(OUTPUT_GRACE_MS), errors.end(OUTPUT_GRACE_MS)]);
  const problem = launchProblem(status, errors.text, found.value);
  if (problem !== null) return notRun(`cannot run ${name}: ${problem}`);
  return judge(status, output.text, errors.text);
}

/**
 * Starts one run. Calls `ended` once, at the latest when its time is over; vipd then ends it with its whole group.
 *
 * @returns what ends the program early; it reports nothing afterwards
 */
export function startProgram(
  run: TimedProgramRun,
  ended: (result: ProbeResult) => void,
): () => void {
  const prober = new TimedProber(
    {
      late: `not finished within ${run.timeoutMs} ms, killed`,
      run: (signal) => runProgram(run, signal),
    },
    run.timeoutMs,
    ended,
  );
  prober.probe();
  return () => prober.close();
}

/** The program to start and its user: `null` for vipd's own user. */
interface FoundProgram {
  readonly path: string;
  /** True if the program is started through `LAUNCHER`. */
  readonly launched: boolean;
  readonly account: Account | null;
}

/** Checks the program and its user; or says why it cannot be run. */
async function find({ command, user }: ProgramConfig): Promise<FoundProgram | string> {
  const account = user === undefined ? null : await findAccount(user);
  if (typeof account === "string") return account;
  const problem = account && accountProblem(account);
  if (problem) return problem;
  const file = await findProgram(command[0], account ?? ownAccount());
  if (!file.ok) return file.problem.message;
  // The launcher takes `a=b` for a variable.
  const launched = !file.path.includes("=") && await exists(LAUNCHER);
  return { path: file.path, launched, account };
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** With `uid`, which only root may set, the runtime drops the supplementary groups too, setgroups(2). */
function spawn(
  { program, environment }: ProgramRun,
  { path, launched, account }: FoundProgram,
): Deno.ChildProcess {
  const [, ...args] = program.command;
  return new Deno.Command(launched ? LAUNCHER : path, {
    args: launched ? [path, ...args] : args,
    cwd: "/",
    clearEnv: true,
    env: { PATH: PROGRAM_PATH, LANG: "C.UTF-8", ...environment },
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(account !== null && isOther(account) ? account : {}),
  }).spawn();
}

/** True if vipd has to change to the account; only root can change its group alone. */
function isOther({ uid, gid }: Account): boolean {
  const own = ownAccount();
  return uid !== own.uid || (own.uid === 0 && gid !== own.gid);
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

/** Why the launcher could not start the program; `null` if it did, or was not used. */
function launchProblem(
  { code }: Deno.CommandStatus,
  errors: string,
  { path, launched, account }: FoundProgram,
): string | null {
  if (!launched || !LAUNCH_FAILED.includes(code)) return null;
  // A program may end in the same way, and a script that env(1) interprets names its interpreter here.
  const [, named, reason] = /^(?:\/usr\/bin\/)?env: .(.*).: ([^:]+)$/.exec(errors) ?? [];
  if (named !== path || reason === undefined) return null;
  return reason === "Permission denied" ? refused(account) : reasonOf(reason);
}

function spawnProblem(error: unknown, account: Account | null): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EPERM" && account !== null) {
    return "vipd must not run programs as another user: it needs CAP_SETUID, CAP_SETGID and CAP_KILL";
  }
  if (code === "EACCES") return refused(account);
  if (code === "EAGAIN") return "its user has too many processes";
  return reasonOf(error);
}

/** EACCES of execve(2). */
function refused(account: Account | null): string {
  return account === null ? "permission denied" : `user ${account.uid} must not execute it`;
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
