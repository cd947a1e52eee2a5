/**
 * The addresses of names, as the system's resolver gives them: /etc/hosts, DNS and all else that nsswitch.conf(5)
 * names.
 *
 * A look-up occupies a thread of the runtime and cannot be stopped: with a silent resolver for ten seconds or more. So
 * all that ask for a name at the same time share one look-up, and few look-ups run at a time.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { type IpAddress, parseIp } from "../wire/address.ts";
import { type ThreadPool, threadPool } from "./thread_pool.ts";
import { untilAborted } from "./waiting.ts";

/**
 * How long a name that waits for a thread keeps its last addresses, in milliseconds. So names of a silent resolver do
 * not make others unknown.
 */
export const KEPT_MS = 60_000;

/** Asks the system for at least one address. Rejects if it does not know the name. */
export type Resolve = (name: string) => Promise<readonly IpAddress[]>;

/** At least one address; or `null` if the name cannot be resolved. */
type Answer = readonly IpAddress[] | null;

interface LookUp {
  /** False while it waits for a thread. */
  begun: boolean;
  answer: Promise<Answer>;
}

interface CachedAddresses {
  readonly addresses: readonly IpAddress[];
  readonly foundAtMs: number;
}

export class Names {
  readonly #pool: ThreadPool;
  readonly #resolve: Resolve;
  readonly #nowMs: () => number;
  readonly #lookUps = new Map<string, LookUp>();
  readonly #kept = new Map<string, CachedAddresses>();

  constructor(pool: ThreadPool, resolve: Resolve, nowMs: () => number = () => performance.now()) {
    this.#pool = pool;
    this.#resolve = resolve;
    this.#nowMs = nowMs;
  }

  /**
   * The addresses of a host, at least one, the one that the system prefers first.
   *
   * @param host a name, or an address, which is its own.
   * @throws {Error} `cannot resolve NAME`; and the reason of `signal`, as soon as it aborts.
   */
  async addresses(host: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    if (parseIp(host)) return [host];
    // Both, whatever /etc/hosts says (RFC 6761 section 6.3): a server may listen on one of them only.
    if (host === "localhost") return ["127.0.0.1", "::1"];
    const lookUp = this.#lookUps.get(host) ?? this.#lookUp(host);
    const kept = lookUp.begun ? null : this.#keptOf(host);
    const addresses = kept ?? await untilAborted(lookUp.answer, signal);
    if (addresses === null) throw new Error(`cannot resolve ${host}`);
    return addresses;
  }

  #lookUp(name: string): LookUp {
    const lookUp: LookUp = { begun: false, answer: Promise.resolve(null) };
    const turn = this.#pool.run("name", () => {
      lookUp.begun = true;
      return this.#resolve(name);
    });
    this.#lookUps.set(name, lookUp);
    lookUp.answer = turn.then(
      (found) => this.#answered(name, found.ok ? found.value : null),
      () => this.#answered(name, null),
    );
    return lookUp;
  }

  #answered(name: string, answer: Answer): Answer {
    this.#lookUps.delete(name);
    const nowMs = this.#nowMs();
    for (const [each, { foundAtMs }] of this.#kept) {
      if (each === name || nowMs - foundAtMs > KEPT_MS) this.#kept.delete(each);
    }
    if (answer !== null) this.#kept.set(name, { addresses: answer, foundAtMs: nowMs });
    return answer;
  }

  #keptOf(name: string): Answer {
    const kept = this.#kept.get(name);
    return kept && this.#nowMs() - kept.foundAtMs <= KEPT_MS ? kept.addresses : null;
  }
}

/** getaddrinfo(3). */
async function resolveBySystem(name: string): Promise<readonly IpAddress[]> {
  const found = await lookup(name, { all: true });
  if (found.length === 0) throw new Error("no addresses");
  return found.map(({ address }) => address);
}

/** The names of this process. */
export const names = new Names(threadPool, resolveBySystem);
