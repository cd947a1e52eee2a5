/**
 * One accepted connection as octets. A client that is gone, or was sent away, is a value here and no exception.
 *
 * @module
 */

/** Ends a connection in the kernel, shutdown(2) of both directions, whatever is pending on it. */
export type Shutdown = (conn: Deno.Conn) => void;

export class Socket {
  readonly #conn: Deno.Conn;
  readonly #shutdown: Shutdown;
  /** Operations that close(2) does not end: a handshake, and before Deno 2.7 a write. */
  #unstoppable = 0;
  #closed = false;

  constructor(conn: Deno.Conn, shutdown: Shutdown) {
    this.#conn = conn;
    this.#shutdown = shutdown;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** False if the client and the server have no TLS in common, or the client is gone. Returns at once without TLS. */
  async handshake(): Promise<boolean> {
    const conn = this.#conn;
    if (!("handshake" in conn)) return true;
    return await this.#attempt(async () => void await (conn as Deno.TlsConn).handshake()) !== null;
  }

  /** Returns how many octets were read; `null` at the end. */
  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(into);
    } catch {
      return null;
    }
  }

  /** Returns how many octets were written; `null` if the client is gone. */
  write(octets: Uint8Array): Promise<number | null> {
    return this.#attempt(() => this.#conn.write(octets));
  }

  /** Ends the writing direction; with TLS that sends close_notify (RFC 8446 section 6.1). */
  async finish(): Promise<void> {
    await this.#attempt(() => this.#conn.closeWrite());
  }

  /** Ends pending operations, too. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#unstoppable > 0) this.#shutdown(this.#conn);
    this.#conn.close();
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T | null> {
    this.#unstoppable++;
    try {
      return await act();
    } catch {
      return null;
    } finally {
      this.#unstoppable--;
    }
  }
}
