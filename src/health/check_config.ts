/**
 * What a check is told to do: defaults filled in, durations in the unit of their name.
 *
 * @module
 */

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
}

export interface ExecCheckConfig extends CheckCommon, ProgramConfig {
  readonly type: "exec";
}

export type CheckConfig =
  | HttpCheckConfig
  | TcpCheckConfig
  | ProcessCheckConfig
  | ExecCheckConfig;
