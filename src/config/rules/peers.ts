/**
 * Rules about the other load balancers' APIs.
 *
 * @module
 */

import type { PartialConfig, Placed } from "../partial.ts";
import type { PeerApiValues } from "../schema/schema.ts";
import { isPlaintext } from "../values/peer_url.ts";
import { errorAt, type Finding, pathText, warningAt } from "../findings.ts";

/** All findings about `peers`. */
export function peerFindings({ peers }: PartialConfig): Finding[] {
  return [
    ...peers.flatMap(protectionRules),
    ...duplicates(peers, "name"),
    ...duplicates(peers, "url"),
  ];
}

function protectionRules(
  { path, value: { url, token_file, ca } }: Placed<PeerApiValues>,
): Finding[] {
  if (ca !== undefined && !url.startsWith("https:")) {
    return [errorAt(
      [...path, "ca"],
      "ca_unused",
      "the peer is not reached by https, which alone has certificates",
      "write https:// in `url`, or remove `ca`",
    )];
  }
  if (token_file === undefined || !isPlaintext(url)) return [];
  return [warningAt(
    [...path, "url"],
    "peer_plaintext",
    "anyone on the way can read the token",
    "configure `api.tls` there and write https:// here",
  )];
}

function duplicates(peers: readonly Placed<PeerApiValues>[], key: "name" | "url"): Finding[] {
  return peers.flatMap(({ path, value }, index) => {
    const first = peers.slice(0, index).find((other) => other.value[key] === value[key]);
    return first
      ? [errorAt(
        [...path, key],
        "duplicate_peer",
        `${pathText(first.path)} has the same ${key}`,
        "remove one of the two",
      )]
      : [];
  });
}
