/**
 * The place in which a load balancer keeps what outlives it. Unlike `Host`, its calls may take as long as a disk does,
 * or fail: the reasons, and their remedies.
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

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);
const NO_ANSWER = new Set(["ETIMEDOUT", "EIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EREMOTEIO"]);

/** A disk that has said nothing for so long. */
export function unansweredDisk(forMs: number): HostError {
  return { code: "ETIMEDOUT", message: `the disk has not answered for ${forMs / 1000} s` };
}

/** The remedy by which `state_dir` takes files again: the cause decides. */
export function stateDirRemedy({ code }: HostError): string {
  if (NO_ROOM.has(code)) {
    return "make room on the disk of state_dir (df -h, and df -i for files), or name another";
  }
  if (NO_ANSWER.has(code)) {
    return "look at the file system of state_dir (findmnt, dmesg): is it frozen, is its server " +
      "away, does its disk fail?";
  }
  return "make state_dir writable for vipd (systemd: StateDirectory=vipd), or name another";
}
