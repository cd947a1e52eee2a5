/**
 * The answer of `GET /v1/config`: the effective configuration of a node without secrets, and what of its machine matters
 * to a pair.
 *
 * @module
 */

import * as z from "zod";
import type { EffectiveConfig } from "../config/effective.ts";
import { named, time } from "./schemas/terms.ts";

const words = z.record(z.string(), z.union([z.string(), z.array(z.string()).readonly()]));
const namedWords = z.record(z.string(), words);

const effectiveConfigSchema = z.strictObject({
  settings: words.describe("What belongs to the node itself"),
  interfaces: namedWords,
  checks: namedWords,
  instances: namedWords,
  sync_groups: namedWords,
  notify: namedWords,
  peers: namedWords,
}).register(named, {
  id: "EffectiveConfig",
  description:
    "Keys and values in the words of the file, by the names of what they belong to; defaults are filled in. Passwords, " +
    "keys, tokens, arguments of programs, and users and queries of URLs are left out.",
}) satisfies z.ZodType<EffectiveConfig>;

export const nodeConfig = z.strictObject({
  node: z.string(),
  /** vipd's version. */
  version: z.string(),
  config: effectiveConfigSchema,
  machine: z.strictObject({
    kernel: z.string().nullable().describe("Its release; null if it cannot be read"),
    settings: z.record(z.string(), z.string()).describe("Below /proc/sys/net, sysctl(8)"),
  }),
  certificates: z.array(z.strictObject({
    use: z.string().describe("Where it is shown: the address that the API listens on"),
    subject: z.string(),
    ends: time.nullable().describe("Null if the date cannot be read"),
    fingerprint: z.string().describe("SHA-256"),
  })),
}).register(named, {
  id: "NodeConfig",
  description: "The effective configuration without secrets, and what matters of the machine.",
});

/** The effective configuration of a node without secrets, and what matters of its machine. */
export type NodeConfig = z.infer<typeof nodeConfig>;
export type MachineFacts = NodeConfig["machine"];
export type CertificateFacts = NodeConfig["certificates"][number];
