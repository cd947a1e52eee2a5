/**
 * Reloads the configuration: loads and judges all of it, prepares what can fail, and only then changes anything.
 *
 * @module
 */

import type { Reload, ReloadOutcome } from "../../api/reloading.ts";
import {
  type Diagnostic,
  type DiagnosticCode,
  formatDiagnostic,
} from "../../config/diagnostics.ts";
import type { LoadResult } from "../../config/load.ts";
import type { Config } from "../../config/model.ts";
import { planReload } from "../../node/reload_plan.ts";
import type { JournalCode } from "../../status/journal_codes.ts";
import type { ApiTokens } from "../../tokens/api_tokens.ts";
import { TokenFileError } from "../../tokens/token_file.ts";
import type { FrontCare } from "../front/front_care.ts";
import type { DaemonNode, Machine } from "../machine.ts";

/** The file that was named at the start. */
export interface ConfigSource {
  readonly path: string;
  load(): Promise<LoadResult>;
  /** Renews the certificate that `vipd pair` has made; absent if the file cannot be read again. */
  renewCertificate?(): Promise<void>;
}

/** The parts that a reload changes. */
export interface Reloadable {
  readonly source: ConfigSource;
  readonly front: Pick<FrontCare, "prepare">;
  readonly tokens: ApiTokens;
  readonly node: Pick<DaemonNode, "reconfigure" | "reloadFailed">;
  readonly machine: Pick<Machine, "notifyReloading">;
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

const RESTART_HINT = "restart vipd (systemctl restart vipd), or put the old value back";
const KEPT_HINT = "what was in use before stays in use";
const DEFECT_HINT = "this is a defect of vipd, please report it";

export class Reloader {
  readonly #parts: Reloadable;
  #config: Config;
  #running: Promise<unknown> | null = null;
  #next: Promise<ReloadOutcome> | null = null;
  #ended = false;

  /** `config`: the configuration in force. */
  constructor(config: Config, parts: Reloadable) {
    this.#config = config;
    this.#parts = parts;
  }

  /** One reload at a time. A caller that comes while one runs shares the next, which reads the file after that. */
  readonly reload: Reload = () => {
    if (this.#running) return this.#next ??= this.#afterRunning(this.#running);
    const run = this.#run();
    this.#running = run;
    run.finally(() => this.#running = null).catch(() => {});
    return run;
  };

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Serves with another certificate where `before` serves, and changes nothing else; the result is why not, or `null`. */
  async serveWith(before: string, next: { cert: string; key: string }): Promise<string | null> {
    while (this.#running) await this.#running.catch(() => {});
    const work = this.#serveWith(before, next).finally(() => this.#running = null);
    this.#running = work;
    return await work;
  }

  /** The daemon stops and accepts no more reloads. */
  end(): void {
    this.#ended = true;
  }

  /** Resolves when a running reload is over. */
  async close(): Promise<void> {
    this.end();
    await this.#running?.catch(() => {});
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

  async #afterRunning(running: Promise<unknown>): Promise<ReloadOutcome> {
    await running.catch(() => {});
    // Waits for the turn in which the running one is cleared.
    await Promise.resolve();
    this.#next = null;
    return await this.reload();
  }

  async #run(): Promise<ReloadOutcome> {
    const { machine, ready } = this.#parts;
    machine.notifyReloading();
    try {
      return await this.#take();
    } finally {
      if (!this.#ended) ready();
    }
  }

  async #take(): Promise<ReloadOutcome> {
    const { node, taken, warn } = this.#parts;
    const startedMs = performance.now();
    const loaded = await this.#load();
    if (!loaded.ok) return this.#refuse(loaded.diagnostics);
    const { config, warnings } = loaded;
    const obstacles = this.#obstacles(config);
    if (obstacles.length > 0) return this.#refuse(obstacles);
    const prepared = await this.#prepare(config);
    if (!prepared.ok) return this.#refuse([prepared.problem]);
    prepared.commit();
    if (this.#ended) return this.#refuse(this.#obstacles(config));
    // From here on nothing can fail.
    for (const { code, message } of warnings) warn(code, message);
    const { changes } = node.reconfigure(config);
    taken(config);
    this.#config = config;
    return { ok: true, tookMs: performance.now() - startedMs, changes, warnings };
  }

  /** A defect while a file is read must not cost the configuration in force. */
  async #load(): Promise<LoadResult> {
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
        const problem = this.#problem(
          ...["listen_failed", "api.listen", listeners.problem, KEPT_HINT] as const,
        );
        return { ok: false, problem };
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
      const problem = this.#problem(
        ...["token_file_failed", "api.token_file", error.message, KEPT_HINT] as const,
      );
      return { ok: false, problem };
    }
  }

  #refuse(diagnostics: readonly Diagnostic[]): ReloadOutcome {
    this.#parts.node.reloadFailed(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)));
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
