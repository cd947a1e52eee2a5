/**
 * The result of a rehearsal: how a node's own nginx would answer the clients of the virtual addresses, name for name.
 *
 * @module
 */

import * as z from "zod";
import { count, named, time } from "./schemas/terms.ts";
import type { NodeStatus } from "./status.ts";

type RehearsalHead = NonNullable<NodeStatus["rehearsal"]>;

const certificate = z.object({
  names: z.array(z.string()).describe("Its DNS names and addresses; else the name of its subject"),
  issuer: z.string(),
  expires: time,
  fingerprint: z.string().describe("SHA-256 of the certificate, in hexadecimal digits with colons"),
}).register(named, {
  id: "RehearsedCertificate",
  description: "A certificate, from the handshake.",
});

export const rehearsedName = z.object({
  name: z.string().describe(
    "Sent in SNI and Host; empty for the server that takes all other names",
  ),
  port: z.int().min(1).max(65535),
  tls: z.boolean(),
  /** `null`: a connection without HTTP, as nginx's `stream` forwards it. */
  path: z.string().nullable(),
  /** When nginx was asked. */
  at: time,
  served: z.boolean().nullable().describe(
    "Whether a server of this node's nginx has the name; null if its files do not say",
  ),
  certificate: certificate.nullable(),
  status: z.int().nullable(),
  location: z.string().nullable().describe("Where a redirect leads, without its query"),
  error: z.string().nullable().describe("Why nginx did not answer; null if it did"),
  not_rehearsed: z.string().nullable().describe("Why nginx could not be asked; null if it was"),
}).register(named, {
  id: "RehearsedName",
  description: "What this node's nginx would answer a client that asks for a name.",
});

const nginx = z.object({
  config: z.string().describe("The main file"),
  running: z.boolean().nullable().describe("Null if this user does not see other processes"),
  stale: z.string().nullable().describe(
    "Which file is newer than the workers of nginx, so that it does not serve by it; null without one",
  ),
  unloadable: z.string().nullable().describe(
    "Why nginx could not load the files that it has not loaded: a reload failed, or would; null if nothing shows that",
  ),
  unread: z.array(z.object({
    path: z.string(),
    reason: z.string(),
    named: z.boolean().describe("Whether rehearse.names stands for it, so that it is no reason"),
  })).describe("Files whose names are not known, at most 20"),
});

export const rehearsal = z.object({
  node: z.string(),
  /** When the last one ended, or when its word on nginx's files became another one. */
  at: time,
  took_ms: count,
  began_at: time.optional().describe(
    "When it began to look at nginx, whatever was known of the files later; absent in older versions",
  ),
  by_itself: z.boolean().optional().describe(
    "Whether this node rehearses by itself, also each time that it becomes master; absent in older versions",
  ),
  nginx,
  results: z.array(rehearsedName),
}).register(named, {
  id: "Rehearsal",
  description: "The last rehearsal of this node.",
});

export type RehearsedCertificate = z.infer<typeof certificate>;
export type RehearsedName = z.infer<typeof rehearsedName>;
export type Rehearsal = z.infer<typeof rehearsal>;

/** One in short. */
export function headOf({ at, took_ms, results }: Rehearsal): RehearsalHead {
  return {
    ...{ at, took_ms, names: results.length },
    failed: results.filter(({ error }) => error !== null).length,
    not_rehearsed: results.filter(({ not_rehearsed }) => not_rehearsed !== null).length,
  };
}
