/**
 * The front as a child of the engine, if no service manager runs it: starts it, restarts it, ends it.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import { repeat } from "../../host/regular_work.ts";
import { atMost } from "../../runtime/waiting.ts";
import { STOPPED } from "../../status/status.ts";
import type { Build } from "../../version.ts";
import { selfCommand } from "../self_command.ts";
import type { FrontUser } from "./front_user.ts";

/** The pause before the engine restarts a front; it doubles until one of them serves. */
const RESTART_MS = 100;
const RESTART_MAX_MS = 5000;
/** The pause before it tries again to start a front that something is in the way of, in milliseconds. */
export const OBSTACLE_MS = 2000;
/** How long it may take to end, in milliseconds. */
const END_MS = 4000;
/** How often the engine checks its memory, in milliseconds, and how much it may use, in octets. */
const LOOK_MS = 1000;
const MEMORY_MAX_OCTETS = 256 * 1024 * 1024;
const PAGE_OCTETS = 4096;

/** How to start a program of this build again. */
export interface FrontProgram {
  readonly build: Build;
  readonly runDir: string;
  /** The key that the front shows to the engine; it gets it on its standard input, where nobody else reads. */
  readonly key: string;
  /** Reads a file of /proc; `null` if that is not possible. */
  readonly readKernelFile: (path: string) => string | null;
}

export interface FrontChildReports {
  started(pid: number): void;
  /** Why it cannot be started now. */
  obstructed(why: string): void;
  /** `why` it ended, one phrase. */
  ended(why: string): void;
}

export class FrontChild {
  readonly #program: FrontProgram;
  readonly #prepare: () => Promise<FrontUser | null>;
  readonly #reports: FrontChildReports;
  readonly #timers: Pick<Clock, "nowMs" | "setTimer">;
  #starting: Promise<void>;
  #child: Deno.ChildProcess | null = null;
  #restartMs = RESTART_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tooLarge = false;
  #closing = false;

  /**
   * @param prepare called before each start: provides what the front needs, and returns the user that it becomes,
   * `null` for the engine's own. Rejects if something is in the way.
   */
  constructor(
    program: FrontProgram,
    prepare: () => Promise<FrontUser | null>,
    reports: FrontChildReports,
    timers: Pick<Clock, "nowMs" | "setTimer">,
  ) {
    this.#program = program;
    this.#prepare = prepare;
    this.#reports = reports;
    this.#timers = timers;
    this.#starting = this.#start();
  }

  /** The front serves: if it ends, the engine starts the next one at once. */
  serves(): void {
    this.#restartMs = RESTART_MS;
  }

  /** Ends a front that does not answer; the engine starts the next one. */
  kill(): void {
    if (this.#child !== null) signal(this.#child, "SIGKILL");
  }

  /** Lets the front end; the engine starts the next one. */
  renew(): void {
    if (this.#child !== null) signal(this.#child, "SIGTERM");
  }

  /** Asks the front to end, and kills it if it does not. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    await atMost(this.#starting, END_MS, undefined);
    const child = this.#child;
    if (child === null) return;
    signal(child, "SIGTERM");
    // A stopped process does not react to that.
    const ended = await atMost(child.status.then(() => true), END_MS, false);
    if (!ended) signal(child, "SIGKILL");
    await atMost(child.status, END_MS, null);
  }

  async #start(): Promise<void> {
    let user: FrontUser | null;
    try {
      user = await this.#prepare();
    } catch (error) {
      if (this.#closing) return;
      this.#reports.obstructed(error instanceof Error ? error.message : String(error));
      return this.#startAfter(OBSTACLE_MS);
    }
    if (this.#closing) return;
    try {
      this.#child = this.#spawn(user);
    } catch (error) {
      return this.#again(`cannot be started: ${error instanceof Error ? error.message : error}`);
    }
    const child = this.#child;
    this.#tooLarge = false;
    this.#reports.started(child.pid);
    const endLooks = repeat(this.#timers, LOOK_MS, () => this.#look(child));
    void child.status.then((status) => {
      endLooks();
      this.#child = null;
      if (this.#closing) return;
      this.#again(this.#tooLarge ? "it took more memory than it may" : endedText(status));
    });
  }

  #again(why: string): void {
    this.#reports.ended(why);
    this.#startAfter(this.#restartMs);
    this.#restartMs = Math.min(2 * this.#restartMs, RESTART_MAX_MS);
  }

  #startAfter(pauseMs: number): void {
    this.#timer = setTimeout(() => this.#starting = this.#start(), pauseMs);
  }

  #spawn(user: FrontUser | null): Deno.ChildProcess {
    const { build, runDir, key } = this.#program;
    const [command, ...before] = selfCommand(build);
    // Root without another user is that of a user namespace which has no other.
    const becomes = user ? `${user.uid}:${user.gid}` : Deno.uid() === 0 ? "none" : null;
    const child = new Deno.Command(command!, {
      args: [
        ...before,
        "front",
        "--run-dir",
        runDir,
        "--engine",
        `${Deno.pid}`,
        ...(becomes ? ["--user", becomes] : []),
      ],
      // The signals of a terminal are for the engine only.
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    // A pipe takes such a short text at once; the status reports a child that has ended already.
    void new Blob([key]).stream().pipeTo(child.stdin).catch(() => {});
    return child;
  }

  #look(child: Deno.ChildProcess): void {
    // proc(5): size resident shared ...
    const text = this.#program.readKernelFile(`/proc/${child.pid}/statm`) ?? "";
    const octets = Number(text.split(" ")[1] ?? 0) * PAGE_OCTETS;
    if (octets <= MEMORY_MAX_OCTETS) return;
    this.#tooLarge = true;
    signal(child, "SIGKILL");
  }
}

/** How it came to its end, in words. */
export function endedText({ code, signal, success }: Deno.CommandStatus): string {
  // A front ends by itself only if it is asked to.
  if (success) return STOPPED;
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}
