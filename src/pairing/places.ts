/**
 * The files that a pairing makes: in `pair` in `state_dir`, which is vipd's alone.
 *
 * @module
 */

import { join } from "node:path";
import { pairFolder } from "../config/secrets/pair_folder.ts";

export interface PairPlaces {
  /** This node's authority: its certificate, which other nodes trust, and its key, which never leaves the node. */
  readonly authority: string;
  readonly authorityKey: string;
  /** The certificate and key of the API. */
  readonly cert: string;
  readonly key: string;
  /** The token with which other nodes read here. */
  readonly readToken: string;
  /** Of the peer with this name: what its API is trusted by, and the token with which this node reads there. */
  readonly peerCa: (name: string) => string;
  readonly peerToken: (name: string) => string;
}

export function pairPlaces(stateDir: string): PairPlaces {
  const place = (name: string) => join(pairFolder(stateDir), name);
  return {
    authority: place("authority.pem"),
    authorityKey: place("authority.key"),
    cert: place("api.pem"),
    key: place("api.key"),
    readToken: place("read.token"),
    peerCa: (name) => place(`peer-${name}.pem`),
    peerToken: (name) => place(`peer-${name}.token`),
  };
}
