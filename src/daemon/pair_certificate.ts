/**
 * Keeps the certificate of the API valid, if `vipd pair` has made it: it is renewed in the last third of its life, with
 * the same key, and serves at once. The other node notices nothing, because it trusts the authority that signs both. One
 * that ends soon is reported, its own or not.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import { type Ending, endingOf, servedCertificate } from "../pairing/ending.ts";
import { pairPlaces } from "../pairing/places.ts";
import { isDue } from "../pairing/renewal.ts";
import { readRegular } from "../runtime/regular_file.ts";
import { threadPool } from "../runtime/thread_pool.ts";
import type { Severity } from "../status/journal.ts";
import type { JournalCode } from "../status/codes/journal_codes.ts";

/** How often it sees whether another certificate serves, and how often it looks at one. In milliseconds. */
const TURN_MS = 60_000;
const LOOK_EVERY_MS = 24 * 3_600_000;
const MAX_OCTETS = 64 * 1024;

/** A certificate and its key, in PEM. */
export interface ServedTls {
  readonly cert: string;
  readonly key: string;
}

export interface PairCertificateParts {
  /** The configuration in force. */
  readonly config: () => Config;
  /** Renews the files. */
  readonly renew: () => Promise<void>;
  /** Serves with `next` instead of `before`; the result is why not, or `null`. */
  readonly serve: (before: string, next: ServedTls) => Promise<string | null>;
  /** The certificate of the API ends soon, its own or not; `null` if it does not. */
  readonly ends: (ending: Ending | null) => void;
  readonly record: (severity: Severity, code: JournalCode, message: string) => void;
}

export class PairCertificate {
  readonly #parts: PairCertificateParts;
  #timer: ReturnType<typeof setTimeout>;
  #closed = false;
  /** The last look found a certificate that ends soon: its successor is to be noticed. */
  #ending = false;
  /** It found one that has not begun by this machine's clock. */
  #waits = false;
  /** The last one that it looked at, and when, in milliseconds since the epoch. */
  #looked: { readonly what: string; readonly atMs: number } = { what: "", atMs: 0 };
  /** One turn at a time. Never rejects. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: PairCertificateParts) {
    this.#parts = parts;
    this.#timer = setTimeout(() => this.#goOn(), TURN_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Looks if another certificate serves than the last time, and once a day. */
  turn(nowMs: number): Promise<void> {
    return this.#last = this.#last.then(() => this.#turn(nowMs));
  }

  async #turn(nowMs: number): Promise<void> {
    if (this.#closed) return;
    const { what, atMs } = this.#looked;
    // A clock that was set back is a reason, too, and one that can still be set.
    const isFresh = nowMs >= atMs && nowMs - atMs < LOOK_EVERY_MS && !this.#waits;
    if (isFresh && what === lookedAt(this.#parts.config())) return;
    await this.look(nowMs);
    this.#looked = { what: lookedAt(this.#parts.config()), atMs: nowMs };
  }

  /** Looks once. Never throws: the API serves as long as the certificate lasts. */
  async look(nowMs: number): Promise<void> {
    await this.#renewIfDue(nowMs);
    const config = this.#parts.config();
    const ending = endingOf(config, await this.#isOwn(config), nowMs);
    if (ending !== null || this.#ending) this.#parts.ends(ending);
    this.#ending = ending !== null;
    this.#waits = ending?.hasNotBegun ?? false;
  }

  async #renewIfDue(nowMs: number): Promise<void> {
    const { config, renew, serve, record } = this.#parts;
    const served = servedCertificate(config());
    if (served === null || !isDue(served, nowMs)) return;
    const places = pairPlaces(config().stateDir);
    try {
      // One from elsewhere is renewed from there.
      if (await read(places.cert) !== served) return;
      await renew();
      const next = { cert: await read(places.cert), key: await read(places.key) };
      const problem = await serve(served, next);
      if (problem !== null) throw new Error(problem);
      record("notice", "certificate_renewed", `${places.cert} is renewed, with the same key`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      record(
        "warning",
        "certificate_not_renewed",
        `${places.cert} cannot be renewed: ${why}; vipd tries again in a day, or: vipd pair --renew`,
      );
    }
  }

  /** True if `vipd pair` has made it. */
  async #isOwn(config: Config): Promise<boolean> {
    const { cert } = pairPlaces(config.stateDir);
    return await read(cert).catch(() => "") === servedCertificate(config);
  }

  async #goOn(): Promise<void> {
    await this.turn(Date.now());
    if (!this.#closed) this.#timer = setTimeout(() => this.#goOn(), TURN_MS);
  }
}

/** Differs where there is another certificate to look at: the remedy names the file, too. */
function lookedAt(config: Config): string {
  return `${config.api.tls?.cert}\n${servedCertificate(config)}`;
}

/** Throws if the file cannot be read; the text is empty if there is none. */
async function read(path: string): Promise<string> {
  const turn = await threadPool.run("file", () =>
    readRegular(path, MAX_OCTETS).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }));
  if (!turn.ok) throw new Error("too many files wait to be read");
  return turn.value;
}
