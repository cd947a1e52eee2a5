/**
 * Commands from the page, with the token that its user has typed.
 *
 * @module
 */

import type { InstanceCommand } from "../../../status/commands.ts";
import type { InstanceStatus } from "../../../status/status.ts";
import { requestJson } from "./request.ts";
import { forgetToken, keepToken, mayCommand } from "./token.ts";

export type CommandName = Extract<InstanceCommand["kind"], "promote" | "demote" | "release">;

interface CommandAnswer {
  readonly took_ms: number;
  readonly instance: InstanceStatus;
  /** Why a restart would forget the override. */
  readonly not_kept?: string;
}

export type Outcome =
  | { readonly ok: true; readonly answer: CommandAnswer }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** How long an override stands, and why it is given. */
export interface CommandTerms {
  /** Empty for until released. */
  readonly lasts: string;
  /** Empty for none. */
  readonly reason: string;
}

/** Carries out a command; keeps a token that was accepted. */
export async function give(
  command: CommandName,
  instance: InstanceStatus,
  { lasts, reason }: CommandTerms,
  token: string,
): Promise<Outcome> {
  const path = `v1/instances/${encodeURIComponent(instance.name)}/${command}`;
  const answer = await requestJson<CommandAnswer>(path, token, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...(lasts !== "" && { for: lasts }), ...(reason !== "" && { reason }) }),
  });
  if (answer.ok) {
    keepToken(token, true);
    return { ok: true, answer: answer.value };
  }
  const { status, code, message } = answer.refusal;
  // A token that has not been accepted for a command may still be valid for reading.
  if (status === 401 && mayCommand()) forgetToken(token);
  const unknown = ". The command may still be carried out: look at the state.";
  return { ok: false, code, message: status === null ? message + unknown : message };
}

/** The effect of a command, in one or two sentences. */
export function consequence(command: CommandName, instance: InstanceStatus, node: string): string {
  const { name, state, master, priority } = instance;
  const addresses = instance.addresses.map(({ address }) => address).join(", ");
  switch (command) {
    case "promote": {
      const from = state !== "master" && master ? ` from ${master.address}` : "";
      const act = state === "master"
        ? `${node} is master of ${name}`
        : `${node} becomes master of ${name} now and takes ${addresses}${from}`;
      return `${act}. It stays master, whatever the priorities, until the override ends.`;
    }
    case "demote":
      return state === "master"
        ? `${node} hands ${addresses} to another node and stays backup while that one is master. ` +
          "When no other node takes over, nothing changes, and the page says so."
        : `${node} stays backup of ${name} while another node is master.`;
    case "release":
      return `The override ends, and the configuration decides again, with priority ${priority.configured}. ` +
        `${addresses} may move.`;
  }
}
