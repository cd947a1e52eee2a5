/**
 * The first node's end of a pairing: listens for one other node that has the line. The secret is good once; three wrong
 * ones, or ten minutes, end it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { derOf, makeSessionCertificate } from "./certificates.ts";
import { PairChannel, PairingEnded, Sealed } from "./channel.ts";
import { type Offer, openOffer, type Seal } from "./offer.ts";
import { formatPairLine, hostPort, SECRET_OCTETS } from "./pair_line.ts";

/** The name for which the certificate of a pairing is valid: reserved, RFC 2606, so no other certificate is. */
export const SESSION_NAME = "pair.vipd.invalid";

const WRONG_TRIES = 3;
/** How long a client may take to say who it is, in milliseconds. */
const HELLO_LIMIT_MS = 10_000;
/** A pair needs one; more at once are foreign. */
const MAX_CLIENTS = 32;

const USED = "the line was used already: run vipd pair again for another one";
const WRONG = "the secret of the line is wrong: copy the whole line again";

/** The other node, which has the secret. */
export interface Guest {
  readonly channel: PairChannel;
  readonly offer: Offer;
  /** The address from which it connected. */
  readonly address: string;
}

export interface FirstNodeOptions {
  /** An address of this machine. */
  readonly host: string;
  readonly port: number;
  /** How long it waits for the other node, in milliseconds. */
  readonly limitMs: number;
}

export class FirstNode implements Disposable {
  /** For the other node's operator. */
  readonly line: string;
  readonly seal: Seal;
  /** The port on which it waits; the kernel's choice has replaced port 0. */
  readonly port: number;
  readonly #listener: Deno.TlsListener;
  readonly #guest = Promise.withResolvers<Guest>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #used = false;
  #wrong: string[] = [];
  #clients = 0;

  private constructor(listener: Deno.TlsListener, line: string, seal: Seal, limitMs: number) {
    this.#listener = listener;
    this.line = line;
    this.seal = seal;
    this.port = listener.addr.port;
    const minutes = Math.round(limitMs / 60_000);
    this.#timer = setTimeout(
      () => this.#fail(`nobody used the line within ${minutes} minutes: run vipd pair again`),
      limitMs,
    );
    // Nobody may wait for it yet.
    this.#guest.promise.catch(() => {});
    void this.#accept();
  }

  /** Throws the system's error if the address cannot be listened on. */
  static open({ host, port, limitMs }: FirstNodeOptions): FirstNode {
    const { cert, key } = makeSessionCertificate(SESSION_NAME);
    const listener = Deno.listenTls({ hostname: host, port, cert, key });
    const secret = crypto.getRandomValues(new Uint8Array(SECRET_OCTETS));
    const fingerprint = new Uint8Array(createHash("sha256").update(derOf(cert)).digest());
    const line = formatPairLine({ host, port: listener.addr.port, secret, fingerprint });
    return new FirstNode(listener, line, { secret, fingerprint }, limitMs);
  }

  /** The node that came with the secret. Throws {@link PairingEnded} if none does. */
  guest(): Promise<Guest> {
    return this.#guest.promise;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    try {
      this.#listener.close();
    } catch {
      // It is closed.
    }
  }

  async #accept(): Promise<void> {
    for (;;) {
      let conn: Deno.TlsConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        if (error instanceof Deno.errors.Interrupted) return;
        // A client that went away, or one whose TLS is none.
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      if (this.#clients >= MAX_CLIENTS) conn.close();
      else void this.#receive(conn);
    }
  }

  async #receive(conn: Deno.TlsConn): Promise<void> {
    const address = conn.remoteAddr.hostname;
    const channel = new PairChannel(conn, address);
    this.#clients++;
    try {
      const sealed = await channel.receive(Sealed, HELLO_LIMIT_MS);
      const offer = openOffer(sealed, "second", this.seal);
      if (offer !== null && !this.#used) {
        this.#used = true;
        clearTimeout(this.#timer);
        channel.name(offer.node);
        return this.#guest.resolve({ channel, offer, address });
      }
      await channel.end(offer === null ? WRONG : USED);
      if (offer === null) this.#count(hostPort(address, conn.remoteAddr.port));
    } catch (error) {
      // A foreign client, such as a scanner of ports.
      if (!(error instanceof PairingEnded)) throw error;
    } finally {
      this.#clients--;
    }
    channel[Symbol.dispose]();
  }

  #count(client: string): void {
    this.#wrong.push(client);
    if (this.#used || this.#wrong.length < WRONG_TRIES) return;
    this.#fail(
      `the secret was wrong ${WRONG_TRIES} times, from ${this.#wrong.join(", ")}: ` +
        "see who that is, then run vipd pair again",
    );
  }

  #fail(why: string): void {
    this.#guest.reject(new PairingEnded(why));
    this[Symbol.dispose]();
  }
}
