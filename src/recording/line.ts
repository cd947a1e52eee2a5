/**
 * The form of a recording: JSON lines. The first line of a run is its {@link Head}; each further one is a {@link Turn}, one thing
 * that the engine heard and what it did about it.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { ProbeResult } from "../health/check.ts";
import type { HeardClaim } from "../host/claims.ts";
import type { HostError } from "../host/errors.ts";
import type { FoundState } from "../host/state_store.ts";
import type { VrrpDatagram } from "../host/vrrp.ts";
import type { MoveEntry } from "../node/instance/moves.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import type { MacAddress } from "../wire/address.ts";

/** The first line of a recording begins with this. */
export const RECORDING_FORMAT = "vipd-recording";

/** The first line of the file says with this what the file does not contain. */
export const NO_SECRETS = "no password, key or token is in this file: stand-ins are in their " +
  "place, and adverts are signed with them; what checks ask and answer in words is left out";

/** The first line of a run. */
export interface Head {
  readonly format: typeof RECORDING_FORMAT;
  readonly version: 1;
  /** {@link NO_SECRETS}. */
  readonly secrets: string;
  /** vipd's version. */
  readonly vipd: string;
}

/** The stores of a load balancer, by what they keep. */
export const STORES = ["store", "thirdRouters", "marks", "replayMarks"] as const;
export type StoreName = (typeof STORES)[number];

/** Something that reached the engine from outside. */
export type Heard =
  /** It was made. Stores that it was not given are absent. */
  | {
    readonly kind: "opened";
    readonly config: Config;
    readonly found: Partial<Record<StoreName, FoundState>>;
  }
  /** `journal`: the entries of earlier runs about moves and overrides. */
  | { readonly kind: "start"; readonly journal: readonly MoveEntry[] }
  | { readonly kind: "stop" | "abandon" | "status" }
  | { readonly kind: "reconfigure"; readonly config: Config }
  | { readonly kind: "reload_failed"; readonly problems: number }
  | { readonly kind: "journal_file"; readonly problem: HostError | null }
  | {
    readonly kind: "notifications_fail" | "api_down" | "certificate_ends";
    readonly fails: boolean;
  }
  | {
    readonly kind: "promote" | "demote";
    readonly instance: string;
    readonly options: { readonly forMs?: number };
  }
  | { readonly kind: "release" | "clear_priority"; readonly instance: string }
  | { readonly kind: "set_priority"; readonly instance: string; readonly priority: number }
  /** `clockOffsetMs`: absent where it is not known. */
  | {
    readonly kind: "peer";
    readonly name: string;
    readonly report: PeerReport;
    readonly clockOffsetMs?: number;
  }
  | { readonly kind: "client_answered"; readonly report: ClientReport }
  /** The timer that was set to `dueMs`; the `nth` of those that were, where it was not the first. */
  | { readonly kind: "timer"; readonly dueMs: number; readonly nth?: number }
  | { readonly kind: "datagram"; readonly port: string; readonly datagram: VrrpDatagram }
  | { readonly kind: "unread"; readonly port: string; readonly count: number }
  | {
    readonly kind: "frame";
    readonly port: string;
    readonly datagram: VrrpDatagram;
    readonly from: MacAddress;
  }
  | { readonly kind: "claim"; readonly port: string; readonly claim: HeardClaim }
  | { readonly kind: "interface"; readonly name: string }
  | { readonly kind: "routing" }
  | { readonly kind: "renewal_failed"; readonly error: HostError }
  | { readonly kind: "probe" | "program"; readonly port: string; readonly result: ProbeResult }
  | { readonly kind: "stored"; readonly store: StoreName; readonly error: HostError | null }
  | { readonly kind: "set_aside"; readonly store: StoreName; readonly to: string | HostError }
  /** Nothing: something that was begun before went on. */
  | { readonly kind: "nothing" };

/**
 * From the `nth` time on that the host is asked this in the turn, it answers so, in later turns too. Further answers are
 * those to the next times.
 */
export type Answer = readonly [question: string, nth: number, ...answers: readonly unknown[]];

/** Something that the engine did: a call of its host, or an entry of its journal. */
export interface Did {
  /** The name of the call; `journal` for an entry; `heard` for what reached the engine during the call before. */
  readonly do: string;
  readonly with: readonly unknown[];
  /** The host returned this; absent for nothing, and for a port that it opened. */
  readonly result?: unknown;
}

/** One thing that was heard and what the engine did about it. */
export interface Turn {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** The wall clock, in milliseconds since the epoch. */
  readonly wallMs: number;
  /**
   * Absent where the engine had a pause before. `call`: what waits for a promise still waited then; `promise`: some of it may
   * have gone on.
   */
  readonly joined?: "call" | "promise";
  readonly heard: Heard;
  readonly answers?: readonly Answer[];
  readonly did?: readonly Did[];
}

/** One line, without its end. Octets become `{"hex":"c0a8"}`. */
export function encodeLine(value: Head | Turn): string {
  return JSON.stringify(value, withHex);
}

/** The value as it comes back from a line, for comparison: without what is `undefined`, octets as hex. */
export function plainText(value: unknown): string {
  return JSON.stringify(value, withHex) ?? "null";
}

/** Reads a line of {@link encodeLine}. @throws {SyntaxError} If the text is no JSON. */
export function decodeLine(line: string): unknown {
  return JSON.parse(line, (_, value) => isHex(value) ? Uint8Array.fromHex(value.hex) : value);
}

function withHex(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { hex: value.toHex() } : value;
}

function isHex(value: unknown): value is { readonly hex: string } {
  return typeof value === "object" && value !== null && Object.keys(value).length === 1 &&
    "hex" in value && typeof value.hex === "string";
}
