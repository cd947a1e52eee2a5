/**
 * The proof that a failed question to a peer's API is.
 *
 * @module
 */

/**
 * `refused`: the machine refuses connections; `engine_gone`: the front answers that its engine does not; `not_asked`: the
 * cause is on the node that asks; `mismatch`: something answers, and token, certificate or URL do not fit. Any other
 * failure proves nothing.
 */
export const PEER_ERROR_CAUSES = ["refused", "engine_gone", "not_asked", "mismatch"] as const;

export type PeerErrorCause = (typeof PEER_ERROR_CAUSES)[number];
