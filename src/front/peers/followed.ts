/**
 * The peers that are followed, through changes of the configuration.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { PeerConfig } from "../../config/model.ts";

/** By name: a peer whose configuration is the same keeps its state, `open` makes that of the others. */
export function followed<T extends { readonly config: PeerConfig }>(
  before: ReadonlyMap<string, T>,
  peers: readonly PeerConfig[],
  open: (config: PeerConfig) => T,
): Map<string, T> {
  return new Map(peers.map((config) => {
    const same = before.get(config.name);
    return [config.name, same && isDeepStrictEqual(same.config, config) ? same : open(config)];
  }));
}
