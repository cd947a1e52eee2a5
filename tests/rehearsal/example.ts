/** A rehearsal to change. */

import type { Rehearsal, RehearsedName } from "../../src/status/rehearsal.ts";

export const NOW_MS = Date.parse("2026-06-01T00:00:00Z");

export function asked(name: string, changes: Partial<RehearsedName> = {}): RehearsedName {
  return {
    ...{ name, port: 443, tls: true, path: "/", at: "2026-06-01T00:00:00.000Z", served: true },
    certificate: {
      names: [name],
      issuer: "Example CA",
      expires: "2026-08-01T00:00:00.000Z",
      fingerprint: "AA",
    },
    ...{ status: 200, location: null, error: null, not_rehearsed: null },
    ...changes,
  };
}

export function rehearsal(
  node: string,
  results: RehearsedName[],
  nginx: Partial<Rehearsal["nginx"]> = {},
): Rehearsal {
  return {
    ...{ node, at: "2026-06-01T00:00:00.000Z", took_ms: 12, results },
    nginx: {
      ...{ config: "/etc/nginx/nginx.conf", running: true, stale: null, unloadable: null },
      ...{ unread: [], ...nginx },
    },
  };
}
