/**
 * Another load balancer as a zod schema: what its API says of it and of its instances.
 *
 * @module
 */

import * as z from "zod";
import { REHEARSAL_CODES } from "../codes/verdicts.ts";
import { PEER_ERROR_CAUSES } from "../codes/error_cause.ts";
import { addressConflict, clientCheck, droppedBy, strayAddress } from "./instance.ts";
import {
  authentication,
  family,
  named,
  overrideKind,
  priority,
  routerState,
  time,
} from "./terms.ts";

/** The part that stays the same from one question to the next one that is answered alike. */
const clientCheckOfPeer = clientCheck.omit({ at: true });

export const peerInstance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  vrid: z.int(),
  family,
  version: z.int(),
  state: routerState,
  handing_over: z.boolean(),
  priority: z.strictObject({ configured: priority, effective: priority }),
  lowered_by: z.array(z.string()).optional()
    .describe("What lowers the priority there; absent if nothing does"),
  advert_interval_ms: z.number().nullable(),
  preempt: z.boolean().nullable(),
  authentication: authentication.nullable(),
  addresses: z.array(z.string()).describe("With prefix length"),
  /** The master as far as the peer knows. */
  master: z.strictObject({ address: z.string(), priority }).nullable(),
  adverts_missing: z.literal(true).optional()
    .describe("Present where the peer is backup and hears no master, for too long to be by chance"),
  adverts_blocked: z.string().optional()
    .describe("Present while the peer's firewall drops its adverts on their way out: why"),
  adverts_dropped_by: droppedBy.optional()
    .describe("Present where adverts are missed and the peer's firewall is known to drop them"),
  addresses_missing: z.array(z.string()).optional()
    .describe("Present where the peer is master and does not hold these addresses"),
  faults: z.array(z.string()),
  /** The override that stands there. */
  override: overrideKind.nullable(),
  since: time.optional().describe("When its present state began, by the peer's clock"),
  client_check: clientCheckOfPeer.nullable().optional()
    .describe("What the peer last got as a client of the address; absent while it does not ask"),
  address_on_backup: strayAddress.nullable().optional()
    .describe(
      "Present where an address is on the peer's machine although the peer is not master; " +
        "null where its version does not say which",
    ),
  address_conflict: addressConflict.optional()
    .describe("Present while the peer sees that another machine has an address of the instance"),
  client_check_unknown: z.string().optional()
    .describe("Present while the peer has no answer of the address to judge by: why"),
  without_verdict: z.literal(true).optional().describe(
    "Present where the peer's version gives no verdict: it neither rehearses nor asks the address",
  ),
}).register(named, {
  id: "PeerInstance",
  description: "An instance as the peer says it is; null is what its version does not say.",
});

export const peer = z.strictObject({
  /** Its name in the configuration. */
  name: z.string(),
  url: z.string(),
  reachable: z.boolean().describe("Whether its last answer is no older than a few seconds"),
  error: z.string().nullable().describe("Why the last question was not answered"),
  error_cause: z.enum(PEER_ERROR_CAUSES).optional().describe(
    "What the error proves: the machine refuses connections (refused), the front answers that its engine does not " +
      "(engine_gone), this node could not ask (not_asked), something answers there and token, certificate or url do not fit " +
      "(mismatch); absent for any other",
  ),
  /** When it last answered; `null` when it has not yet. */
  last_seen: time.nullable(),
  /** Its own name and the version of its vipd, by its last answer; `null` when there was none. */
  node: z.string().nullable(),
  version: z.string().nullable(),
  instances: z.array(peerInstance).describe("Empty while it is not reachable"),
  clock_offset_ms: z.number().nullable().optional()
    .describe("How far its clock is ahead of this node's; null until that is known"),
  rehearsal: z.array(z.strictObject({
    code: z.enum(REHEARSAL_CODES),
    node: z.string().describe("The node that it is about"),
    message: z.string(),
    hint: z.string(),
  })).optional().describe(
    "What a comparison of both nodes' rehearsals found, of each node as one that serves (serves_less) and as one that " +
      "would have to; absent until both have rehearsed",
  ),
  rehearsed: z.strictObject({
    began: time.describe("By the peer's clock"),
    is_last: z.boolean().describe("False while the peer has one that ended later"),
  }).optional().describe(
    "The peer's rehearsal that was compared; absent until both have rehearsed, and where the peer does not rehearse by " +
      "itself or its version does not say so",
  ),
}).register(named, {
  id: "Peer",
  description: "Another load balancer, as its API says.",
});
