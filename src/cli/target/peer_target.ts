/**
 * `--node NAME`: another node of the pair, as `peers` of the configuration reaches it. The token of a peer can
 * read, and nothing else.
 *
 * @module
 */

import { certificateText, spokenScheme } from "../../api/certificate_text.ts";
import { ApiClient } from "../../api/client.ts";
import { parseTarget } from "../../api/exchange.ts";
import type { Config } from "../../config/model.ts";
import { isPlaintext } from "../../config/values/peer_url.ts";
import { CliError, EXIT } from "../../exit.ts";
import { STATUS_OF } from "../../status/remedies/remedies.ts";
import { readToken } from "../../tokens/token_file.ts";
import { VERSION } from "../../version.ts";
import type { Arguments } from "../arguments.ts";
import { usageError } from "../errors.ts";
import { requireTokenReceiver } from "./token_receiver.ts";

/**
 * The client for the peer of this name; `null` if that is this node itself. Throws a {@link CliError} with the remedy
 * if the configuration names no such node.
 *
 * @param config `null` if it could not be read from `path`
 */
export function peerClient(node: string, config: Config | null, path: string): ApiClient | null {
  if (config === null) {
    throw new CliError(
      EXIT.notPermitted,
      `--node needs ${path}, which says how to reach ${node}: run it as a user who may read it`,
    );
  }
  if (node === config.node) return null;
  const peer = config.peers.find(({ name }) => name === node);
  if (!peer) {
    const known = [config.node, ...config.peers.map(({ name }) => name)].join(", ");
    throw usageError(`${path} knows no node ${node}, only ${known}: vipd pair adds one to peers`);
  }
  const { tokenFile, ca } = peer;
  // The configuration's own reader has accepted the URL.
  const target = parseTarget(peer.url)!;
  return new ApiClient(target, {
    caCerts: ca === undefined ? [] : [ca],
    agent: `vipd/${VERSION}`,
    explain: (reason) => Promise.resolve(silenceText(node, reason)),
    explainRefusal: (code) => refusalText(code, node, tokenFile),
    // A token for a place that may get none would not help either.
    ...((tokenFile !== undefined || isPlaintext(peer.url)) && {
      readToken: async () => {
        await requireTokenReceiver(target, config.runDir, node);
        return await readToken(tokenFile!);
      },
    }),
  });
}

/** The remedy for a peer that does not answer. */
export function silenceText(node: string, reason: string): string {
  const certificate = certificateText(reason);
  if (certificate !== null) return `${node}: ${certificate}`;
  switch (spokenScheme(reason)) {
    case "https":
      return `${node} speaks TLS there: its url in \`peers\` begins with https://`;
    case "http":
      return `${node} does not speak TLS there: vipd pair on both nodes makes it, or its url in ` +
        "`peers` begins with http://";
    case null:
      return `does the front of vipd run on ${node} (${STATUS_OF.front}), and is this its api.listen? ` +
        "vipd status here has what this node knows of it";
  }
}

/** The meaning of a rejection by a peer, with the remedy; `null` leaves the peer's own words. */
function refusalText(code: string, node: string, tokenFile: string | undefined): string | null {
  switch (code) {
    case "token_wrong":
      return `${node} refuses the token in ${tokenFile}: vipd pair on both nodes again, or put ` +
        `the read token of ${node} there`;
    case "token_missing":
      return `${node} wants a token: name a file with its read token in token_file of \`peers\``;
    case "route_unknown":
      return `${node} runs an older vipd, which does not give what this command asks for: upgrade it`;
    default:
      return null;
  }
}

/** A command that changes something takes no `--node`. */
export function refuseNode(args: Arguments, words: readonly string[]): void {
  const node = args.text("node");
  if (node === undefined) return;
  throw usageError(
    `this node may only read on ${node}, and this command changes something there; run the command on it: ` +
      `ssh ${node} vipd ${words.join(" ")}`,
  );
}
