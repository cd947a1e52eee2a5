/**
 * Finds out when the certificate of a server expires. The runtime does not say it for its own connections. So a
 * separate handshake finds out, now and then, because a certificate lasts for days.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { Destination, ShutDown } from "../../runtime/connection.ts";
import { names } from "../../runtime/names.ts";
import { parseIp } from "../../wire/address.ts";

/** Time between two handshakes, in milliseconds. */
const EVERY_MS = 3_600_000;
/** The same after a handshake that failed, and while a renewal is due. */
const AGAIN_MS = 60_000;
/** How long a handshake may take. */
const LIMIT_MS = 5000;
/** How long an aborted handshake may take to fail. */
const GIVING_UP_MS = 500;

type TlsDestination = Destination & { readonly kind: "tcp" };

/** Knows when the certificate that one server shows expires. */
export class CertificateWatch {
  readonly #destination: TlsDestination;
  readonly #soonMs: number;
  readonly #shutDown: ShutDown;
  readonly #look: typeof certificateEndMs;
  #endsMs: number | undefined;
  #nextMs = -Infinity;
  #looking = false;

  /**
   * @param soonMs how long before its expiry a certificate should have been renewed
   * @param shutDown ends the connection to a server that hangs in its TLS handshake
   */
  constructor(
    destination: TlsDestination,
    soonMs: number,
    shutDown: ShutDown = () => {},
    look = certificateEndMs,
  ) {
    this.#destination = destination;
    this.#shutDown = shutDown;
    this.#soonMs = soonMs;
    this.#look = look;
  }

  /** Milliseconds since the epoch, as found last; `undefined` before the first time. */
  get endsMs(): number | undefined {
    return this.#endsMs;
  }

  /**
   * The caller calls this when the server has just answered. Starts a handshake if it is time, one at a time; never
   * waits.
   */
  refresh(): void {
    if (this.#looking || performance.now() < this.#nextMs) return;
    this.#looking = true;
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    let afterMs = AGAIN_MS;
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      this.#endsMs = await this.#look(this.#destination, signal, this.#shutDown);
      if (this.#endsMs - Date.now() > this.#soonMs) afterMs = EVERY_MS;
    } catch {
      // The server has answered the check itself, so the next handshake follows soon.
    }
    this.#nextMs = performance.now() + afterMs;
    this.#looking = false;
  }
}

/**
 * When the certificate that the server shows under this name expires, in milliseconds since the epoch. Does not verify
 * the certificate: the check does.
 *
 * @throws {Error} if there is no handshake, or the signal aborts first.
 */
async function certificateEndMs(
  { host, port, tls }: TlsDestination,
  signal: AbortSignal,
  shutDown: ShutDown,
): Promise<number> {
  const name = tls?.name ?? host;
  const [address] = await names.addresses(host, signal);
  // Imported on demand, because most configurations do not need it.
  const { connect } = await import("node:tls");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect({
    ...{ host: address, port, rejectUnauthorized: false },
    ...(parseIp(name) ? {} : { servername: name }),
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  socket.once("error", reject);
  socket.once("secureConnect", () => {
    const endsMs = Date.parse(socket.getPeerCertificate().valid_to);
    if (Number.isNaN(endsMs)) reject(new Error("the server shows no certificate"));
    else resolve(endsMs);
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    // Further errors of an abandoned connection do not matter.
    socket.on("error", () => {});
    if (signal.aborted) giveUp(socket, shutDown);
    else socket.destroy();
  }
}

/**
 * Ends a connection whose handshake hangs. The runtime's 2.6 releases it only after the handshake has failed, not if
 * the program destroys it before that.
 */
function giveUp(socket: TLSSocket, shutDown: ShutDown): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const timer = setTimeout(() => socket.destroy(), GIVING_UP_MS);
  socket.once("close", () => clearTimeout(timer));
  shutDown({ localAddr: end(localAddress, localPort), remoteAddr: end(remoteAddress, remotePort) });
}

/** One end of a connection; an empty one while there is no connection. */
function end(hostname = "", port = 0) {
  return { transport: "tcp", hostname, port } as const;
}
