/**
 * Reloads the configuration: loads and judges all of it, prepares what can fail, and only then changes anything.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import {
  type Diagnostic,
  type DiagnosticCode,
  formatDiagnostic,
  RELOAD_ALONE,
} from "../../config/diagnostics.ts";
import type { Config } from "../../config/model.ts";
import type { HostError } from "../../host/errors.ts";
import { stateDirRemedy } from "../../host/state_store.ts";
import type { InstanceForecast } from "../../node/forecast.ts";
import { planReload } from "../../node/reload_plan.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import type { KeepOutcome, ReloadOutcome, ReloadRequest } from "../../status/commands/reloading.ts";
import { RESTART } from "../../status/remedies/remedies.ts";
import type { ProbationStatus } from "../../status/status.ts";
import type { ApiTokens } from "../../tokens/api_tokens.ts";
import { TokenFileError } from "../../tokens/token_file.ts";
import type { RemovableStore } from "../files/state_file.ts";
import type { FrontCare } from "../front/front_care.ts";
import type { DaemonNode, HostedNode, TrialHost } from "../machine.ts";
import type { LoadedText } from "./load.ts";
import { Probation, type ProbationClock, type Settle } from "./probation.ts";
import { writeBackCommand } from "./probation_record.ts";
import { tryConfig, verdictsAfter } from "./reload_trial.ts";

/** How a probation of the run before has ended, as a start finds it. */
export interface StartAfterProbation {
  /** Why vipd starts with the configuration before the one in the file, one sentence; absent if it does not. */
  readonly wentBack?: { readonly message: string; readonly isFileValid: boolean };
  /** The start takes a file that was edited, which ends the probation; `isUnkept`: what runs is not what ran before. */
  readonly probationEnded?: { readonly message: string; readonly isUnkept: boolean };
}

/** The file that was named at the start. */
export interface ReloadSource extends StartAfterProbation {
  readonly path: string;
  load(): Promise<LoadedText>;
  /** Renews the certificate that `vipd pair` has made; absent if the file cannot be read again. */
  renewCertificate?(): Promise<void>;
  /** The text of the configuration with which the daemon starts; absent if it cannot be read again. */
  readonly startText?: string;
}

/** The parts that a reload changes. */
export interface Reloadable {
  readonly source: ReloadSource;
  readonly front: Pick<FrontCare, "prepare">;
  readonly tokens: ApiTokens;
  readonly node: Pick<
    DaemonNode,
    "reconfigure" | "reloadFailed" | "statusParts" | "checksKnown" | "journal"
  >;
  readonly machine: Pick<HostedNode, "notifyReloading">;
  /** Tries a configuration before it is in force; without it none is tried. */
  readonly trialHost?: TrialHost | undefined;
  readonly clock: ProbationClock;
  /** Keeps what is on probation. */
  readonly probationStore: Pick<RemovableStore, "path" | "write" | "remove" | "found">;
  /** Reports a problem that does not prevent the reload. */
  warn(code: JournalCode, message: string): void;
  /** Another configuration is in force. */
  taken(config: Config): void;
  /** Reports to the service manager that a reload is over. */
  ready(): void;
}

type Prepared =
  | { readonly ok: true; readonly commit: () => void }
  | { readonly ok: false; readonly problem: Diagnostic };

const RESTART_HINT = `restart vipd (${RESTART}), or put the old value back`;
const KEPT_HINT = "what was in use before stays in use";
const NO_TEXT = "a configuration that cannot be read again cannot be on probation";
const DEFECT_HINT = "this is a defect of vipd, please report it";

/** A request that waits for its turn, and its outcome. */
interface Waiting {
  readonly request: ReloadRequest;
  readonly outcome: Promise<ReloadOutcome>;
}

export class Reloader {
  readonly #parts: Reloadable;
  readonly #probation: Probation;
  #config: Config;
  /** The text of that; `null` if it came from what cannot be read again. */
  #text: string | null;
  /** Everything that changes the configuration, one at a time. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Waiting[] = [];
  #ended = false;

  /** `config`: the configuration in force. */
  constructor(config: Config, parts: Reloadable) {
    const { source, clock, probationStore: store } = parts;
    this.#config = config;
    this.#text = source.startText ?? null;
    this.#parts = parts;
    this.#probation = new Probation({
      ...{ path: source.path, store, clock },
      expired: () => void this.#inTurn(() => this.#goBack()),
    }, source.wentBack !== undefined);
    if (source.wentBack !== undefined) this.#reportWentBack(source.wentBack);
    void this.#inTurn(() => this.#endByEdit());
    if (store.found.kind === "unreadable") this.#recordUnknown(store.found.message);
  }

  /** One reload at a time. Callers who wait for their turn with the same request share it: it reads the file then. */
  readonly reload = (request: ReloadRequest = {}): Promise<ReloadOutcome> => {
    const same = this.#waiting.find((other) => isDeepStrictEqual(other.request, request));
    if (same) return same.outcome;
    const outcome = this.#inTurn(() => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      return this.#run(request);
    });
    const waiting = { request, outcome };
    this.#waiting.push(waiting);
    return outcome;
  };

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Serves with another certificate where `before` serves, and changes nothing else; the result is why not, or `null`. */
  serveWith(before: string, next: { cert: string; key: string }): Promise<string | null> {
    return this.#inTurn(() => this.#serveWith(before, next));
  }

  /** Keeps the configuration that is on probation. */
  readonly keep = (): Promise<KeepOutcome> => this.#inTurn(() => this.#keep());

  /** `null` if nothing is on probation. */
  get probation(): ProbationStatus | null {
    return this.#probation.status;
  }

  /** The daemon stops and accepts no more reloads. */
  end(): void {
    this.#ended = true;
  }

  /** Resolves when a running reload is over. */
  async close(): Promise<void> {
    this.end();
    this.#probation.close();
    await this.#last;
  }

  async #serveWith(before: string, next: { cert: string; key: string }): Promise<string | null> {
    const { front, taken } = this.#parts;
    const listen = this.#config.api.listen.map((address) =>
      address.kind === "tcp" && address.tls && "cert" in address.tls && address.tls.cert === before
        ? { ...address, tls: next }
        : address
    );
    const config = { ...this.#config, api: { ...this.#config.api, listen } };
    const listeners = await front.prepare(config);
    if (!listeners.ok) return listeners.problem;
    listeners.commit();
    taken(config);
    this.#config = config;
    return null;
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #run(request: ReloadRequest): Promise<ReloadOutcome> {
    const { machine, ready } = this.#parts;
    machine.notifyReloading();
    try {
      return await this.#take(request);
    } finally {
      if (!this.#ended) ready();
    }
  }

  async #take(request: ReloadRequest): Promise<ReloadOutcome> {
    const { node, warn } = this.#parts;
    const startedMs = performance.now();
    const loaded = await this.#load();
    if (!loaded.ok) return this.#refuse(loaded.diagnostics);
    const { config, warnings, text = null } = loaded;
    const obstacles = this.#obstacles(config);
    if (obstacles.length > 0) return this.#refuse(obstacles);
    const left = await this.#leftToNobody(config, request);
    if (left.length > 0) return this.#refuse(left);
    const prepared = await this.#prepare(config);
    if (!prepared.ok) return this.#refuse([prepared.problem]);
    const settle = await this.#prepareProbation(config, text, request);
    if (typeof settle !== "function") return this.#refuse([settle]);
    prepared.commit();
    if (this.#ended) return this.#refuse(this.#obstacles(config));
    // From here on nothing can fail.
    for (const { code, message } of warnings) warn(code, message);
    const before = this.#config;
    const { changes } = node.reconfigure(config);
    this.#inForce(config, text);
    const tookMs = performance.now() - startedMs;
    this.#settled(await settle());
    const verdicts = await verdictsAfter(before, config, node);
    const probation = this.#probation.status ?? undefined;
    if (probation !== undefined && request.confirmMs !== undefined) this.#recordBegin(probation);
    return { ok: true, tookMs, changes, warnings, verdicts, probation };
  }

  #inForce(config: Config, text: string | null): void {
    this.#parts.taken(config);
    this.#config = config;
    this.#text = text;
  }

  /** Why a configuration must not be taken: it leaves instances to nobody, and the request does not force that. */
  async #leftToNobody(config: Config, { force }: ReloadRequest): Promise<Diagnostic[]> {
    const { trialHost: host, node } = this.#parts;
    if (force || host === undefined) return [];
    const left = await tryConfig(this.#config, config, { node, host });
    return left.map((instance) => this.#problem(...leavesNobody(instance)));
  }

  /** The step for once `config` is in force, or why it cannot be on probation. */
  async #prepareProbation(
    config: Config,
    text: string | null,
    { confirmMs }: ReloadRequest,
  ): Promise<Settle | Diagnostic> {
    const before = this.#text;
    if (text === null || before === null) {
      if (confirmMs === undefined) return () => Promise.resolve(null);
      return this.#problem("probation_impossible", null, NO_TEXT, "reload it without --confirm");
    }
    const settle = await this.#probation.prepare(
      { config: this.#config, text: before },
      { config, text },
      confirmMs,
    );
    return typeof settle === "function" ? settle : this.#unrecorded(settle);
  }

  /** The time is over: the configuration before is in force again, also for a start from now on. */
  async #goBack(): Promise<void> {
    const earlier = this.#probation.takeEarlier();
    if (earlier === null || this.#ended) return;
    const { node, source } = this.#parts;
    const prepared = await this.#prepare(earlier.config);
    if (prepared.ok) prepared.commit();
    node.reconfigure(earlier.config);
    this.#inForce(earlier.config, earlier.text);
    const problem = prepared.ok ? [] : [formatDiagnostic(prepared.problem)];
    const message = wentBackText(source.path, "nobody kept it in time");
    this.#reportWentBack({ message, isFileValid: true }, problem);
  }

  /** A record that no longer fits the file must not take a later start back. */
  async #endByEdit(): Promise<void> {
    const { node, source: { path, probationEnded }, probationStore } = this.#parts;
    if (probationEnded === undefined) return;
    const { message, isUnkept } = probationEnded;
    node.journal.record(isUnkept ? "warning" : "notice", "probation_ended", message);
    if (isUnkept) {
      const hint = `look at ${path}; vipd reload keeps what it has and ends this alarm`;
      node.reloadFailed([], { message, hint });
    }
    this.#settled(await probationStore.remove());
  }

  /** If the file is valid, a reload would take what nobody has kept. */
  #reportWentBack(
    { message, isFileValid }: NonNullable<StartAfterProbation["wentBack"]>,
    problems: readonly string[] = [],
  ): void {
    const { node, probationStore, source: { path } } = this.#parts;
    const writeBack = writeBackCommand(probationStore.path, path);
    const hint = `${writeBack} && vipd reload writes what vipd runs with back into the file, ` +
      "keeps a copy of the file next to it, and ends this alarm; " +
      (isFileValid
        ? "vipd reload alone takes the file as it is, for good"
        : "or correct the file (vipd check shows all that is wrong with it), then vipd reload");
    node.reloadFailed([message, ...problems], { message, hint });
  }

  async #keep(): Promise<KeepOutcome> {
    if (this.#probation.status === null) {
      return { ok: false, message: this.#nothingToKeep() };
    }
    const problem = await this.#probation.keep();
    if (problem !== null) {
      return { ok: false, message: formatDiagnostic(this.#unrecorded(problem)) };
    }
    const message = "the configuration is kept: its probation is over";
    this.#parts.node.journal.record("notice", "probation_kept", message);
    return { ok: true };
  }

  #nothingToKeep(): string {
    if (!this.#probation.wentBack) return "nothing is on probation";
    const { path } = this.#parts.source;
    return `it is too late: ${wentBackText(path, "nobody kept that in time")}; vipd reload takes ` +
      "the file all the same, and vipd reload --confirm tries it again";
  }

  #recordUnknown(problem: string): void {
    const message =
      `it is not known whether ${this.#parts.source.path} is on probation (${problem}): ` +
      "vipd runs with it";
    this.#parts.node.journal.record("warning", "probation_unknown", message);
  }

  #recordBegin({ until }: ProbationStatus): void {
    const message = `the configuration is on probation: vipd goes back at ${until} unless ` +
      "somebody keeps it with vipd reload --keep";
    this.#parts.node.journal.record("notice", "probation_began", message);
  }

  /** Warns that the disk still has what a start would go back to, if it does. */
  #settled(problem: HostError | null): void {
    if (problem === null) return;
    this.#parts.warn("probation_unrecorded", formatDiagnostic(this.#unrecorded(problem)));
  }

  #unrecorded(problem: HostError): Diagnostic {
    const message = `state_dir does not take what vipd would go back to: ${problem.message}`;
    return this.#problem("probation_unrecorded", "state_dir", message, stateDirRemedy(problem));
  }

  /** A defect while a file is read must not cost the configuration in force. */
  async #load(): Promise<LoadedText> {
    try {
      return await this.#parts.source.load();
    } catch (error) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      return { ok: false, diagnostics: [this.#problem("defect", null, text, DEFECT_HINT)] };
    }
  }

  /** Why the configuration cannot be put in force while vipd runs. */
  #obstacles(config: Config): Diagnostic[] {
    if (this.#ended) return [this.#problem("needs_restart", null, "vipd stops", "start it again")];
    return planReload(this.#config, config).needRestart
      .map((key) =>
        this.#problem("needs_restart", key, "only a restart changes this", RESTART_HINT)
      );
  }

  /** Opens what is new in addition to what is open; on failure everything is as before. */
  async #prepare(config: Config): Promise<Prepared> {
    const { front, tokens, warn } = this.#parts;
    try {
      const files = await tokens.prepare(config.api, warn);
      const listeners = await front.prepare(config);
      if (!listeners.ok) {
        const { problem } = listeners;
        return {
          ok: false,
          problem: this.#problem("listen_failed", "api.listen", problem, KEPT_HINT),
        };
      }
      return {
        ok: true,
        commit: () => {
          files.commit();
          listeners.commit();
        },
      };
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
      const { message } = error;
      return {
        ok: false,
        problem: this.#problem("token_file_failed", "api.token_file", message, KEPT_HINT),
      };
    }
  }

  #refuse(diagnostics: readonly Diagnostic[]): ReloadOutcome {
    const problems = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
    const [first] = diagnostics.filter(({ severity }) => severity === "error");
    const isAlone = first !== undefined && RELOAD_ALONE.has(first.code);
    this.#parts.node.reloadFailed(problems, isAlone ? { hint: first.hint } : {});
    return { ok: false, diagnostics };
  }

  #problem(
    code: DiagnosticCode,
    key: string | null,
    message: string,
    hint: string,
  ): Diagnostic {
    const { path: file } = this.#parts.source;
    const place = { line: null, column: null, excerpt: null };
    return { severity: "error", code, file, ...place, key, message, hint };
  }
}

/** Says that the configuration in the file is not in force; also after a start. */
export function wentBackText(path: string, why: string): string {
  return `vipd runs with the configuration before the one in ${path}: ${why}; what that file ` +
    "names, such as keys, certificates and programs, is as it is now";
}

function leavesNobody(
  { name, faults }: InstanceForecast,
): [DiagnosticCode, string, string, string] {
  return [
    "leaves_nobody",
    `instance ${name}`,
    `it would be in fault: ${faults.join("; ")}; and no other node is known that would serve`,
    "correct that (vipd check --probe shows it), or take it all the same: vipd reload --force",
  ];
}
