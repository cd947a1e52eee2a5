/**
 * The client for the API of another node, as `peers` of the configuration names it.
 *
 * @module
 */

import type { ApiClient } from "../../../api/client.ts";
import type { Config, PeerConfig } from "../../../config/model.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import type { Arguments } from "../../arguments.ts";
import { DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { peerClient } from "../../target/peer_target.ts";
import { unusableConfig } from "../../text/unusable_config.ts";

/** Another node and the client for it. */
export interface Peer {
  readonly name: string;
  readonly client: ApiClient;
}

/** The peer of this name; the only one if none is named. */
export async function peerFor(
  wanted: string | undefined,
  args: Arguments,
  context: CliContext,
): Promise<Peer> {
  const path = args.text("config") ?? DEFAULT_CONFIG;
  const loaded = await loadAny(path, context, { lenient: true, acceptLoss: true });
  if (!loaded.ok) throw unusableConfig(loaded.diagnostics);
  const { config } = loaded;
  const { name } = chosen(wanted, config, path);
  const client = peerClient(name, config, path);
  if (client) return { name, client };
  throw usageError(`${name} is this node itself by the name that ${path} gives it`);
}

function chosen(wanted: string | undefined, { peers }: Config, path: string): PeerConfig {
  const names = peers.map(({ name }) => name).join(", ");
  if (peers.length === 0) {
    throw usageError(`${path} names no peers; compare two files: vipd check --peer FILE`);
  }
  const peer = wanted === undefined && peers.length === 1
    ? peers[0]
    : peers.find(({ name }) => name === wanted);
  if (peer) return peer;
  throw usageError(
    wanted === undefined
      ? `which node? name one of ${names}`
      : `no peer ${wanted}; there is: ${names}`,
  );
}
