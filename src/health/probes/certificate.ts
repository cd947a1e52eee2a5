/**
 * When the certificate of a server ends. The runtime does not say it of its own connections, so a handshake of its own
 * finds out, now and then: a certificate lasts for days.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { Destination, ShutDown } from "../../runtime/connection.ts";
import { names } from "../../runtime/names.ts";
import { parseIp } from "../../wire/address.ts";

/** Time between two looks, in milliseconds. */
const EVERY_MS = 3_600_000;
/** The same after a look that failed, and while a renewal is waited for. */
const AGAIN_MS = 60_000;
/** How long a look may take. */
const LIMIT_MS = 5000;
/** How long a handshake may take to fail that was cut short. */
const GIVING_UP_MS = 500;

type TlsDestination = Destination & { readonly kind: "tcp" };

/** Knows when the certificate ends that one server shows. */
export class CertificateWatch {
  readonly #destination: TlsDestination;
  readonly #soonMs: number;
  readonly #shutDown: ShutDown;
  readonly #look: typeof certificateEndMs;
  #endsMs: number | undefined;
  #nextMs = -Infinity;
  #looking = false;

  /**
   * @param soonMs how long before its end a certificate should have been renewed
   * @param shutDown lets go of a server that hangs in its TLS handshake
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

  /** Milliseconds since the epoch, as it was found last; `undefined` until then. */
  get endsMs(): number | undefined {
    return this.#endsMs;
  }

  /** To be called when the server has just answered: looks if it is time, one look at a time, and never waits. */
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
      // The server has answered the check itself, so there is another look soon.
    }
    this.#nextMs = performance.now() + afterMs;
    this.#looking = false;
  }
}

/**
 * When the certificate ends that the server shows under this name, in milliseconds since the epoch. Whether it is valid
 * is not asked here: the check does.
 *
 * @throws {Error} when there is no handshake, or the signal aborts first.
 */
async function certificateEndMs(
  { host, port, tls }: TlsDestination,
  signal: AbortSignal,
  shutDown: ShutDown,
): Promise<number> {
  const name = tls?.name ?? host;
  const [address] = await names.addresses(host, signal);
  // Brought when it is needed: most configurations do without.
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
    // What still goes wrong with a connection that is given up concerns nobody.
    socket.on("error", () => {});
    if (signal.aborted) giveUp(socket, shutDown);
    else socket.destroy();
  }
}

/**
 * Ends a connection whose handshake hangs. The runtime's 2.6 lets go of it when the handshake has failed, not when it is
 * destroyed before.
 */
function giveUp(socket: TLSSocket, shutDown: ShutDown): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const timer = setTimeout(() => socket.destroy(), GIVING_UP_MS);
  socket.once("close", () => clearTimeout(timer));
  shutDown({ localAddr: end(localAddress, localPort), remoteAddr: end(remoteAddress, remotePort) });
}

/** One end of a connection; of none while there is no connection. */
function end(hostname = "", port = 0) {
  return { transport: "tcp", hostname, port } as const;
}
