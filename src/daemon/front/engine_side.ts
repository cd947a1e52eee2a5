/**
 * The engine's services for its front: it compares tokens, carries out commands, and reports its state.
 *
 * @module
 */

import process from "node:process";
import type { EngineSide } from "../../ipc/front_session.ts";
import type { CommandOutcome, CommandRequest } from "../../ipc/messages.ts";
import { isLate } from "../../ipc/command_age.ts";
import type { CommandClient } from "../../status/schemas/command_origin.ts";
import type { KeepOutcome, Reload, ReloadRequest } from "../../status/commands/reloading.ts";
import type { NotificationStatus, ProbationStatus } from "../../status/status.ts";
import type { ApiTokens } from "../../tokens/api_tokens.ts";
import type { LoopLag } from "../loop_lag.ts";
import type { DaemonNode } from "../machine.ts";
import { CommandLedger } from "./command_ledger.ts";
import { SecretReader } from "./secret_reader.ts";

export interface EngineSideParts {
  readonly node: DaemonNode;
  readonly tokens: ApiTokens;
  readonly lag: LoopLag;
  readonly firstEntryId: number;
  readonly reload: Reload;
  /** Keeps what is on probation. */
  readonly keep: () => Promise<KeepOutcome>;
  readonly probation: () => ProbationStatus | null;
  /** The facts of the machine that matter to a pair. */
  readonly machine: EngineSide["machine"];
  /** The files that the settings in force name. */
  readonly secrets: () => ReadonlySet<string>;
  /** Takes the state of all targets of `notify` that the front serves. */
  readonly notifications: EngineSide["notifications"];
  /** The status of the targets that this process serves, and of the front's, in the order of the configuration. */
  readonly allNotifications: () => NotificationStatus[];
}

export function engineSide(parts: EngineSideParts): EngineSide {
  const { node, tokens, lag, firstEntryId } = parts;
  const ledger = new CommandLedger(() => performance.now());
  const secrets = new SecretReader();
  return {
    journal: node.journal,
    run: crypto.randomUUID().slice(0, 8),
    firstEntryId,
    statusParts: () => {
      const { head, ...others } = node.statusParts();
      const notifications = parts.allNotifications();
      const probation = parts.probation();
      return {
        ...others,
        head: () => ({ ...head(), notifications, ...(probation !== null && { probation }) }),
      };
    },
    figures: () => {
      const { user, system } = process.cpuUsage();
      return {
        cpuSeconds: (user + system) / 1e6,
        residentOctets: Deno.memoryUsage().rss,
        lag: { lastMs: lag.lastMs, worstMs: lag.worstMs },
      };
    },
    machine: parts.machine,
    judge: async (token) => token === null ? "wrong" : await tokens.judge(token),
    command: async (command, key, token, { client, forwardedAtS }) => {
      const verdict = token === null ? "wrong" : await tokens.judge(token);
      if (verdict !== "change") return { kind: "token", verdict };
      // Reading the tokens' file may have taken long.
      if (isLate(forwardedAtS)) return { kind: "late" };
      return await ledger.once(key, command, () => carryOut(command, client, parts));
    },
    readSecret: async (path) => {
      if (!parts.secrets().has(path)) throw new Error(`the configuration does not name ${path}`);
      return await secrets.read(path);
    },
    peerReported: (...reported) => node.peerReported(...reported),
    clientsWanted: () => node.clientsWanted,
    clientAnswered: (report) => node.clientAnswered(report),
    record: (severity, code, message) => node.journal.record(severity, code, message),
    notifications: parts.notifications,
  };
}

/** Never throws: a defect is a result too. */
async function carryOut(
  command: CommandRequest,
  by: CommandClient,
  { node, reload, keep }: EngineSideParts,
): Promise<CommandOutcome> {
  try {
    if (command.kind === "reload") {
      return { kind: "reload", outcome: await reload(requestOf(command)) };
    }
    if (command.kind === "keep") return { kind: "keep", outcome: await keep() };
    return { kind: "command", result: await node.command(command, by) };
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return { kind: "failed", message: text };
  }
}

/** As plain a request as there is, so that callers who wait for the same share it. */
function requestOf(
  { force, confirmMs }: Extract<CommandRequest, { kind: "reload" }>,
): ReloadRequest {
  return { ...(force === true && { force }), ...(confirmMs !== undefined && { confirmMs }) };
}
