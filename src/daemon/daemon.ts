/**
 * The life of the engine: lock, token, host, node, front; and the way back when it must stop or fails.
 *
 * @module
 */

import { formatListenAddress } from "../api/listen_address.ts";
import type { Config } from "../config/model.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import type { JournalCode } from "../status/codes/journal_codes.ts";
import type { Reload } from "../status/commands/reloading.ts";
import type { ProcessesStatus } from "../status/status.ts";
import { ApiTokens } from "../tokens/api_tokens.ts";
import { VERSION } from "../version.ts";
import { type PlacedAddress, sameAddress } from "../vip/addresses.ts";
import { ApiTrouble } from "./api_trouble.ts";
import { PROBATION_FILE } from "./config/probation_record.ts";
import { Reloader, type ReloadSource } from "./config/reloader.ts";
import { ApiAddresses } from "./files/api_addresses.ts";
import { recordedAddresses } from "./files/found_record.ts";
import { type FoundJournal, futureText, JournalFile, readJournal } from "./files/journal_file.ts";
import { requireOwnFolder } from "./files/own_folder.ts";
import { ResourceRecordFile } from "./files/resource_record_file.ts";
import { RunDirKeeper } from "./files/run_dir_keeper.ts";
import { takeRunLock } from "./files/run_lock.ts";
import {
  MARKS_FILE,
  openStateFile,
  ORIGINS_FILE,
  OVERRIDES_FILE,
  type RemovableStore as Store,
  REPLAY_FILE,
  ROUTERS_FILE,
} from "./files/state_file.ts";
import { StatusFile } from "./files/status_file.ts";
import { engineSide } from "./front/engine_side.ts";
import { FrontCare } from "./front/front_care.ts";
import { frontSettings, secretFiles } from "./front/front_settings.ts";
import { KernelSettings } from "./kernel_settings.ts";
import type { Log } from "./log.ts";
import { LoopLag } from "./loop_lag.ts";
import type { DaemonNode, DaemonProcess, HostedNode } from "./machine.ts";
import { Notifications } from "./notifications.ts";
import { PairCertificate } from "./pair_certificate.ts";
import { type EngineRestarts, engineRestarts } from "./service/engine_restarts.ts";
import { followState } from "./service/service_state.ts";

/** How long the last log lines may take to be read, in milliseconds. */
const FLUSH_LIMIT_MS = 1000;

/** How long the last notifications may take when vipd stops, in milliseconds. */
const NOTIFY_LIMIT_MS = 3000;

/** A problem in spite of which the configuration was loaded. */
export interface ConfigWarning {
  /** Stable code of config/diagnostics.ts. */
  readonly code: JournalCode;
  readonly message: string;
}

/** Before the front is started. */
const NO_FRONT: ProcessesStatus["front"] = {
  ...{ state: "starting", pid: null, user: null, started_at: null },
  ...{ restarts: 0, last_exit: null, problem: null },
};

/** How a daemon came to its end. */
type End = { readonly kind: "signal"; readonly signal: Deno.Signal } | {
  readonly kind: "crash";
  readonly error: unknown;
};

/**
 * Runs until SIGTERM or SIGINT: then hands over and ends with 0. A second signal, or an error that nothing
 * caught, removes the addresses at once and ends with 1. Throws when it cannot start; then nothing is left.
 */
export async function runDaemon(
  config: Config,
  source: ReloadSource,
  warnings: readonly ConfigWarning[],
  log: Log,
  around: DaemonProcess,
): Promise<ExitCode> {
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => log.flush(FLUSH_LIMIT_MS));
  const lock = await takeRunLock(config.runDir);
  cleanup.defer(() => lock.release());

  const ends = new EndQueue();
  cleanup.defer(around.onUncaught((error) => ends.add({ kind: "crash", error })));
  // At once, so that a disk which does not answer is waited for once.
  const boot = around.bootId();
  const recorded = recordedAddresses(config.runDir, boot);
  const [store, origins, marks, replayMarks, thirdRouters, probationStore] = await Promise.all([
    ...[OVERRIDES_FILE, ORIGINS_FILE, MARKS_FILE, REPLAY_FILE, ROUTERS_FILE, PROBATION_FILE]
      .map((name) => openStateFile(config.stateDir, name)),
    requireOwnFolder("state_dir", config.stateDir),
  ]) as [Store, Store, Store, Store, Store, Store, void];
  const startedAt = new Date().toISOString();
  const user = await around.user();
  let earlier: EngineRestarts = { restarts: 0, last: null };
  let front: FrontCare | null = null;
  let reloader: Reloader | null = null;
  const processes = (): ProcessesStatus => ({
    engine: {
      ...{ pid: Deno.pid, user, started_at: startedAt },
      ...{ restarts: earlier.restarts, last_exit: earlier.last },
    },
    front: front?.status() ?? NO_FRONT,
  });
  const fail = (error: unknown) => ends.add({ kind: "crash", error });
  const stores = { store, origins, marks, replayMarks, thirdRouters };
  const left = await recorded;
  const isOwn = (address: PlacedAddress) => left.some((other) => sameAddress(other, address));
  const machine = around.open(config, { ...stores, isOwn, processes }, fail);
  cleanup.defer(() => machine.close());
  const { node } = machine;
  const { problems, entries } = await keepJournal(config.stateDir, node, cleanup);
  earlier = engineRestarts(entries, around.bootedAtMs());
  cleanup.defer(node.journal.listen((entry) => log.add(entry)));
  const notifications = new Notifications(config, node, machine.openPipe);
  cleanup.defer(() => notifications.close(NOTIFY_LIMIT_MS));
  const reloads = Promise.withResolvers<Reloader>();
  const reload: Reload = async (request) => await (await reloads.promise).reload(request);
  const keep = async () => await (await reloads.promise).keep();
  cleanup.defer(around.onSignal((signal) => {
    if (signal === "SIGHUP") void reload();
    else ends.add({ kind: "signal", signal });
  }));

  const warn = (code: JournalCode, message: string) =>
    node.journal.record("warning", code, message);
  for (const { code, message } of warnings) warn(code, message);
  for (const problem of problems) warn("journal_damaged", problem);
  const future = futureText(entries, Date.now());
  if (future !== null) warn("clock_set_back", future);
  const tokens = await ApiTokens.open(config.api, warn);
  const trouble = new ApiTrouble((problem) => node.apiDown(problem));
  cleanup.defer(tokens.keep((problem) => trouble.set("tokens", problem)));
  const { timers } = machine;
  const lag = new LoopLag(timers);
  cleanup.defer(() => lag.stop());
  const addresses = new ApiAddresses(
    config.runDir,
    (why) => warn("api_addresses_untold", `run_dir does not say where the API listens: ${why}`),
  );
  cleanup.defer(() => addresses.close());

  const held = await ResourceRecordFile.open(config.runDir, boot, node);
  cleanup.defer(() => held.close());

  const firstEntryId = (entries.at(-1)?.id ?? 0) + 1;
  const listens = config.api.listen.map(formatListenAddress).join(", ");
  const message = `vipd ${VERSION} starts on ${config.node}, API on ${listens}`;
  node.recordRemains();
  node.journal.record("notice", "started", message);
  try {
    node.start();
    machine.notify("READY=1");
    machine.warmUp();
    cleanup.defer(followState(node, machine.notify));
    let secrets = secretFiles(frontSettings(config));
    let interfaces = interfacesOf(config);
    const kernel = new KernelSettings(machine.readKernelFile ?? (() => null), () => interfaces);
    const engine = engineSide({
      ...{ node, tokens, lag, firstEntryId, reload, keep },
      probation: () => reloader?.probation ?? null,
      machine: (look) => kernel.facts(look),
      secrets: () => secrets,
      notifications: (status, problem) => notifications.remote(status, problem),
      allNotifications: () => notifications.status(),
    });
    const care = await FrontCare.open({
      ...{ config, engine, timers, charge: around.front(config.runDir) },
      record: (severity, code, text) => node.journal.record(severity, code, text),
      apiDown: (problem) => trouble.set("front", problem),
      serves: (served) => addresses.publish(served),
    });
    front = care;
    cleanup.defer(() => care.close(NOTIFY_LIMIT_MS));
    const keeper = new RunDirKeeper({
      timers,
      runDir: config.runDir,
      sign: () => lock.sign(),
      parts: [lock, ...care.runDirParts],
      lost: (text) => warn("run_dir_lost", text),
      looked: (names, problem) => care.runDirLooked(names, problem),
    });
    cleanup.defer(() => keeper.close());
    const statusFile = new StatusFile(config.runDir, engine);
    cleanup.defer(() => statusFile.close());
    let certificate: PairCertificate | null = null;
    const reloaded = reloader = new Reloader(config, {
      ...{ source, tokens, node, machine, warn, front: care, probationStore },
      trialHost: machine.trialHost,
      clock: {
        nowMs: () => timers.nowMs(),
        setTimer: (atMs, fire) => timers.setTimer(atMs, fire),
        wallClockMs: () => Date.now(),
      },
      taken: (next) => {
        secrets = secretFiles(frontSettings(next));
        interfaces = interfacesOf(next);
        notifications.reconfigure(next);
        // Its turn comes after this one, when that is in force.
        void certificate?.turn(Date.now());
      },
      ready: () => machine.notify("READY=1"),
    });
    cleanup.defer(() => reloaded.close());
    const { renewCertificate } = source;
    if (renewCertificate) {
      const kept = certificate = new PairCertificate({
        config: () => reloaded.config,
        renew: renewCertificate,
        serve: (before, next) => reloaded.serveWith(before, next),
        ends: (ending) => node.certificateEnds(ending),
        record: (severity, code, text) => node.journal.record(severity, code, text),
      });
      cleanup.defer(() => kept.close());
    }
    reloads.resolve(reloaded);
    return await serveUntilEnd(machine, ends, reloaded);
  } catch (error) {
    node.abandon();
    throw error;
  }
}

function interfacesOf({ instances }: Config): string[] {
  return instances.flatMap(({ interface: name, addresses }) => [
    name,
    ...addresses.map(({ device }) => device),
  ]);
}

async function serveUntilEnd(
  { node, notify }: HostedNode,
  ends: EndQueue,
  reloader: Reloader,
): Promise<ExitCode> {
  const first = await ends.next();
  reloader.end();
  notify("STOPPING=1");
  if (first.kind === "crash") return giveUp(node, first);
  node.journal.record("notice", "stopping", `${first.signal}: hands over and stops`);
  const second = await Promise.race([node.stop(), ends.next()]);
  if (second) return giveUp(node, second);
  node.journal.record("notice", "stopped", "vipd has stopped");
  return EXIT.ok;
}

function giveUp(node: DaemonNode, end: End): ExitCode {
  if (end.kind === "signal") {
    const message = `second ${end.signal}: stops at once, without waiting for another master`;
    node.journal.record("warning", "stopping", message);
  } else {
    const { error } = end;
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    const message = `a defect of vipd, please report it; its addresses are removed: ${text}`;
    node.journal.record("error", "crashed", message);
  }
  node.abandon();
  return EXIT.failure;
}

/** The journal continues where the last run has left it, on disk too. */
async function keepJournal(
  stateDir: string,
  node: DaemonNode,
  cleanup: AsyncDisposableStack,
): Promise<FoundJournal> {
  const found = await readJournal(stateDir);
  node.journal.restore(found.entries);
  const file = new JournalFile(stateDir, {
    refused: (why) => node.journalFile(why),
    taken: () => node.journalFile(null),
  });
  cleanup.defer(() => file.close(FLUSH_LIMIT_MS));
  const lastId = found.entries.at(-1)?.id ?? 0;
  for (const entry of node.journal.since(lastId)) file.add(entry);
  cleanup.defer(node.journal.listen((entry) => file.add(entry)));
  return found;
}

/** The reasons to end, in the order in which they came. */
class EndQueue {
  readonly #ends: End[] = [];
  #waiting: ((end: End) => void) | null = null;

  add(end: End): void {
    if (this.#waiting) this.#waiting(end);
    else this.#ends.push(end);
    this.#waiting = null;
  }

  next(): Promise<End> {
    const end = this.#ends.shift();
    if (end) return Promise.resolve(end);
    return new Promise((resolve) => this.#waiting = resolve);
  }
}
