/**
 * Accepts connections for as long as the listener is open, whatever goes wrong in between.
 *
 * @module
 */

import { Pause } from "../../runtime/waiting.ts";

/** The first and the longest pause after a failure, in milliseconds. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;
/**
 * How many connections the loop accepts before it lets the runtime handle other events. Without this the runtime
 * accepts as long as the kernel has more of them, and requests on the accepted ones would wait behind hundreds of
 * others.
 */
const BATCH = 32;
/** A failure that has not come again for this long is over, in milliseconds. */
const OVER_MS = 5000;

export interface AcceptHooks {
  accepted(conn: Deno.Conn): void;
  /** Nothing can be accepted, and why; `null` if that is over. */
  troubled(why: string | null): void;
  /** How long there is no place for another connection, in milliseconds. */
  fullForMs(): number;
  /** There was a pause, in which the runtime has handled all other events. */
  paused(): void;
  /** Frees a descriptor, if it can. */
  makeRoom(): void;
}

export class AcceptLoop {
  readonly #listener: Deno.Listener;
  readonly #hooks: AcceptHooks;
  #stopped = false;
  #pauseMs = FIRST_PAUSE_MS;
  #trouble: string | null = null;
  #overTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #rest = new Pause();

  constructor(listener: Deno.Listener, hooks: AcceptHooks) {
    this.#listener = listener;
    this.#hooks = hooks;
  }

  /** Resolves after {@link AcceptLoop.stop}. */
  async run(): Promise<void> {
    for (let accepted = 1; !this.#stopped; accepted++) {
      const conn = await this.#accept();
      if (conn !== null) this.#hooks.accepted(conn);
      const fullForMs = this.#hooks.fullForMs();
      if (fullForMs > 0 || accepted % BATCH === 0) await this.#pause(fullForMs);
    }
  }

  /** Closes the listener: the kernel refuses further connections. Returns false if it is closed already. */
  stop(): boolean {
    if (this.#stopped) return false;
    this.#stopped = true;
    this.#listener.close();
    this.#rest.end();
    this.#report(null);
    return true;
  }

  async #accept(): Promise<Deno.Conn | null> {
    try {
      const conn = await this.#listener.accept();
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#report(null);
      return conn;
    } catch (error) {
      if (!this.#stopped) await this.#failed(error);
      return null;
    }
  }

  /** accept(2) fails if a client has gone again, and if descriptors or memory are used up. */
  async #failed(error: unknown): Promise<void> {
    const gone = error instanceof Deno.errors.ConnectionAborted ||
      error instanceof Deno.errors.ConnectionReset;
    if (!gone) {
      this.#report(error instanceof Error ? error.message : String(error));
      this.#hooks.makeRoom();
    }
    await this.#pause(this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  async #pause(ms: number): Promise<void> {
    await this.#rest.wait(ms);
    this.#hooks.paused();
  }

  #report(trouble: string | null): void {
    clearTimeout(this.#overTimer);
    if (trouble !== null) this.#overTimer = setTimeout(() => this.#report(null), OVER_MS);
    if ((trouble === null) === (this.#trouble === null)) return;
    this.#trouble = trouble;
    this.#hooks.troubled(trouble);
  }
}
