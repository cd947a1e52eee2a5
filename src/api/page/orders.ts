/**
 * Orders from the page, with the token that its user has typed. The token lives as long as the tab.
 *
 * @module
 */

import type { Commands } from "../../node/commands.ts";
import type { InstanceStatus } from "../../node/status.ts";

export type OrderName = keyof Pick<Commands, "promote" | "demote" | "release">;

interface OrderAnswer {
  readonly took_ms: number;
  readonly instance: InstanceStatus;
}

interface ProblemDocument {
  readonly code: string;
  readonly detail: string;
}

export type Outcome =
  | { readonly ok: true; readonly answer: OrderAnswer }
  | { readonly ok: false; readonly code: string; readonly message: string };

const TOKEN_KEY = "vipd-token";

export function knownToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY);
}

function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

/** Carries out an order; a token that was accepted is kept. `duration` is empty for until released. */
export async function give(
  order: OrderName,
  instance: InstanceStatus,
  duration: string,
  token: string,
): Promise<Outcome> {
  const body = duration === "" ? {} : { for: duration };
  try {
    const response = await fetch(`/v1/instances/${encodeURIComponent(instance.name)}/${order}`, {
      method: "POST",
      headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer: OrderAnswer | ProblemDocument = await response.json();
    if ("code" in answer) {
      if (response.status === 401) forgetToken();
      return { ok: false, code: answer.code, message: answer.detail };
    }
    sessionStorage.setItem(TOKEN_KEY, token);
    return { ok: true, answer };
  } catch (error) {
    const message = `No answer from vipd: ${(error as Error).message}. ` +
      "The order may still be carried out: look at the state.";
    return { ok: false, code: "unreachable", message };
  }
}

/** What an order will do, in one or two sentences. */
export function consequence(order: OrderName, instance: InstanceStatus, node: string): string {
  const { name, state, master, priority } = instance;
  const addresses = instance.addresses.map(({ address }) => address).join(", ");
  switch (order) {
    case "promote": {
      const from = state !== "master" && master ? ` from ${master.address}` : "";
      const act = state === "master"
        ? `${node} is master of ${name}`
        : `${node} becomes master of ${name} now and takes ${addresses}${from}`;
      return `${act}. It stays master, whatever the priorities, until the order ends.`;
    }
    case "demote":
      return state === "master"
        ? `${node} hands ${addresses} to another node and stays backup while that one is master. ` +
          "When no other node takes over, nothing changes and you are told."
        : `${node} stays backup of ${name} while another node is master.`;
    case "release":
      return `The order ends and the configuration decides again, with priority ${priority.configured}. ` +
        `${addresses} may move.`;
  }
}
