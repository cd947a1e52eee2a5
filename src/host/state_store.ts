/**
 * The place in which a load balancer keeps what outlives it. Unlike `Host`, its calls may take as long as a disk does.
 *
 * @module
 */

import type { HostError } from "./errors.ts";

/** The content that the last run has left. */
export type FoundState =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  /** `message`: why it cannot be read. */
  | { readonly kind: "unreadable"; readonly message: string };

export interface StateStore {
  /** Its file, for messages. */
  readonly path: string;
  /** The content when the store was opened. */
  readonly found: FoundState;
  /** Replaces what is kept, whole or not at all; it has outlived a power cut when the promise resolves. Never rejects. */
  write(text: string): Promise<HostError | null>;
  /** Moves what was found out of the way of the next write, for a person to look at; resolves to its new path. */
  setAside(): Promise<string | HostError>;
}
