/**
 * The pair's configuration with what a row needs of it besides.
 *
 * @module
 */

import type { ApiPlace } from "../../../lab/api_watch.ts";
import type { Lab } from "../../../lab/network.ts";
import { type PairSettings, PRIORITIES, vipdConfig } from "../../../lab/pair_config.ts";
import { type NodeName, TENTH_OF_A_SECOND } from "../pair.ts";

/** Where the API listens for what comes over the network, and for what comes from lb01 itself. */
export const REMOTE_API: ApiPlace = { host: "192.168.31.11", port: 9112, tls: true };
export const LOCAL_API: ApiPlace = { host: "127.0.0.1", port: 9112, tls: false };

/** The host of the lab that is none of the pair. */
export const STRANGER_ADDRESS = "192.168.31.100";

const CERTIFICATE = { cert: "/run/lab/api.pem", key: "/run/lab/api.key" } as const;

/** The config file of each node, with more keys in lb01's. */
export function masterHas(
  more: string,
  settings: PairSettings = TENTH_OF_A_SECOND,
): (node: NodeName) => string {
  return (node) => (node === "lb01" ? more : "") + vipdConfig(settings, PRIORITIES[node]);
}

/** lb01's API listens on the network, too, with TLS. */
export const TLS_CONFIG = masterHas(
  `api:
  listen: ["${LOCAL_API.host}:${LOCAL_API.port}", "${REMOTE_API.host}:${REMOTE_API.port}"]
  tls: { cert: ${CERTIFICATE.cert}, key: ${CERTIFICATE.key} }
`,
);

/** Makes the certificate that {@link TLS_CONFIG} names. */
export async function makeCertificate(lab: Lab): Promise<void> {
  await lab.host("lb01").run([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-days", "2", "-subj", "/CN=lb01"],
    ...["-addext", `subjectAltName=IP:${REMOTE_API.host}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-keyout", CERTIFICATE.key, "-out", CERTIFICATE.cert],
  ]);
}
