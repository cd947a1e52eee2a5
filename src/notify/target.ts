/**
 * What all ways of telling have in common.
 *
 * @module
 */

import type { ShutDown } from "../runtime/connection.ts";
import type { NotifyEvent } from "./event.ts";

/** How one attempt ended. */
export type Delivery =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** One line for a person; no secret is in it. */
    readonly why: string;
    /** True where the same may succeed later, without anybody doing anything here. */
    readonly retry: boolean;
    /** False where the receiver was told all the same, as a program that ends with another code than 0. */
    readonly unheard: boolean;
  };

/** Gives the text of a file that a target names. */
export type ReadFile = (path: string) => Promise<string>;

/** What the way to a receiver on the network needs of the process. */
export interface TargetContext {
  /** Tells this run of vipd from others. */
  readonly run: string;
  readonly readFile: ReadFile;
  /** Lets go of a server that hangs in its TLS handshake. */
  readonly shutDown?: ShutDown | undefined;
}

/** Somebody who is told. */
export interface Target {
  /** How many events one delivery may hold. */
  readonly batch: number;
  /** How long to wait for more of them before a delivery, in milliseconds. */
  readonly gatherMs: number;
  /** How long a delivery is tried again. */
  readonly retryForMs: number;
  /** Tells `events`, oldest first, at least one. Never throws; bounded in time; ends soon when `signal` aborts. */
  deliver(events: readonly NotifyEvent[], signal: AbortSignal): Promise<Delivery>;
}

export function notDelivered(why: string, options: { readonly retry: boolean }): Delivery {
  return { ok: false, why, unheard: true, ...options };
}

/** What an exception says, on one line: the innermost cause knows most. */
export function reasonText(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return reasonText(error.cause);
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n")[0]!.replace(/ \(os error \d+\)/, "").trim();
  return line === "" ? "unknown error" : line.slice(0, 200);
}
