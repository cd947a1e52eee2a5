/**
 * Runs a program as notification, with the arguments that scripts written for keepalived expect.
 *
 * @module
 */

import type { ExecNotifyConfig } from "../config/notify_model.ts";
import { runProgram } from "../health/programs/run_program.ts";
import { JoinedSignal } from "../runtime/joined_signal.ts";
import type { NotifyEvent } from "./event.ts";
import { type Delivery, notDelivered, type Target } from "./target.ts";

/** Runs the program once for each event and never repeats it, because it may have done half of its work. */
export function execTarget(config: ExecNotifyConfig): Target {
  return {
    batch: 1,
    gatherMs: 0,
    retryForMs: 0,
    async deliver([event], signal): Promise<Delivery> {
      const { timeoutMs } = config;
      const limit = AbortSignal.timeout(timeoutMs);
      using ends = new JoinedSignal(signal, limit);
      const result = await runProgram({
        program: { ...config, command: commandFor(event!, config) },
        environment: environmentFor(event!),
        descendants: "keep",
      }, ends.signal);
      if (limit.aborted) {
        return notDelivered(`not finished within ${timeoutMs} ms, killed`, { retry: false });
      }
      if (result.ok) return { ok: true };
      return { ok: false, why: result.detail, retry: false, unheard: !result.ran };
    },
  };
}

/** `INSTANCE|GROUP NAME STATE PRIORITY`, keepalived.conf(5); other events in the same form. */
function commandFor(
  { scope, name, kind, priority }: NotifyEvent,
  { command, appendArguments }: Pick<ExecNotifyConfig, "command" | "appendArguments">,
): ExecNotifyConfig["command"] {
  if (!appendArguments) return command;
  return [...command, scope.toUpperCase(), name, kind.toUpperCase(), `${priority}`];
}

function environmentFor({ kind, name, entry }: NotifyEvent): Record<string, string> {
  return {
    VIPD_EVENT: kind,
    VIPD_NAME: name,
    VIPD_SEVERITY: entry.severity,
    // A program cannot get a NUL, execve(2).
    VIPD_MESSAGE: entry.message.replaceAll("\0", " "),
    VIPD_ENTRY: JSON.stringify(entry),
  };
}
