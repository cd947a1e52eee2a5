/**
 * The journals of the peers, for the page, which talks to its own node only: fetched when somebody asks.
 *
 * @module
 */

import type { PeerConfig } from "../../config/model.ts";
import type { JournalEntry } from "../../status/journal.ts";
import { followed } from "./followed.ts";
import { PEER_TIMEOUT_MS, PeerClient, type PeerClientOptions } from "./peer_client.ts";

/** Requests within this time share one answer: many readers here are one reader there. */
const FRESH_MS = 2000;

interface AskedPeer {
  readonly config: PeerConfig;
  readonly client: PeerClient;
  answer: Promise<readonly JournalEntry[] | null> | null;
  askedAtMs: number;
}

export interface PeerJournalsOptions extends PeerClientOptions {
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
}

export class PeerJournals {
  readonly #options: PeerJournalsOptions;
  readonly #nowMs: () => number;
  #peers = new Map<string, AskedPeer>();

  constructor(options: PeerJournalsOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  follow(peers: readonly PeerConfig[]): void {
    this.#peers = followed(this.#peers, peers, (config) => {
      const client = new PeerClient(config, this.#options);
      return { config, client, answer: null, askedAtMs: 0 };
    });
  }

  /**
   * The newest entries of the peer, oldest first, by its clock; `null` if it does not give them.
   *
   * @returns `undefined` if there is no such peer.
   */
  entries(name: string): Promise<readonly JournalEntry[] | null> | undefined {
    const peer = this.#peers.get(name);
    if (!peer) return undefined;
    const nowMs = this.#nowMs();
    if (peer.answer === null || nowMs - peer.askedAtMs >= FRESH_MS) {
      peer.askedAtMs = nowMs;
      peer.answer = peer.client.journal(AbortSignal.timeout(PEER_TIMEOUT_MS));
    }
    return peer.answer;
  }
}
