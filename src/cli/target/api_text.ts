/**
 * The remedy for an address of `--api` whose TLS is not what the command line expects.
 *
 * @module
 */

import { certificateText, spokenScheme } from "../../api/certificate_text.ts";
import { DEFAULT_STATE_DIR, type PeerConfig } from "../../config/model.ts";
import { pairPlaces } from "../../pairing/places.ts";

export interface AskedApi {
  /** As `--api` has it: `https://lb02:9112`. */
  readonly url: string;
  /** `--ca-file`, if it was given. */
  readonly caFile: string | undefined;
  /** The nodes that the configuration knows. */
  readonly peers: readonly PeerConfig[];
}

/** `null` if TLS is not the reason. */
export function apiText({ url, caFile, peers }: AskedApi, reason: string): string | null {
  const scheme = spokenScheme(reason);
  const place = placeOf(url);
  const peer = peers.find((one) => placeOf(one.url) === place);
  const byNode = peer === undefined
    ? ""
    : `, or --node ${peer.name} in its place, which asks as \`peers\` says`;
  if (scheme !== null) {
    const speaks = scheme === "https" ? "speaks TLS" : "does not speak TLS";
    return `vipd ${speaks} there: --api ${scheme}://${place}${byNode}`;
  }
  const { authority } = pairPlaces(DEFAULT_STATE_DIR);
  const lacking = caFile === undefined ? "" : `${caFile} is not the certificate of its signer; `;
  const trust = `${lacking}copy that of its signer from there (after vipd pair ${authority}, ` +
    `otherwise cert of its tls) and name the copy with --ca-file${byNode}`;
  return certificateText(reason, { trust, host: "--api" });
}

/** Host and port, also the port that the scheme has by default; `null` for a unix socket. */
function placeOf(url: string): string | null {
  const { protocol, hostname, port } = new URL(url);
  if (hostname === "") return null;
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
