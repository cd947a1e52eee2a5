/**
 * Limits for clients of the server: one alone, all of one source, all together.
 *
 * @module
 */

export interface HttpLimits {
  /** From accepting a connection to the end of its TLS handshake, in milliseconds. */
  readonly handshakeMs: number;
  /**
   * From the first octet of a request to the end of its head, in milliseconds; for the first request from accepting.
   */
  readonly headMs: number;
  /** Request line, header fields and empty lines before them, to within one read. */
  readonly headOctets: number;
  /** Header fields of a request, and trailer fields of a chunked body. */
  readonly headFields: number;
  /** How long a body may take to arrive, in milliseconds. The handler usually gives up earlier. */
  readonly bodyMs: number;
  /** Content of a body. The handler usually accepts less. */
  readonly bodyOctets: number;
  /** The octets of a chunked body in addition to its content: sizes, extensions, trailers (RFC 9112 section 7.1). */
  readonly chunkingOctets: number;
  /** How long a connection may wait for its next request, in milliseconds. */
  readonly idleMs: number;
  /** How long a client may take to read {@link HttpLimits.sliceOctets} of an answer, in milliseconds. */
  readonly sliceMs: number;
  readonly sliceOctets: number;
  /**
   * How long the server discards the octets of a refused request, so that the client sees the answer, in milliseconds.
   */
  readonly lingerMs: number;
  /** Requests on one connection. */
  readonly requests: number;
  /** Octets of answers that wait to be written, of all connections. */
  readonly waitingOctets: number;
  /** Connections of all listeners except that of {@link commandLimits}. */
  readonly connections: number;
  /** Connections among them that are reserved for clients that have shown a valid token. */
  readonly trustedConnections: number;
  /**
   * How long the server does not give up a new connection for another, so that its client can send its request, in
   * milliseconds.
   */
  readonly settleMs: number;
}

/** The limits that the connections of some listeners share. */
export type PlaceLimits = Pick<
  HttpLimits,
  "connections" | "trustedConnections" | "settleMs" | "waitingOctets"
>;

/**
 * The places of the socket that vipd's own commands use. They are separate from all others, so that nobody at another
 * listener can take them. Half of them are for root, the user of vipd, and clients that have shown a token.
 *
 * A user has few connections there unless it is the one that floods, so newcomers need not wait for long.
 */
export function commandLimits({ connections, waitingOctets }: HttpLimits): PlaceLimits {
  const places = Math.max(4, Math.floor(connections / 8));
  return {
    connections: places,
    trustedConnections: Math.floor(places / 2),
    settleMs: 5,
    waitingOctets: waitingOctets / 4,
  };
}

/** Connections cost descriptors and about 10 kB each. */
const MAX_CONNECTIONS = 512;

/** The limits of a process with this soft limit of open descriptors (getrlimit(2)). */
export function httpLimits(descriptors: number): HttpLimits {
  const connections = Math.max(8, Math.min(MAX_CONNECTIONS, Math.floor(descriptors / 2)));
  return {
    handshakeMs: 5000,
    headMs: 10_000,
    headOctets: 16 * 1024,
    headFields: 100,
    bodyMs: 10_000,
    bodyOctets: 64 * 1024,
    chunkingOctets: 16 * 1024,
    idleMs: 60_000,
    sliceMs: 30_000,
    sliceOctets: 64 * 1024,
    lingerMs: 1000,
    requests: 1000,
    waitingOctets: 16 * 1024 * 1024,
    connections,
    trustedConnections: Math.floor(connections / 8),
    settleMs: 200,
  };
}

/** The assumption if the kernel does not say. */
const USUAL_DESCRIPTORS = 1024;

/** The soft limit of descriptors in `/proc/self/limits`, proc(5); the usual one if it cannot be read. */
export function descriptorLimit(limits: string | null): number {
  const soft = /^Max open files +(\d+)/m.exec(limits ?? "")?.[1];
  return soft === undefined ? USUAL_DESCRIPTORS : Number(soft);
}
