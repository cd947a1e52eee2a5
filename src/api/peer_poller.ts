/**
 * Asks every configured peer again and again, one question at a time each; what comes of it goes to the node, which
 * says when to ask next.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { PeerConfig } from "../config/model.ts";
import type { PeerReport } from "../node/peers.ts";
import { askPeer, PEER_TIMEOUT_MS } from "./peer_client.ts";

/** Takes what came of a question; resolves to after how many milliseconds to ask again. */
export type PeerListener = (name: string, report: PeerReport) => Promise<number>;

export interface PeerPollerOptions {
  readonly listener: PeerListener;
  /** The text of a peer's token file. */
  readonly readFile: (path: string) => Promise<string>;
}

export class PeerPoller {
  readonly #options: PeerPollerOptions;
  #asked: readonly AskedPeer[] = [];

  constructor(options: PeerPollerOptions) {
    this.#options = options;
  }

  /** From now on these are asked; one that is asked already goes on in its turn. */
  follow(peers: readonly PeerConfig[]): void {
    const before = this.#asked;
    this.#asked = peers.map((peer) =>
      before.find(({ config }) => isDeepStrictEqual(config, peer)) ??
        new AskedPeer(peer, this.#options)
    );
    for (const asked of before) if (!this.#asked.includes(asked)) asked.end();
  }

  close(): void {
    this.follow([]);
  }
}

/** One peer, asked until the end. */
class AskedPeer {
  readonly config: PeerConfig;
  readonly #options: PeerPollerOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #question = new AbortController();
  #ended = false;

  constructor(config: PeerConfig, options: PeerPollerOptions) {
    this.config = config;
    this.#options = options;
    void this.#ask();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#question.abort();
  }

  async #ask(): Promise<void> {
    this.#question = new AbortController();
    this.#timer = setTimeout(() => this.#question.abort(), PEER_TIMEOUT_MS);
    const report = await askPeer(this.config, this.#question.signal, this.#options.readFile);
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const nextMs = await this.#options.listener(this.config.name, report);
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#ask(), nextMs);
  }
}
