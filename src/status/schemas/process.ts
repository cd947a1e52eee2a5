/**
 * vipd's processes as zod schemas.
 *
 * @module
 */

import * as z from "zod";
import { count, named, time } from "./terms.ts";

export const process = z.strictObject({
  realtime_priority: z.int().min(1).max(99).nullable().describe("Null for an ordinary process"),
  nice: z.int().min(-20).max(19).nullable().describe("Null where it stands as it was started"),
}).register(named, {
  id: "Process",
  description: "How the kernel treats the daemon in relation to other programs.",
});

const lifeOfProcess = {
  /** How often it was started again after an end that nobody asked for. */
  restarts: count,
  last_exit: z.strictObject({ at: time, reason: z.string() }).nullable()
    .describe("How it came to its last end; null when it never did"),
};

export const processes = z.strictObject({
  engine: z.strictObject({
    /** 0 for a node that is a part of another program, such as the simulator. */
    pid: count,
    /** The name of its user, or the number of one without a name. */
    user: z.string(),
    started_at: time,
    ...lifeOfProcess,
  }).describe("What speaks VRRP and holds the addresses"),
  front: z.strictObject({
    state: z.enum(["serving", "starting", "down"]),
    /** `null` while there is none. So are the next two. */
    pid: count.nullable(),
    user: z.string().nullable(),
    started_at: time.nullable(),
    ...lifeOfProcess,
    problem: z.string().nullable().describe("Why it does not serve; null while it does"),
  }).describe("What answers clients"),
}).register(named, {
  id: "Processes",
  description: "The two processes of the daemon, and how often and why each was started again.",
});
