/**
 * The configuration of a check: defaults filled in, durations in the unit that their name says.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** A user of this machine, by name or number. */
export interface UserConfig {
  readonly name: string;
  /** The user's own group if omitted. */
  readonly group?: string;
}

/** A program that vipd starts. */
export interface ProgramConfig {
  /** Program and arguments; no shell. vipd looks for a program without a `/` in the system's folders of programs. */
  readonly command: readonly [string, ...string[]];
  /** The user that runs it; vipd's own user if omitted. */
  readonly user?: UserConfig;
}

/** The command that vipd runs before a check that was up turns down. */
export interface RecoveryConfig extends ProgramConfig {
  /** How long one run may take. */
  readonly timeoutMs: number;
  /** Runs within any `everyMs`, at least 1. */
  readonly attempts: number;
  readonly everyMs: number;
}

/** The settings that every check has. */
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
  /** Sent as Host header instead of the URL's host. */
  readonly hostHeader?: string;
  /** https: certificates in PEM that are trusted in addition to those of the system. */
  readonly ca?: string;
  /**
   * https: the name that vipd sends and that the certificate must be valid for, instead of the one in the Host header.
   */
  readonly serverName?: string;
  /** https: how long before its expiry the certificate raises an alarm. */
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
  /** The user whose processes count, by name or number; without it all users' do. */
  readonly user?: string;
  /** The executable that the processes run, as `/proc/PID/exe` names it; without it any does. */
  readonly path?: string;
  /** For how long after the end of the last process the next one may come; 0 for not at all. */
  readonly graceMs: number;
}

export interface ExecCheckConfig extends CheckCommon, ProgramConfig {
  readonly type: "exec";
}

export interface PingCheckConfig extends CheckCommon {
  readonly type: "ping";
  readonly address: IpAddress;
  /** `echo`: ICMP or ICMPv6. `neighbour`: ARP or neighbour discovery, for hosts on the same link. */
  readonly method: "echo" | "neighbour";
  /** The interface that sends the request; without it that of the route. */
  readonly interface?: string;
}

export interface FileCheckConfig extends CheckCommon {
  readonly type: "file";
  /** The file that contains a number. */
  readonly path: string;
}

/** All kinds of checks. */
export const CHECK_TYPES = ["http", "tcp", "ping", "process", "exec", "file"] as const;

export type CheckConfig =
  | HttpCheckConfig
  | TcpCheckConfig
  | PingCheckConfig
  | ProcessCheckConfig
  | ExecCheckConfig
  | FileCheckConfig;
