/**
 * What a check is told to do: defaults filled in, durations in the unit of their name.
 *
 * @module
 */

/** What every check has. */
interface CheckCommon {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
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

export interface ExecCheckConfig extends CheckCommon {
  readonly type: "exec";
  /** Program (absolute path) and arguments; no shell. */
  readonly command: readonly [string, ...string[]];
}

export type CheckConfig =
  | HttpCheckConfig
  | TcpCheckConfig
  | ProcessCheckConfig
  | ExecCheckConfig;
