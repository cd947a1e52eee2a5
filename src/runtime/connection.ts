/**
 * Connections to servers that may do anything: opened, used and closed within a time limit.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import { names } from "./names.ts";

/** Limit for a TLS handshake that nothing can abort, in milliseconds. */
const HANDSHAKE_LIMIT_MS = 60_000;

export interface TlsClient {
  /**
   * The name or address for which the certificate must be valid; if it is a name, vipd sends it to the server (SNI).
   */
  readonly name: string;
  /** Certificates in PEM that are trusted in addition to those of the system. */
  readonly caCerts?: readonly string[];
}

/** The server to connect to. */
export type Destination =
  | {
    readonly kind: "tcp";
    /** A name or an address. */
    readonly host: string;
    readonly port: number;
    /** `null` for plain TCP. */
    readonly tls: TlsClient | null;
  }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Ends both directions of a connection, shutdown(2), in whatever state. The runtime does not release a socket that is
 * closed during its TLS handshake, or (before 2.9) during a write; after this it does.
 */
export type ShutDown = (connection: Pick<Deno.Conn, "localAddr" | "remoteAddr">) => void;

export interface ConnectionOptions {
  /** If it aborts, it ends the connection, in whatever state. */
  readonly signal: AbortSignal;
  /** Without it nothing aborts a TLS handshake; a server that hangs there then costs one descriptor, not more. */
  readonly shutDown?: ShutDown | undefined;
}

/** An open connection. Disposing of it closes it. */
export class Connection implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #signal: AbortSignal;
  readonly #abort: () => void;

  private constructor(connection: Deno.Conn, { signal, shutDown }: ConnectionOptions) {
    this.#connection = connection;
    this.#signal = signal;
    this.#abort = () => {
      shutDown?.(connection);
      closeQuietly(connection);
    };
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  /**
   * Connects to the first of a name's addresses that accepts, and secures the connection.
   *
   * @throws {Error} if no connection comes about, or the signal aborts first.
   */
  static async open(destination: Destination, options: ConnectionOptions): Promise<Connection> {
    const connection = destination.kind === "unix"
      ? await Deno.connect({ transport: "unix", path: destination.path })
      : await connectTcp(destination, options);
    if (!options.signal.aborted) return new Connection(connection, options);
    closeQuietly(connection);
    throw options.signal.reason;
  }

  /** Reads into `buffer`; returns the number of octets, or `null` at the end. Rejects once the signal has aborted. */
  async read(buffer: Uint8Array): Promise<number | null> {
    this.#signal.throwIfAborted();
    return await this.#connection.read(buffer);
  }

  /** Writes all octets. Rejects once the signal has aborted. */
  async write(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length;) {
      this.#signal.throwIfAborted();
      at += await this.#connection.write(octets.subarray(at));
    }
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#abort);
    closeQuietly(this.#connection);
  }
}

async function connectTcp(
  { host, port, tls }: Destination & { readonly kind: "tcp" },
  options: ConnectionOptions,
): Promise<Deno.Conn> {
  const tcp = await connectToOne(await names.addresses(host, options.signal), port, options.signal);
  return tls === null ? tcp : await startTls(tcp, tls, options);
}

/** A connection to the first of these addresses that accepts. */
async function connectToOne(
  addresses: readonly IpAddress[],
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  let problem: unknown;
  for (const hostname of addresses) {
    signal.throwIfAborted();
    try {
      return await Deno.connect({ hostname, port, signal });
    } catch (error) {
      // Of several errors the first is the most useful: it concerns the address that the system prefers.
      problem ??= error;
    }
  }
  throw problem;
}

/** TLS on a connection, once the handshake is done. */
async function startTls(
  tcp: Deno.TcpConn,
  { name, caCerts = [] }: TlsClient,
  { signal, shutDown }: ConnectionOptions,
): Promise<Deno.TlsConn> {
  const connection = await Deno.startTls(tcp, { hostname: name, caCerts: [...caCerts] })
    .catch((error) => {
      // For example, no certificate can have this name.
      closeQuietly(tcp);
      throw error;
    });
  const abort = () => shutDown?.(connection);
  const limit = setTimeout(() => closeQuietly(connection), HANDSHAKE_LIMIT_MS);
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    await connection.handshake();
    return connection;
  } catch (error) {
    closeQuietly(connection);
    throw error;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", abort);
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
