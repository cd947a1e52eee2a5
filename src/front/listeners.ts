/**
 * Where the front listens: everywhere that the settings say, or where it can. A place that is taken is tried again.
 *
 * @module
 */

import { ApiListenError, type ApiServer } from "../api/server.ts";
import type { ListenAddress } from "../config/model.ts";

/** How often a place that could not be had is tried again, in milliseconds. */
const RETRY_MS = 2000;

export class FrontListeners {
  readonly #server: ApiServer;
  readonly #changed: (addresses: readonly ListenAddress[], problem: string | null) => void;
  #prepared: { commit(): void } | null = null;
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

  /** Opens what is new of these; returns why that fails, `null` when all are open. */
  async prepare(addresses: readonly ListenAddress[]): Promise<string | null> {
    await this.#work;
    this.#prepared?.commit();
    this.#prepared = null;
    try {
      this.#prepared = await this.#server.prepare(addresses);
      return null;
    } catch (error) {
      if (error instanceof ApiListenError) return error.message;
      throw error;
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
    this.#changed(this.#server.addresses, null);
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
      const open: ListenAddress[] = [];
      const problems: string[] = [];
      for (const address of wanted) {
        const problem = await this.#prepareThose([...open, address]);
        if (problem === null) open.push(address);
        else problems.push(problem);
      }
      if (wanted !== this.#wanted) return;
      this.#changed(this.#server.addresses, problems.length === 0 ? null : problems.join("; "));
      if (problems.length > 0) this.#retry = setTimeout(() => this.#openWhatCan(), RETRY_MS);
    });
  }

  async #prepareThose(addresses: readonly ListenAddress[]): Promise<string | null> {
    try {
      (await this.#server.prepare(addresses)).commit();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
