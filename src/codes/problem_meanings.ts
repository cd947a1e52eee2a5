/**
 * The meanings of the error codes of the API.
 *
 * @module
 */

import type { ProblemCode } from "../api/problem.ts";

/** The table of docs/api.md is written from this. */
export const PROBLEM_MEANINGS: Readonly<Record<ProblemCode, string>> = {
  json_invalid: "the body is not JSON",
  body_invalid: "something is missing in the body, or a value is out of range",
  body_unknown_key: "the body has a key that the call does not know",
  query_invalid: "the query string is not understood",
  order_id_invalid:
    "the Idempotency-Key header is empty, longer than 128 characters or not printable",
  client_gone:
    "the client has closed its side of the connection before the answer: the command is not carried out",
  token_missing: "no `Authorization: Bearer <token>`",
  token_wrong:
    "not the token of the token file, or the read token for a call that changes something",
  host_refused:
    "the Host header names something that this API does not answer for (against DNS rebinding): use `localhost`, `127.0.0.1`, `[::1]` or the listen address; a unix socket takes any",
  origin_refused: "a browser asks on behalf of a page of another site",
  route_unknown: "no such call",
  code_unknown: "there is no such code",
  instance_unknown: "no instance of that name",
  peer_unknown: "no peer of that name in the configuration",
  not_rehearsed: "this node has not rehearsed yet",
  rehearsal_failed: "a demote with `unless_worse`, while the other node would serve less",
  method_not_allowed: "the call has other methods: see the `Allow` header",
  body_timeout: "the body did not arrive within 5 s",
  instance_not_ready: "the instance is in fault or still starting",
  master_not_outbid: "the present master's priority cannot be outbid",
  no_other_master: "no other node took the addresses in time; this one keeps them",
  not_kept: "nothing is on probation, or the disk does not take that it is kept",
  superseded: "another command, or the end of vipd, came in between",
  order_id_reused: "an earlier command had this `Idempotency-Key`",
  body_too_large: "the body is larger than 16 KiB",
  content_type: "the body does not say `Content-Type: application/json`",
  reload_failed:
    "vipd does not take the configuration, `diagnostics` says why; it keeps the old one",
  too_many_failures:
    "a wrong token, after ten others from the same place; `Retry-After` says when to try again",
  internal: "a defect of vipd; its log has the details",
  engine_unreachable:
    "the engine, `vipd run`, does not answer its front: nobody knows the state of this node",
  config_unknown: "the engine is older than its front and does not say its configuration",
  peer_journal_unknown: "the peer's API does not answer, or not with its journal",
  order_late:
    "the command reached the engine more than 5 s after the front had passed it on: it is not carried out",
  too_many_streams: "as many clients follow the events as there may be without this right",
  token_unavailable: "the token file cannot be read",
};
