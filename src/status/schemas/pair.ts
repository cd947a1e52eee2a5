/**
 * The verdict on a pair as zod schemas: of one instance, and of all that the pair has.
 *
 * @module
 */

import * as z from "zod";
import { PAIR_REASONS, type PairReasonCode, VERDICTS } from "../codes/verdicts.ts";
import { keysOf, named, priority, routerState, time } from "./terms.ts";

export const verdict = z.enum(VERDICTS);

const pairReason = z.strictObject({
  /** Stable; docs/verdict.md says what each means. */
  code: z.enum(keysOf<PairReasonCode>(PAIR_REASONS)),
  /** The verdict on the instance for this reason alone. */
  verdict,
  node: z.string().nullable().describe("The node whose cause it is; null for the pair"),
  message: z.string().describe("One sentence that names the node and the cause"),
  hint: z.string().describe("What to do about it"),
  evidence: z.array(z.string()).describe(
    "What else shows the same cause, a sentence each; absent if nothing does",
  ).optional(),
  since: time,
}).register(named, {
  id: "PairReason",
  description: "Why the service of an instance is not safe.",
});

export const instancePair = z.strictObject({
  verdict,
  /** When this verdict began. */
  since: time,
  /** Such as `VI_1 is served by lb01; lb02 is ready`. */
  sentence: z.string(),
  served_by: z.string().nullable().describe("The node that serves; null when nobody is known to"),
  ready: z.array(z.string()).describe("The standby nodes that are ready to take over"),
  /** The gravest first; empty when the instance is protected. */
  reasons: z.array(pairReason),
}).register(named, {
  id: "InstancePair",
  description: "Whether the service survives the loss of the node that serves it.",
});

export const pairOfNodes = z.strictObject({
  node: z.string().describe("The node that answers"),
  verdict: verdict.describe("The gravest of all instances"),
  /** Such as `VI_1 is served by lb01; lb02 is ready`. */
  sentence: z.string(),
  instances: z.array(z.strictObject({
    name: z.string(),
    addresses: z.array(z.string()).describe("With prefix length"),
    ...instancePair.shape,
    nodes: z.array(z.strictObject({
      name: z.string(),
      state: routerState,
      priority: z.strictObject({ configured: priority, effective: priority }),
    })).describe("The nodes that are known to have it; this one first"),
  })),
  nodes: z.array(z.strictObject({
    name: z.string(),
    version: z.string().nullable(),
    reachable: z.boolean(),
    clock_offset_ms: z.number().nullable(),
  })).describe("This node first"),
}).register(named, { id: "PairOfNodes", description: "The pair, as this node knows it." });
