/**
 * The listeners of the front: on all addresses of the settings, or on those that it can open. It retries those that are
 * taken.
 *
 * @module
 */

import type { ListenAddress } from "../config/model.ts";
import { ApiListenError, type ApiServer, type PreparedServer } from "./server/server.ts";

/** How often the front retries an address that it could not open, in milliseconds. */
const RETRY_MS = 2000;

export class FrontListeners {
  readonly #server: ApiServer;
  readonly #changed: (addresses: readonly ListenAddress[], problem: string | null) => void;
  #prepared: PreparedServer | null = null;
  /** The addresses in force. */
  #desired: readonly ListenAddress[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Work in sequence. */
  #work: Promise<void> = Promise.resolve();

  /** `changed` gets the addresses on which the front listens, and why not on all; `null` if on all. */
  constructor(
    server: ApiServer,
    changed: (addresses: readonly ListenAddress[], problem: string | null) => void,
  ) {
    this.#server = server;
    this.#changed = changed;
  }

  /**
   * Opens the new ones of these addresses; returns why that fails. `null` if all are open except those that were in
   * force before and cannot be opened: a process that has taken one of those must not refuse other settings.
   */
  async prepare(addresses: readonly ListenAddress[]): Promise<string | null> {
    await this.#work;
    clearTimeout(this.#retry);
    this.#prepared?.commit();
    this.#prepared = null;
    try {
      // The first settings of a front that has just connected are in force already.
      const inForce = this.#desired.length === 0 ? addresses : this.#desired;
      this.#prepared = await this.#server.prepare(addresses, inForce);
      return null;
    } catch (error) {
      if (!(error instanceof ApiListenError)) throw error;
      this.#openWhatCan();
      return error.message;
    }
  }

  /** Puts these addresses in force; opens those that were not prepared, as far as it can. */
  commit(addresses: readonly ListenAddress[]): void {
    this.#desired = addresses;
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
    this.#desired = [];
    const prepared = this.#prepared;
    this.#prepared = null;
    prepared?.commit();
    this.#work = this.#work.then(async () => {
      if (this.#desired.length === 0) (await this.#server.prepare([])).commit();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#desired = [];
    await this.#work;
    await this.#server.close();
  }

  #openWhatCan(): void {
    this.#work = this.#work.then(async () => {
      const desired = this.#desired;
      const problems = await this.#open(desired);
      if (desired === this.#desired) this.#report(problems);
    });
  }

  async #open(desired: readonly ListenAddress[]): Promise<readonly string[]> {
    try {
      const { problems, commit } = await this.#server.prepare(desired, desired);
      commit();
      return problems;
    } catch (error) {
      // For example, a socket's file that cannot be removed.
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  #report(problems: readonly string[]): void {
    this.#changed(this.#server.addresses, problems.length === 0 ? null : problems.join("; "));
    if (problems.length > 0) this.#retry = setTimeout(() => this.#openWhatCan(), RETRY_MS);
  }
}
