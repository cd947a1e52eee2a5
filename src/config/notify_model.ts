/**
 * The receivers of the daemon's notifications, as the program uses them.
 *
 * @module
 */

import type { ProgramConfig, UserConfig } from "../health/check_config.ts";

/** The events that a receiver can choose. */
export const NOTIFY_EVENTS = [
  "master",
  "backup",
  "fault",
  "stop",
  "reasserted",
  "unprotected",
  "protected",
  "unserved",
  "contested",
  "alarm",
  "alarm_cleared",
  "check",
  "recovery",
  "order",
  "reload",
  "daemon",
] as const;
export type NotifyEventKind = (typeof NOTIFY_EVENTS)[number];

/** The states of an instance and what needs a person. */
export const DEFAULT_NOTIFY_EVENTS = [
  "master",
  "backup",
  "fault",
  "stop",
  "alarm",
  "alarm_cleared",
] as const satisfies readonly NotifyEventKind[];

interface NotifyCommon {
  readonly name: string;
  readonly on: readonly NotifyEventKind[];
  /** Only what these instances and sync groups do; everything where neither is given. */
  readonly instances?: readonly string[];
  readonly groups?: readonly string[];
}

export interface ExecNotifyConfig extends NotifyCommon, ProgramConfig {
  readonly type: "exec";
  readonly timeoutMs: number;
  /** Appends what keepalived appends: `INSTANCE|GROUP NAME STATE PRIORITY`. */
  readonly appendArguments: boolean;
}

/** A named pipe that gets keepalived's lines. */
export interface FifoNotifyConfig extends NotifyCommon {
  readonly type: "fifo";
  /** Absolute; made if it is missing. */
  readonly path: string;
  /** Whose pipe it becomes; the user of vipd if omitted. */
  readonly user?: UserConfig;
}

/** How long something is tried again that somebody else may fix. */
interface Retried {
  readonly retryForMs: number;
}

export interface WebhookNotifyConfig extends NotifyCommon, Retried {
  readonly type: "webhook";
  /** The URL, or the file that holds it where it is itself a secret. */
  readonly target: { readonly secretUrl: string } | { readonly urlFile: string };
  /** Holds the secret of the signature; not signed without it. */
  readonly secretFile?: string;
  /** Certificates (PEM) that are trusted in addition to the usual ones. */
  readonly caFile?: string;
  readonly timeoutMs: number;
}

export interface EmailNotifyConfig extends NotifyCommon, Retried {
  readonly type: "email";
  /** At least one. */
  readonly to: readonly string[];
  readonly from: string;
  readonly host: string;
  readonly port: number;
  readonly security: "none" | "starttls" | "tls";
  readonly login?: { readonly username: string; readonly passwordFile: string };
  readonly caFile?: string;
  /** The name that the client gives itself; the machine's name if omitted. */
  readonly heloName?: string;
  readonly connectTimeoutMs: number;
}

/** The targets on this machine, which the engine serves. */
export type LocalNotifyConfig = ExecNotifyConfig | FifoNotifyConfig;

/** The targets on the network, which the front serves. */
export type RemoteNotifyConfig = WebhookNotifyConfig | EmailNotifyConfig;

export type NotifyConfig = LocalNotifyConfig | RemoteNotifyConfig;

export function isLocal(config: NotifyConfig): config is LocalNotifyConfig {
  return config.type === "exec" || config.type === "fifo";
}
