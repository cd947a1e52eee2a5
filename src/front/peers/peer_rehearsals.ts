/**
 * The rehearsals of the peers: fetched when a peer's status says that there is a new one.
 *
 * @module
 */

import type { PeerConfig } from "../../config/model.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import { followed } from "./followed.ts";
import { PeerClient, type PeerClientOptions } from "./peer_client.ts";

/** Limit for connecting, TLS and the whole answer, which may have thousands of names. */
const TIMEOUT_MS = 5000;

interface AskedPeer {
  readonly config: PeerConfig;
  readonly client: PeerClient;
  /** When the rehearsal that is known ended, as the peer says. */
  known: string | undefined;
  /** When its last one ended, as its last answer says. */
  said: string | undefined;
  asking: boolean;
}

export class PeerRehearsals {
  readonly #options: PeerClientOptions;
  readonly #took: (name: string, rehearsal: Rehearsal | null) => void;
  #peers = new Map<string, AskedPeer>();

  constructor(
    options: PeerClientOptions,
    took: (name: string, rehearsal: Rehearsal | null) => void,
  ) {
    this.#options = options;
    this.#took = took;
  }

  follow(peers: readonly PeerConfig[]): void {
    this.#peers = followed(this.#peers, peers, (config) => {
      const client = new PeerClient(config, this.#options);
      return { config, client, known: undefined, said: undefined, asking: false };
    });
  }

  /** `at`: when the peer rehearsed last, as its status says; a peer that has restarted has not yet. */
  answered(name: string, at: string | undefined): void {
    const peer = this.#peers.get(name);
    if (!peer) return;
    peer.said = at;
    if (peer.asking || peer.known === at) return;
    if (at === undefined) {
      peer.known = undefined;
      return this.#took(name, null);
    }
    void this.#fetch(name, peer);
  }

  /** Whether the rehearsal that is known is the peer's last one, as far as the peer has said. */
  hasLast(name: string): boolean {
    const peer = this.#peers.get(name);
    return peer?.known === peer?.said;
  }

  async #fetch(name: string, peer: AskedPeer): Promise<void> {
    peer.asking = true;
    const rehearsal = await peer.client.rehearsal(AbortSignal.timeout(TIMEOUT_MS));
    peer.asking = false;
    if (rehearsal === null || this.#peers.get(name) !== peer) return;
    peer.known = rehearsal.at;
    this.#took(name, rehearsal);
  }
}
