/**
 * The `exec` check: a program whose exit code is the answer.
 *
 * @module
 */

import type { ExecCheckConfig } from "../check_config.ts";
import { LastLine } from "./last_line.ts";
import { failed, type Finding, type Probe, reasonOf } from "./probe.ts";

const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** How long output may lag behind the end of the program. Longer, and a descendant holds the pipe open. */
const OUTPUT_GRACE_MS = 20;

/**
 * Runs the program without a shell, in `/`, with a process group of its own and next to no environment:
 * `PATH`, `LANG` and `VIPD_CHECK`, the check's name. Nothing that stays in the group outlives the probe.
 */
export function execProbe(check: ExecCheckConfig): Probe {
  const [program, ...args] = check.command;
  return {
    late: `not finished within ${check.timeoutMs} ms, killed`,
    async run(signal) {
      let child: Deno.ChildProcess;
      try {
        child = new Deno.Command(program, {
          args,
          cwd: "/",
          clearEnv: true,
          env: { PATH: PROGRAM_PATH, LANG: "C.UTF-8", VIPD_CHECK: check.name },
          detached: true,
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
      } catch (error) {
        return failed(`cannot run ${program}: ${spawnProblem(error)}`);
      }
      const output = new LastLine(child.stdout);
      const errors = new LastLine(child.stderr);
      const killGroup = () => killProcessGroup(child.pid);
      signal.addEventListener("abort", killGroup, { once: true });
      const status = await child.status;
      signal.removeEventListener("abort", killGroup);
      // What the program left behind in its group.
      killGroup();
      await Promise.all([output.end(OUTPUT_GRACE_MS), errors.end(OUTPUT_GRACE_MS)]);
      return judge(status, output.text, errors.text);
    },
  };
}

function judge(status: Deno.CommandStatus, output: string, errors: string): Finding {
  const ended = status.signal ? `killed by ${status.signal}` : `exit code ${status.code}`;
  const line = status.success ? output || errors : errors || output;
  return { ok: status.success, detail: line === "" ? ended : `${ended}: ${line}` };
}

function spawnProblem(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file, or its interpreter is missing";
  if (error instanceof Deno.errors.PermissionDenied) return "not executable";
  return reasonOf(error);
}

/** SIGKILL to every process of the group that `leader` began (kill(2), negative PID). */
function killProcessGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch {
    // ESRCH: nobody is left.
  }
}
