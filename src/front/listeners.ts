/**
 * Where the front listens: everywhere that the settings say, or where it can. A place that is taken is tried again.
 *
 * @module
 */

import type { ListenAddress } from "../config/model.ts";
import { ApiListenError, type ApiServer, type PreparedServer } from "./server/server.ts";

/** How often a place that could not be had is tried again, in milliseconds. */
const RETRY_MS = 2000;

export class FrontListeners {
  readonly #server: ApiServer;
  readonly #changed: (addresses: readonly ListenAddress[], problem: string | null) => void;
  #prepared: PreparedServer | null = null;
  /** What is in force. */
  #wanted: readonly ListenAddress[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** One after the other. */
  #work: Promise<void> = Promise.resolve();

  /** `changed` gets where it listens and why not everywhere, `null` when it does. */
  constructor(
    server: ApiServer,
    changed: (addresses: readonly ListenAddress[], problem: string | null) => void,
  ) {
    this.#server = server;
    this.#changed = changed;
  }

  /**
   * Opens what is new of these; returns why that fails. `null` when all are open but those that were in force before
   * and cannot be had: whoever holds the place of one keeps no other settings out.
   */
  async prepare(addresses: readonly ListenAddress[]): Promise<string | null> {
    await this.#work;
    clearTimeout(this.#retry);
    this.#prepared?.commit();
    this.#prepared = null;
    try {
      // The first settings of a front that has just come are in force already.
      const inForce = this.#wanted.length === 0 ? addresses : this.#wanted;
      this.#prepared = await this.#server.prepare(addresses, inForce);
      return null;
    } catch (error) {
      if (!(error instanceof ApiListenError)) throw error;
      this.#openWhatCan();
      return error.message;
    }
  }

  /** These are the addresses from now on; those that were not prepared are opened as far as they can be. */
  commit(addresses: readonly ListenAddress[]): void {
    this.#wanted = addresses;
    clearTimeout(this.#retry);
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared === null) return void this.#openWhatCan();
    prepared.commit();
    this.#report(prepared.problems);
  }

  /** Listens nowhere until there are addresses again. */
  release(): void {
    clearTimeout(this.#retry);
    this.#wanted = [];
    const prepared = this.#prepared;
    this.#prepared = null;
    prepared?.commit();
    this.#work = this.#work.then(async () => {
      if (this.#wanted.length === 0) (await this.#server.prepare([])).commit();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#wanted = [];
    await this.#work;
    await this.#server.close();
  }

  #openWhatCan(): void {
    this.#work = this.#work.then(async () => {
      const wanted = this.#wanted;
      const problems = await this.#open(wanted);
      if (wanted === this.#wanted) this.#report(problems);
    });
  }

  async #open(wanted: readonly ListenAddress[]): Promise<readonly string[]> {
    try {
      const { problems, commit } = await this.#server.prepare(wanted, wanted);
      commit();
      return problems;
    } catch (error) {
      // A socket's file that cannot be removed, for one.
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  #report(problems: readonly string[]): void {
    this.#changed(this.#server.addresses, problems.length === 0 ? null : problems.join("; "));
    if (problems.length > 0) this.#retry = setTimeout(() => this.#openWhatCan(), RETRY_MS);
  }
}
