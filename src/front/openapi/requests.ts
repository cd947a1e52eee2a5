/**
 * The bodies of requests, and the requests that need no token: for the calls, and for the document that describes them.
 *
 * @module
 */

import * as z from "zod";
import { HOLDING_TIME, holdingTimeMs } from "../../api/holding_time.ts";
import { commandReason } from "../../status/schemas/command_origin.ts";

/**
 * The paths that anyone who reaches a listener may read without a token. They say nothing about this node except that
 * vipd runs and, in the OpenAPI document, its version. A parameter is in braces.
 */
export const OPEN_PATHS: ReadonlySet<string> = new Set([
  ...["/", "/healthz", "/openapi.json", "/v1/codes/{code}"],
]);

const durationMs = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = holdingTimeMs(value);
  if (ms !== null) return ms;
  context.addIssue({
    code: "custom",
    message: `must be ${HOLDING_TIME} such as "90s", "10m" or "2h"`,
  });
  return z.NEVER;
});

const reason = commandReason.optional();

/** Body of promote and demote: `{}` or `{"for": "10m", "reason": "kernel update"}`. */
export const commandBody = z.strictObject({ for: durationMs.optional(), reason });

/** Body of demote: `{"unless_worse": true}` refuses it if the other node's last rehearsal found faults. */
export const demoteBody = commandBody.extend({ unless_worse: z.boolean().optional() });

/** Body of a call that ends an override: absent, `{}` or `{"reason": "done"}`. */
export const endBody = z.strictObject({ reason });

/** Body of a call that takes none: absent or `{}`. */
export const emptyBody = z.strictObject({});

/** Body of a reload: `{}` or `{"confirm": "60s", "force": true}`. */
export const reloadBody = z.strictObject({
  confirm: durationMs.optional(),
  force: z.boolean().optional(),
});

/** Body of `PUT .../priority`: `{"priority": 120}`. */
export const priorityBody = z.strictObject({
  priority: z.int("must be a whole number from 1 to 254")
    .min(1, "must be at least 1; 0 means that a master resigns")
    .max(254, "must be at most 254; 255 belongs to the owner of the addresses"),
  reason,
});
