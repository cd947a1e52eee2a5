/**
 * The surroundings of the engine: a load balancer on its machine, and the process that it runs in.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { Clock } from "../host/clock.ts";
import type { HostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { Interfaces } from "../host/interfaces.ts";
import type { Programs } from "../host/programs.ts";
import type { StateStore } from "../host/state_store.ts";
import type { AlarmText } from "../node/journal/alarms.ts";
import type { LoadBalancerOptions } from "../node/load_balancer.ts";
import type { ReloadPlan } from "../node/reload_plan.ts";
import type { InstanceToRecord } from "../node/resources/resource_record.ts";
import type { OpenPipe } from "../notify/fifo.ts";
import type { ShutDown } from "../runtime/connection.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import type { Journal } from "../status/journal.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import type { NodeOutline, ProcessesStatus, StatusParts } from "../status/status.ts";
import type { PlacedAddress } from "../vip/addresses.ts";
import type { FrontCharge } from "./front/front_care.ts";
import type { LaggingTimers } from "./loop_lag.ts";

/** A load balancer as the daemon sees it. */
export interface DaemonNode {
  readonly journal: Journal;
  /** Everything that its instances have, or may soon have, on the machine. */
  readonly recorded: readonly InstanceToRecord[];
  outline(): NodeOutline;
  statusParts(): StatusParts;
  /** Records what the engine before this one has left by its death; before the entry that this one starts. */
  recordRemains(): void;
  start(): void;
  /** Hands over and removes the addresses. */
  stop(): Promise<void>;
  /** Removes the addresses at once. */
  abandon(): void;
  /** Carries out the command of a client. */
  command(command: InstanceCommand, by: CommandClient): Promise<CommandResult>;
  /** Takes another configuration. */
  reconfigure(config: Config): ReloadPlan;
  /** Resolves when every check has a result of the way in which it runs now. */
  checksKnown(): Promise<void>;
  /**
   * Takes the answer of a peer's API, and how far its clock is ahead if that is known; returns after how many
   * milliseconds to ask it again.
   */
  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null): number;
  /** The instances whose virtual address the front asks as a client, by name. */
  readonly clientsWanted: readonly string[];
  /** Takes the answer of a virtual address. */
  clientAnswered(report: ClientReport): void;
  /** A configuration was not taken; a line for each problem. */
  reloadFailed(problems: readonly string[], alarm?: Partial<AlarmText>): void;
  /** The journal's file does not take entries, and why; `null` when it does. */
  journalFile(problem: HostError | null): void;
  /** A notification does not arrive, and why; `null` when all do. */
  notificationsFail(problem: string | null): void;
  /** The API does not answer clients, or not all of them, and why; `null` when it does. */
  apiDown(problem: string | null): void;
  /** The certificate of the API ends soon, and what to do about it; `null` when it does not. */
  certificateEnds(ending: AlarmText | null): void;
}

/** Makes a load balancer on its host; `close` is called after the host's. */
export type NodeMaker = (
  config: Config,
  host: Host,
  options: LoadBalancerOptions,
) => { readonly node: DaemonNode; readonly close?: () => Promise<void> };

/** The part of the machine that a trial of a configuration needs. */
export type TrialHost = Clock & Programs & Pick<Interfaces, "interfaceState" | "interfaceNames">;

/** A node on its host, not started yet. */
export interface HostedNode {
  readonly node: DaemonNode;
  readonly timers: LaggingTimers;
  /** Reports a state to the service manager, sd_notify(3). */
  notify(state: string): void;
  /** Reports to it that a reload begins, which READY=1 ends. */
  notifyReloading(): void;
  /** Warms up the takeover, so that the first one is as quick as any. */
  warmUp(): void;
  /** Opens the named pipes of `notify`. */
  readonly openPipe: OpenPipe;
  /** Ends connections to servers that hang. */
  readonly shutDown?: ShutDown;
  /** Reads a file of the kernel, `null` if that cannot be read; without it nothing of the kernel is known. */
  readonly readKernelFile?: (path: string) => string | null;
  /** Tries a configuration before it is in force; without it none is tried. */
  readonly trialHost?: TrialHost;
  close(): Promise<void>;
}

/** Everything that a node needs in addition to its configuration and its host. */
export interface NodeServices {
  /** Keeps the overrides. */
  readonly store: StateStore;
  /** Keeps who set them, and why. */
  readonly origins: StateStore;
  /** Keeps the numbers of signed adverts. */
  readonly marks: StateStore;
  /** Keeps which third routers were heard. */
  readonly thirdRouters: StateStore;
  /** Keeps the marks of `replay: monotonic`. */
  readonly replayMarks: StateStore;
  /** Whether an earlier run of this engine has added an address. */
  readonly isOwn: (address: PlacedAddress) => boolean;
  readonly processes: () => ProcessesStatus;
}

/** The process around the daemon. */
export interface DaemonProcess {
  /** How the front is run. */
  readonly front: (runDir: string) => FrontCharge;
  /** As whom this process runs, for the status. */
  readonly user: () => Promise<string>;
  /** When the machine was started, in milliseconds since the epoch. */
  readonly bootedAtMs: () => number;
  /** The kernel's random id of this boot; empty where it says none. */
  readonly bootId: () => string;
  /** Opens the host; `failed` gets what goes wrong in its callbacks. */
  open(config: Config, node: NodeServices, failed: (error: unknown) => void): HostedNode;
  /** Calls `listener` for each signal from now on; returns how to stop that. */
  onSignal(listener: (signal: Deno.Signal) => void): () => void;
  /** Calls `listener` for what nothing else caught; returns how to stop that. */
  onUncaught(listener: (error: unknown) => void): () => void;
}
