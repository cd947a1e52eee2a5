/**
 * Commands from the page, with the token that its user has typed.
 *
 * @module
 */

import type { InstanceCommand } from "../../../status/commands/commands.ts";
import type { InstanceStatus, PeerStatus } from "../../../status/status.ts";
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
  const { status, code, message } = answer.problem;
  // A token that has not been accepted for a command may still be valid for reading.
  if (status === 401 && mayCommand()) forgetToken(token);
  const unknown = ". The command may still be carried out: look at the state.";
  return { ok: false, code, message: status === null ? message + unknown : message };
}

/** The effect of a command, in a few sentences. */
export function consequence(
  command: CommandName,
  instance: InstanceStatus,
  { node, peers }: { readonly node: string; readonly peers: readonly PeerStatus[] },
): string {
  const { name, state, sync_group: group } = instance;
  const sentences = {
    promote: promoted,
    demote: demoted,
    release: released,
  }[command](instance, node);
  const with_ = group === null ? [] : [`All instances of ${group} move with ${name}.`];
  // A node that a person has demoted is no ready standby.
  const alone = command === "demote" && state !== "fault" && state !== "init" && peers.length < 2;
  return [...sentences, ...with_, ...(alone ? ["The pair is unprotected for as long."] : [])]
    .join(" ");
}

function promoted({ name, state, master, addresses }: InstanceStatus, node: string): string[] {
  const from = master ? ` from ${master.address}` : "";
  return [
    state === "master"
      ? `${node} is master of ${name}.`
      : `${node} becomes master of ${name} now and takes ${list(addresses)}${from}.`,
    "It stays master, whatever the priorities, until the override ends.",
  ];
}

function demoted({ name, state, addresses }: InstanceStatus, node: string): string[] {
  if (state !== "master") return [`${node} stays backup of ${name} while another node is master.`];
  return [
    `${node} hands ${list(addresses)} to another node and stays backup while that one is master.`,
    "If no other node takes over, nothing changes, and the page says so.",
  ];
}

function released(
  { name, state, priority, addresses }: InstanceStatus,
  node: string,
): string[] {
  return [
    `The override ends, and the configuration decides again, with priority ${priority.configured}.`,
    state === "fault" || state === "init"
      ? `${name} stays in ${state} on ${node} until its cause is gone.`
      : `${list(addresses)} may move.`,
  ];
}

function list(addresses: InstanceStatus["addresses"]): string {
  return addresses.map(({ address }) => address).join(", ");
}
