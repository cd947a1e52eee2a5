/**
 * Serves one listener: its accept loop and its connections.
 *
 * @module
 */

import { atMost } from "../../runtime/waiting.ts";
import { AcceptLoop } from "./accept_loop.ts";
import { Connection, type ConnectionContext } from "./connection.ts";

export class HttpListener {
  readonly #context: ConnectionContext;
  readonly #loop: AcceptLoop;
  readonly #connections = new Map<Connection, Promise<void>>();

  /** @param troubled see {@link AcceptLoop}. */
  constructor(
    listener: Deno.Listener,
    context: ConnectionContext,
    troubled: (why: string | null) => void,
  ) {
    this.#context = context;
    this.#loop = new AcceptLoop(listener, {
      accepted: (conn) => this.#serve(conn),
      troubled,
      fullForMs: () => context.connections.fullForMs(),
      paused: () => context.connections.looked(),
      makeRoom: () => context.connections.makeRoom(),
    });
    void this.#loop.run();
  }

  /** Closes the listener; connections stay. Returns false if it is closed already. */
  stop(): boolean {
    return this.#loop.stop();
  }

  /** Lets running requests end, for at most `graceMs`, then closes all connections. */
  async drain(graceMs: number): Promise<void> {
    for (const connection of this.#connections.keys()) connection.drain();
    await atMost(Promise.all(this.#connections.values()), graceMs, undefined);
    for (const connection of this.#connections.keys()) connection.end();
  }

  #serve(conn: Deno.Conn): void {
    const connection = new Connection(conn, this.#context);
    const served = connection.serve().finally(() => this.#connections.delete(connection));
    this.#connections.set(connection, served);
  }
}
