/**
 * A load balancer whose process's calls are recorded: commands, reloads, answers of peers.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { HostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { StateStore } from "../host/state_store.ts";
import type { MoveEntry } from "../node/instance/moves.ts";
import type { AlarmText } from "../node/journal/alarms.ts";
import { LoadBalancer, type LoadBalancerOptions } from "../node/load_balancer.ts";
import type { ReloadPlan } from "../node/reload_plan.ts";
import type { InstanceToRecord } from "../node/resources/resource_record.ts";
import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import type { Journal, JournalEntry } from "../status/journal.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import type { NodeOutline, StatusParts } from "../status/status.ts";
import { type Heard, type StoreName, STORES } from "./line.ts";
import type { Recorder } from "./recorder.ts";
import { RecordingHost } from "./recording_host.ts";
import { RecordingStore } from "./recording_store.ts";

/** The entries that are effects: a replay must come to the same. */
const EFFECTS: ReadonlySet<string> = new Set(["state_changed", "alarm_raised", "alarm_cleared"]);
/** Those by which a node knows what it went through before its start. */
const MOVES: ReadonlySet<string> = new Set([
  ...["started", "engine_died", "state_changed", "hold_ended"],
  ...["order_given", "order_failed", "order_resumed", "order_ended"],
]);

/** The part of a journal entry that a recording has. */
export function shownEntry({ code, subject, alarm, transition }: JournalEntry): unknown {
  return { code, subject, alarm, transition };
}

/** True of an entry that a recording has among what the engine did. */
export function isEffect({ code }: JournalEntry): boolean {
  return EFFECTS.has(code);
}

export class RecordingNode {
  readonly #node: LoadBalancer;
  readonly #recorder: Recorder;
  /** The problems that its process has reported. */
  readonly #problems = new Set<Heard["kind"]>();

  /** As a {@link LoadBalancer}. */
  constructor(config: Config, host: Host, options: LoadBalancerOptions, recorder: Recorder) {
    this.#recorder = recorder;
    const stores = recordedStores(options, recorder);
    const found = Object.fromEntries(
      STORES.flatMap((name) => stores[name] ? [[name, stores[name].found]] : []),
    );
    const { isOwn } = options;
    const asked = isOwn && {
      isOwn: (address: Parameters<typeof isOwn>[0]) =>
        recorder.asked(`is own ${address.address} ${address.device}`, isOwn(address)),
    };
    const opened = { kind: "opened", config: recorder.standIns.config(config), found } as const;
    this.#node = recorder.turn(
      opened,
      () =>
        new LoadBalancer(config, new RecordingHost(host, recorder), {
          ...{ ...options, ...stores, ...asked },
        }),
    );
    this.journal.listen((entry) => {
      if (isEffect(entry)) recorder.did("journal", [shownEntry(entry)], () => null);
    });
  }

  get journal(): Journal {
    return this.#node.journal;
  }

  get recorded(): readonly InstanceToRecord[] {
    return this.#node.recorded;
  }

  /** Its outcome is in the journal at the start. */
  recordRemains(): void {
    this.#node.recordRemains();
  }

  start(): void {
    const journal = this.journal.since().filter(({ code }) => MOVES.has(code)).map(moveEntry);
    this.#hear({ kind: "start", journal }, () => this.#node.start());
  }

  stop(): Promise<void> {
    return this.#hear({ kind: "stop" }, () => this.#node.stop());
  }

  abandon(): void {
    this.#hear({ kind: "abandon" }, () => this.#node.abandon());
  }

  reconfigure(config: Config): ReloadPlan {
    const masked = this.#recorder.standIns.config(config);
    return this.#hear(
      { kind: "reconfigure", config: masked },
      () => this.#node.reconfigure(config),
    );
  }

  checksKnown(): Promise<void> {
    return this.#node.checksKnown();
  }

  reloadFailed(problems: readonly string[], alarm?: Partial<AlarmText>): void {
    this.#hear(
      { kind: "reload_failed", problems: problems.length },
      () => this.#node.reloadFailed(problems, alarm),
    );
  }

  journalFile(problem: HostError | null): void {
    this.#trouble(
      { kind: "journal_file", problem },
      problem,
      () => this.#node.journalFile(problem),
    );
  }

  notificationsFail(problem: string | null): void {
    this.#trouble(
      { kind: "notifications_fail", fails: problem !== null },
      problem,
      () => this.#node.notificationsFail(problem),
    );
  }

  apiDown(problem: string | null): void {
    this.#trouble(
      { kind: "api_down", fails: problem !== null },
      problem,
      () => this.#node.apiDown(problem),
    );
  }

  certificateEnds(ending: AlarmText | null): void {
    this.#trouble(
      { kind: "certificate_ends", fails: ending !== null },
      ending?.message ?? null,
      () => this.#node.certificateEnds(ending),
    );
  }

  outline(): NodeOutline {
    return this.#recorder.turn({ kind: "status" }, () => this.#node.outline(), true);
  }

  statusParts(): StatusParts {
    const asked = { kind: "status" } as const;
    const { head, ...others } = this.#recorder.turn(asked, () => this.#node.statusParts(), true);
    // It looks whether leases have lapsed.
    return { ...others, head: () => this.#recorder.turn(asked, head, true) };
  }

  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null): number {
    const masked = this.#recorder.standIns.report(report);
    return this.#hear(
      { kind: "peer", name, report: masked, ...(clockOffsetMs !== null && { clockOffsetMs }) },
      () => this.#node.peerReported(name, report, clockOffsetMs),
    );
  }

  get clientsWanted(): readonly string[] {
    return this.#node.clientsWanted;
  }

  clientAnswered(report: ClientReport): void {
    this.#hear(
      { kind: "client_answered", report: this.#recorder.standIns.clientReport(report) },
      () => this.#node.clientAnswered(report),
    );
  }

  command(command: InstanceCommand, by: CommandClient = {}): Promise<CommandResult> {
    return this.#hear(recordedCommand(command), () => this.#node.command(command, by));
  }

  /** That all is well is news after a problem only. */
  #trouble(heard: Heard, problem: unknown, run: () => void): void {
    const news = problem !== null || this.#problems.has(heard.kind);
    if (problem === null) this.#problems.delete(heard.kind);
    else this.#problems.add(heard.kind);
    this.#recorder.turn(heard, run, !news);
  }

  #hear<T>(heard: Heard, run: () => T): T {
    return this.#recorder.turn(heard, run);
  }
}

/** Client and reason make no difference to the engine, and are private. */
function recordedCommand(command: InstanceCommand): Heard {
  const { instance } = command;
  switch (command.kind) {
    case "promote":
    case "demote": {
      const { kind, forMs } = command;
      return { kind, instance, options: forMs === undefined ? {} : { forMs } };
    }
    case "set_priority":
      return { kind: command.kind, instance, priority: command.priority };
    case "release":
    case "clear_priority":
      return { kind: command.kind, instance };
  }
}

function recordedStores(
  { store, thirdRouters, marks, replayMarks }: LoadBalancerOptions,
  recorder: Recorder,
): Pick<LoadBalancerOptions, StoreName> {
  const recorded = (name: StoreName, real: StateStore) => new RecordingStore(name, real, recorder);
  return {
    store: recorded("store", store),
    ...(thirdRouters && { thirdRouters: recorded("thirdRouters", thirdRouters) }),
    ...(marks && { marks: recorded("marks", marks) }),
    ...(replayMarks && { replayMarks: recorded("replayMarks", replayMarks) }),
  };
}

function moveEntry({ time, code, subject, transition, priority, trial }: JournalEntry): MoveEntry {
  return {
    ...{ time, code },
    ...(subject !== undefined && { subject }),
    ...(transition && { transition }),
    ...(priority !== undefined && { priority }),
    ...(trial && { trial }),
  };
}
