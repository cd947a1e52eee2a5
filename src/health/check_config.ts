/**
 * What a check is told to do: defaults filled in, durations in the unit of their name.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** A user of this machine, by name or number. */
export interface UserConfig {
  readonly name: string;
  /** The user's own group where it is not said. */
  readonly group?: string;
}

/** A program that vipd starts. */
export interface ProgramConfig {
  /** Program and arguments; no shell. A program without a `/` is looked for where the system's programs are. */
  readonly command: readonly [string, ...string[]];
  /** Who runs it; vipd's own user where it is not said. */
  readonly user?: UserConfig;
}

/** What is tried before a check that was up turns down. */
export interface RecoveryConfig extends ProgramConfig {
  /** How long one run may take. */
  readonly timeoutMs: number;
  /** Runs within any `everyMs`, at least 1. */
  readonly attempts: number;
  readonly everyMs: number;
}

/** What every check has. */
interface CheckCommon {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
  readonly onFail?: RecoveryConfig;
}

export interface HttpCheckConfig extends CheckCommon {
  readonly type: "http";
  readonly url: string;
  /** Inclusive range of status codes that pass. */
  readonly status: { readonly from: number; readonly to: number };
  /** The body must contain this text. */
  readonly bodyContains?: string;
  /** Sent as Host header instead of the URL's. */
  readonly hostHeader?: string;
  /** https: certificates in PEM that are trusted besides those of the system. */
  readonly ca?: string;
  /** https: the name that the server is sent and its certificate must be valid for, instead of that in the Host header. */
  readonly serverName?: string;
  /** https: how long before its end the certificate is worth an alarm. */
  readonly expiresWithinMs?: number;
}

export interface TcpCheckConfig extends CheckCommon {
  readonly type: "tcp";
  readonly host: string;
  readonly port: number;
}

export interface ProcessCheckConfig extends CheckCommon {
  readonly type: "process";
  /** The process's name as in `/proc/PID/comm`. */
  readonly process: string;
  /** The user whose processes count, by name or number; without it everybody's do. */
  readonly user?: string;
  /** The executable that they run, as `/proc/PID/exe` names it; without it any does. */
  readonly path?: string;
  /** For how long after the end of the last process the next one may come; without it not at all. */
  readonly graceMs?: number;
}

export interface ExecCheckConfig extends CheckCommon, ProgramConfig {
  readonly type: "exec";
}

export interface PingCheckConfig extends CheckCommon {
  readonly type: "ping";
  readonly address: IpAddress;
  /** `echo`: ICMP or ICMPv6. `neighbour`: ARP or neighbour discovery, for hosts of the same link. */
  readonly method: "echo" | "neighbour";
  /** Out of which interface it asks; without it the one of the route. */
  readonly interface?: string;
}

export interface FileCheckConfig extends CheckCommon {
  readonly type: "file";
  /** The file that holds a number. */
  readonly path: string;
}

export type CheckConfig =
  | HttpCheckConfig
  | TcpCheckConfig
  | PingCheckConfig
  | ProcessCheckConfig
  | ExecCheckConfig
  | FileCheckConfig;
