/**
 * Polls every configured peer again and again, with one question at a time to each. It hands each result to the node,
 * which decides when to ask next.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { PeerConfig } from "../../config/model.ts";
import { answerLimitOctets, type PeerReport } from "../../status/reports/peer_answer.ts";
import { PEER_TIMEOUT_MS, PeerClient, type PeerClientOptions } from "./peer_client.ts";

/**
 * Takes the result of a question, and how far the peer's clock is ahead in milliseconds, if that is known; resolves to the
 * time before the next question, in milliseconds.
 */
export type PeerListener = (
  name: string,
  report: PeerReport,
  clockOffsetMs: number | null,
) => Promise<number>;

export interface PeerPollerOptions extends PeerClientOptions {
  readonly listener: PeerListener;
}

export class PeerPoller {
  readonly #options: PeerPollerOptions;
  #limitOctets = 0;
  #asked: readonly AskedPeer[] = [];

  constructor(options: PeerPollerOptions) {
    this.#options = options;
  }

  /** Polls these peers from now on; one that is polled already continues in its turn. */
  follow(peers: readonly PeerConfig[], instances: number): void {
    this.#limitOctets = answerLimitOctets(instances);
    const before = this.#asked;
    this.#asked = peers.map((peer) =>
      before.find(({ config }) => isDeepStrictEqual(config, peer)) ?? this.#open(peer)
    );
    for (const asked of before) if (!this.#asked.includes(asked)) asked.end();
  }

  /** Asks each peer at once, out of its turn; resolves when the node has taken the results. */
  async askNow(): Promise<void> {
    await Promise.all(this.#asked.map((asked) => asked.askNow()));
  }

  close(): void {
    this.follow([], 0);
  }

  #open(peer: PeerConfig): AskedPeer {
    const client = new PeerClient(peer, this.#options);
    return new AskedPeer(
      peer,
      (signal) => client.ask(this.#limitOctets, signal),
      (report) => this.#options.listener(peer.name, report, client.clockOffsetMs),
    );
  }
}

/** One peer, polled until the end. */
class AskedPeer {
  readonly config: PeerConfig;
  readonly #ask: (signal: AbortSignal) => Promise<PeerReport>;
  /** Resolves to the time before the next question, in milliseconds. */
  readonly #report: (report: PeerReport) => Promise<number>;
  #next: ReturnType<typeof setTimeout> | undefined;
  #question = new AbortController();
  /** A question that is under way, until the node has taken its result. */
  #asking: Promise<void> | null = null;
  #ended = false;

  constructor(
    config: PeerConfig,
    ask: (signal: AbortSignal) => Promise<PeerReport>,
    report: (report: PeerReport) => Promise<number>,
  ) {
    this.config = config;
    this.#ask = ask;
    this.#report = report;
    void this.#begin();
  }

  /** Asks once the question that is under way has come to its end; resolves when the node has taken the result. */
  async askNow(): Promise<void> {
    await this.#asking;
    if (this.#ended) return;
    await this.#begin();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#next);
    this.#question.abort();
  }

  #begin(): Promise<void> {
    clearTimeout(this.#next);
    this.#asking ??= this.#askOnce().finally(() => this.#asking = null);
    return this.#asking;
  }

  async #askOnce(): Promise<void> {
    this.#question = new AbortController();
    const limit = setTimeout(() => this.#question.abort(), PEER_TIMEOUT_MS);
    const report = await this.#ask(this.#question.signal);
    clearTimeout(limit);
    if (this.#ended) return;
    const nextMs = await this.#report(report);
    if (this.#ended) return;
    this.#next = setTimeout(() => void this.#begin(), nextMs);
  }
}
