/**
 * One load balancer on a host: its life from start to stop, its reloads, its commands and its status.
 *
 * @module
 */

import { STATUS_OF } from "../status/remedies/remedies.ts";
import { changeText } from "../config/changes.ts";
import type { Config } from "../config/model.ts";
import type { CancelTimer } from "../host/clock.ts";
import { stateDirRemedy } from "../host/state_store.ts";
import type { HostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import { Journal } from "../status/journal.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import {
  type NodeOutline,
  type NodeStatus,
  type StatusHead,
  type StatusParts,
  wholeStatus,
} from "../status/status.ts";
import { instanceStatus, type KnownOfInstance } from "./instance/instance_status.ts";
import type { Instance } from "./instance/instance.ts";
import type { AlarmText } from "./journal/alarms.ts";
import type { ManagedInstance } from "./instance_manager.ts";
import { NodeParts, type NodeStores } from "./node_parts.ts";
import { recordRemains } from "./journal/remains.ts";
import { OverrideCommands } from "./override_commands.ts";
import type { StoredOverride } from "./overrides/stored_override.ts";
import { planReload, type ReloadPlan } from "./reload_plan.ts";
import type { InstanceToRecord } from "./resources/resource_record.ts";
import { NodeHead, type ProgramOptions } from "./status_head.ts";

/** The parts that a load balancer gets from its process. */
export type LoadBalancerOptions = ProgramOptions & NodeStores;

export class LoadBalancer {
  readonly journal: Journal;

  #config: Config;
  readonly #host: Host;
  readonly #head: NodeHead;
  readonly #parts: NodeParts;
  readonly #commands: OverrideCommands;
  /** Monotonic milliseconds: before that, no instance takes part in an election. */
  readonly #electionsFromMs: number;
  #running = false;
  #stopping = false;
  #cancelStartDelay: CancelTimer = () => {};

  /** Listens for masters from now on, so that the first wait for one runs while the program gets ready to `start`. */
  constructor(config: Config, host: Host, options: LoadBalancerOptions) {
    this.#config = config;
    this.#host = host;
    this.journal = new Journal(() => host.wallClockMs());
    this.#head = new NodeHead(host, options);
    this.#electionsFromMs = this.#head.startedMs + config.startDelayMs;
    this.#parts = new NodeParts(config, {
      ...{ host, journal: this.journal, stores: options },
      electionsFromMs: this.#electionsFromMs,
      departed: (managed) => this.#departed(managed),
    });
    this.#commands = new OverrideCommands(
      this.#parts.manager,
      this.#parts.overrideStore,
      (instance) => this.#known(instance),
    );
  }

  /** Records what the engine before this one has left by its death; before the entry that this one starts. */
  recordRemains(): void {
    for (const { instance, left } of this.#parts.stale.remains(this.#config.instances)) {
      recordRemains(this.journal, instance, left);
    }
  }

  /** Removes what is stale from an earlier run, then lets checks and instances run. */
  start(): void {
    const { demux, owners, stale, watch, checks, overrideStore, replayMarks, manager } =
      this.#parts;
    const { instances, startDelayMs } = this.#config;
    const listensSinceMs = demux.start(manager, instances);
    this.#running = true;
    owners.desire(instances);
    stale.removeAll(instances);
    watch.start(instances);
    checks.start();
    const entries = this.journal.since();
    for (const { instance } of manager.managed) instance.damping.restore(entries);
    for (const kept of overrideStore.take()) this.#resume(kept);
    replayMarks?.start();
    manager.start(listensSinceMs);
    this.#parts.pair.start();
    this.#parts.outward.start();
    if (startDelayMs === 0) return;
    this.#cancelStartDelay = this.#host.setTimer(
      this.#electionsFromMs,
      () => manager.evaluateAll(),
    );
  }

  /** Hands over what this node is master of, removes its addresses and ends, within the hand-over's limit. */
  async stop(): Promise<void> {
    if (!this.#running || this.#stopping) return;
    this.#stopping = true;
    // A node that goes has no say on whether the pair is safe.
    this.#parts.pair.stop();
    this.#parts.outward.stop();
    this.#cancelStartDelay();
    // Checks end first: a check that fails during the hand-over changes nothing.
    this.#parts.checks.stop();
    await new Promise<void>((resolve) => this.#parts.manager.stop(resolve));
    this.#close();
    await Promise.all([
      this.#parts.overrideStore.close(),
      this.#parts.marks.close(),
      this.#parts.replayMarks?.close(),
    ]);
  }

  /** Releases everything at once and waits for no other master, as after a crash or a second signal. */
  abandon(): void {
    if (!this.#running) return;
    this.#cancelStartDelay();
    this.#parts.checks.stop();
    this.#parts.manager.abandon();
    for (const managed of this.#parts.manager.all) this.#leaveHost(managed);
    this.#close();
  }

  /**
   * Takes another configuration, without a break for what stays the same. The caller has checked that the plan needs no
   * restart. Returns the plan; an instance that hands over continues with that afterwards.
   */
  reconfigure(config: Config): ReloadPlan {
    const plan = planReload(this.#config, config);
    if (!this.#running || this.#stopping) return plan;
    this.#parts.alarms.withdraw("reload_failed", null);
    if (plan.changes.length === 0) {
      this.journal.record("info", "reloaded", "the configuration was read again: nothing changed");
      return plan;
    }
    const { demux, checks, links, networks, manager, overrideStore } = this.#parts;
    const { conflicts, strays, watch, peers, clients } = this.#parts;
    this.#config = config;
    demux.reconfigure(config.instances);
    for (const change of plan.changes) {
      this.journal.record("notice", "config_changed", changeText(change));
    }
    // New checks before the instances that track them, old ones after those that did.
    for (const check of plan.checks) checks.run(check);
    links.reconfigure(config.interfaces);
    networks.reconfigure(config.instances);
    const dropped = manager.reconfigure(config, plan);
    conflicts.reconfigured();
    strays.changed();
    watch.follow(config.instances);
    peers.reconfigure(config);
    clients.reconfigure(config);
    checks.retain(config.checks.map(({ name }) => name));
    for (const kept of dropped) this.#dropOverride(kept);
    if (dropped.length > 0) overrideStore.changed();
    this.journal.record("notice", "reloaded", "the new configuration is in force");
    return plan;
  }

  /** Resolves when every check has a result of the way in which it runs now. */
  checksKnown(): Promise<void> {
    return this.#parts.checks.known();
  }

  /**
   * A configuration was refused: the one before stays in force, but a restart would fail.
   *
   * @param problems a line each
   * @param alarm what it says if the file is not one that has an error
   */
  reloadFailed(problems: readonly string[], alarm: Partial<AlarmText> = {}): void {
    for (const problem of problems) this.journal.record("error", "reload_failed", problem);
    this.#parts.alarms.raise("reload_failed", null, {
      message: `the configuration on the disk is not taken, the one before runs on: ${problems[0]}`,
      hint: "correct the file (vipd check shows all that is wrong with it), then vipd reload",
      ...alarm,
    });
  }

  /** Why the journal's file does not take entries; `null` if it does. */
  journalFile(problem: HostError | null): void {
    if (problem === null) return this.#parts.alarms.clear("journal_unwritable", null);
    this.#parts.alarms.raise("journal_unwritable", null, {
      message: "what happens now would not be known after a restart: the journal's file: " +
        problem.message,
      hint: stateDirRemedy(problem),
    });
  }

  /** Why notifications do not arrive, or not all of them; `null` if they do. */
  notificationsFail(problem: string | null): void {
    if (problem === null) return this.#parts.alarms.clear("notification_failed", null);
    this.#parts.alarms.raise("notification_failed", null, {
      message: problem,
      hint:
        "vipd status shows what waits and what is lost; once the cause is gone, vipd notify-test",
    });
  }

  /** Why the API does not answer clients, or not all of them, one sentence; `null` if it does. */
  apiDown(problem: string | null): void {
    if (problem === null) return this.#parts.alarms.clear("api_down", null);
    this.#parts.alarms.raise("api_down", null, {
      message:
        `the API does not answer, or not everybody; the addresses are served all the same: ${problem}`,
      hint: `look at ${STATUS_OF.front}`,
    });
  }

  /** The certificate of the API ends soon; `null` if it does not. */
  certificateEnds(ending: AlarmText | null): void {
    if (ending === null) return this.#parts.alarms.clear("api_certificate_ends", null);
    this.#parts.alarms.raise("api_certificate_ends", null, ending);
  }

  /** The resources that its instances have, or may soon have, on the machine. */
  get recorded(): readonly InstanceToRecord[] {
    return this.#parts.manager.all.map((
      { instance: { config, resources, conditions } },
    ) => ({
      config,
      held: resources.addresses.somePut,
      source: conditions.primaryAddress,
    }));
  }

  status(): NodeStatus {
    const { head, instances, peers } = this.statusParts();
    return wholeStatus(
      head(),
      instances.map(({ make }) => make()),
      peers.map(({ make }) => make()),
    );
  }

  /** A little of the status, which takes no long turn with hundreds of instances either. */
  outline(): NodeOutline {
    const { manager, alarms } = this.#parts;
    manager.checkLeases();
    return {
      instances: manager.allInstances.map(({ config: { name }, router: { state } }) => ({
        ...{ name, state },
      })),
      alarms: alarms.status(),
    };
  }

  /** The status in parts, each made at its call: all of them in one turn would hold up hundreds of instances. */
  statusParts(): StatusParts {
    return {
      head: () => this.#statusHead(),
      instances: this.#parts.manager.all.map((managed) => ({
        name: managed.instance.config.name,
        make: () => ({
          ...instanceStatus(managed.instance, managed.overrides.now(), this.#host.nowMs()),
          ...this.#known(managed.instance),
        }),
      })),
      peers: this.#parts.peers.status().map((peer) => ({ name: peer.name, make: () => peer })),
    };
  }

  #known(instance: Instance): KnownOfInstance {
    const { strays, rules, pair, clients } = this.#parts;
    const stray = strays.of(instance);
    const conflict = pair.conflict(instance);
    const otherMaster = pair.otherMaster(instance);
    const unknown = clients.unknown(instance);
    const droppedBy = rules.of(instance);
    return {
      ...(droppedBy && { adverts_dropped_by: droppedBy }),
      ...(stray && { address_on_backup: stray }),
      ...(conflict && { address_conflict: conflict }),
      ...(otherMaster !== null && { other_master: otherMaster }),
      pair: pair.status(instance),
      client_check: clients.status(instance),
      ...(unknown !== null && { client_check_unknown: unknown }),
    };
  }

  #statusHead(): StatusHead {
    const { manager, alarms, checks, demux } = this.#parts;
    manager.checkLeases();
    return this.#head.status(this.#config.node, { alarms, checks, drops: demux.drops });
  }

  /**
   * Takes what a peer's API answered, or why it did not.
   *
   * @param clockOffsetMs how far its clock is ahead of this node's; `null` if that is not known.
   * @returns after how many milliseconds to ask it again
   */
  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null = null): number {
    const againMs = this.#parts.peers.reported(name, report, clockOffsetMs);
    for (const { instance } of this.#parts.manager.managed) instance.candidacy.letBetterServe();
    return againMs;
  }

  /** The instances whose virtual address the front is to ask as a client, by name. */
  get clientsWanted(): readonly string[] {
    return this.#parts.clients.wanted;
  }

  /** Takes what a virtual address answered the front. */
  clientAnswered(report: ClientReport): void {
    const instance = this.#parts.clients.take(report);
    if (instance !== null) this.#parts.pair.changed(instance);
  }

  /** Carries out a command of `by`, if that is known. */
  command(command: InstanceCommand, by: CommandClient = {}): Promise<CommandResult> {
    return this.#commands.give(command, by);
  }

  #resume(kept: StoredOverride): void {
    const managed = this.#parts.manager.get(kept.instance);
    if (managed) managed.overrides.resume(kept);
    else this.#dropOverride(kept);
  }

  #dropOverride({ instance, override }: StoredOverride): void {
    const message =
      `${instance}: the override ${override.kind} is dropped: there is no such instance ` +
      "any more";
    this.journal.record("warning", "order_dropped", message);
  }

  #departed(managed: ManagedInstance): void {
    this.#leaveHost(managed);
    this.#parts.conflicts.forget(managed.instance);
    this.#parts.pair.forget(managed.instance);
    const { name } = managed.instance.config;
    if (!this.#stopping) this.#parts.alarms.forget(name);
  }

  #leaveHost({ instance: { resources, log } }: ManagedInstance): void {
    const left = resources.close();
    if (left.length === 0) return;
    const message = `${left.join(", ")} could not be removed and stays behind; see above`;
    log.record("error", "address_left_behind", message);
  }

  #close(): void {
    this.#running = false;
    this.#parts.close();
  }
}
