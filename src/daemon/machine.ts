/**
 * What the engine needs around it: a load balancer on its machine, and the process that it runs in.
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
import type { ClientReport } from "../status/client_report.ts";
import type { Commands } from "../status/commands.ts";
import type { Journal } from "../status/journal.ts";
import type { PeerReport } from "../status/peer_answer.ts";
import type { NodeStatus, ProcessesStatus, StatusParts } from "../status/status.ts";
import type { PlacedAddress } from "../vip/addresses.ts";
import type { FrontCharge } from "./front/front_care.ts";
import type { LaggingTimers } from "./loop_lag.ts";

/** A load balancer as the daemon sees it. */
export interface DaemonNode extends Commands {
  readonly journal: Journal;
  /** What its instances have, or may soon have, on the machine. */
  readonly recorded: readonly InstanceToRecord[];
  status(): NodeStatus;
  statusParts(): StatusParts;
  start(): void;
  /** Hands over and takes the addresses off. */
  stop(): Promise<void>;
  /** Takes the addresses off at once. */
  abandon(): void;
  /** Takes another configuration. */
  reconfigure(config: Config): ReloadPlan;
  /** Resolves when every check has a result of the way in which it runs now. */
  checksKnown(): Promise<void>;
  /**
   * What a peer's API answered, and how far its clock is ahead if that is known; returns after how many milliseconds to ask
   * it again.
   */
  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null): number;
  /** The instances whose virtual address is to be asked as a client, by name. */
  readonly clientsWanted: readonly string[];
  /** What a virtual address answered. */
  clientAnswered(report: ClientReport): void;
  /** A configuration was not taken; a line for each problem. */
  reloadFailed(problems: readonly string[], hint?: string): void;
  /** The journal's file does not take entries, and why; `null` when it does. */
  journalFile(problem: HostError | null): void;
  /** Somebody is not told what happens, and why; `null` when everybody is. */
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

/** What a trial of a configuration needs of the machine. */
export type TrialHost = Clock & Programs & Pick<Interfaces, "interfaceState">;

/** A node on its host, not started yet. */
export interface Machine {
  readonly node: DaemonNode;
  readonly timers: LaggingTimers;
  /** Tells the service manager, sd_notify(3). */
  notify(state: string): void;
  /** Tells it that a reload begins, which READY=1 ends. */
  notifyReloading(): void;
  /** Goes through a takeover that does not count, so that the first one that does is as quick as any. */
  rehearse(): void;
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

/** What a node is given besides its configuration and its host. */
export interface NodeParts {
  /** Keeps the orders. */
  readonly store: StateStore;
  /** Keeps who gave them, and why. */
  readonly origins: StateStore;
  /** Keeps the numbers of signed adverts. */
  readonly marks: StateStore;
  /** Keeps which third routers were heard. */
  readonly thirdRouters: StateStore;
  /** Keeps the marks of `replay: monotonic`. */
  readonly replayMarks: StateStore;
  /** Whether an earlier run of this engine has put an address on. */
  readonly isOwn: (address: PlacedAddress) => boolean;
  readonly processes: () => ProcessesStatus;
}

/** The process around the daemon. */
export interface DaemonProcess {
  /** How the front is run. */
  readonly front: (runDir: string) => Promise<FrontCharge>;
  /** As whom this process runs, for the status. */
  readonly user: () => Promise<string>;
  /** When the machine was started, in milliseconds since the epoch. */
  readonly bootedAtMs: () => Promise<number>;
  /** The kernel's random id of this boot; empty where it says none. */
  readonly bootId: () => Promise<string>;
  /** Opens the host; `failed` gets what goes wrong in its callbacks. */
  open(config: Config, node: NodeParts, failed: (error: unknown) => void): Machine;
  /** Calls `listener` for each signal from now on; returns how to stop that. */
  onSignal(listener: (signal: Deno.Signal) => void): () => void;
  /** Calls `listener` for what nothing else caught; returns how to stop that. */
  onUncaught(listener: (error: unknown) => void): () => void;
}
