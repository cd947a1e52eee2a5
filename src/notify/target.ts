/**
 * The common interface of all notification targets.
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
    /** One line for a person, without any secret. */
    readonly why: string;
    /** True if the same attempt may succeed later, without any change here. */
    readonly retry: boolean;
    /** False if the receiver got the event although the delivery failed, as with a program whose exit code is not 0. */
    readonly unheard: boolean;
  };

/** Gives the text of a file that a target names. */
export type ReadFile = (path: string) => Promise<string>;

/** The context of a receiver on the network. */
export interface TargetContext {
  /** Distinguishes this run of vipd from others. */
  readonly run: string;
  readonly readFile: ReadFile;
  /** Ends the connection to a server that hangs in its TLS handshake. */
  readonly shutDown?: ShutDown | undefined;
}

/** A receiver of notifications. */
export interface Target {
  /** How many events one delivery may contain. */
  readonly batch: number;
  /** How long to wait for more of them before a delivery, in milliseconds. */
  readonly gatherMs: number;
  /** How long the queue repeats a failed delivery. */
  readonly retryForMs: number;
  /** Delivers `events`, oldest first, at least one. Never throws; bounded in time; ends soon after `signal` aborts. */
  deliver(events: readonly NotifyEvent[], signal: AbortSignal): Promise<Delivery>;
  /** Gives back what it holds; no delivery follows. */
  close?(): void;
}

export function notDelivered(why: string, options: { readonly retry: boolean }): Delivery {
  return { ok: false, why, unheard: true, ...options };
}

/** The text of an exception, on one line: the innermost cause says most. */
export function reasonText(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return reasonText(error.cause);
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n")[0]!.replace(/ \(os error \d+\)/, "").trim();
  return line === "" ? "unknown error" : line.slice(0, 200);
}
