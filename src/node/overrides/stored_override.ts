/**
 * The overrides that stand, as they are kept from one run of vipd to the next: a text, and back.
 *
 * @module
 */

import * as z from "zod";
import type { CommandOrigin } from "../../status/schemas/command_origin.ts";
import { type Override, PRIORITY_MAX, PRIORITY_MIN } from "../../vrrp/priority.ts";

/** An override that stands for an instance. Times are of the wall clock, in milliseconds since the epoch. */
export interface StoredOverride {
  /** The instance's name. */
  readonly instance: string;
  readonly override: Override;
  readonly sinceMs: number;
  /** When it ends by itself; `null` when it stands until released. */
  readonly untilMs: number | null;
  /** Kept by override_origins.ts. */
  readonly origin: CommandOrigin;
}

export type StoredOverrides =
  | { readonly ok: true; readonly overrides: readonly Omit<StoredOverride, "origin">[] }
  /** `problem`: what is wrong with the text, to be read after the file's name. */
  | { readonly ok: false; readonly problem: string };

const FORMAT = "vipd-state";
/** Counts up when an older vipd would misread what a newer one wrote. */
const VERSION = 1;

const HeadSchema = z.object({ format: z.literal(FORMAT), version: z.int() });

const timeMs = z.iso.datetime().transform((text) => Date.parse(text));
const common = { instance: z.string().min(1), since: timeMs, until: timeMs.nullable() };

const StateSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  orders: z.array(z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("promoted"), ...common }),
    z.strictObject({ kind: z.literal("demoted"), ...common }),
    z.strictObject({
      kind: z.literal("priority"),
      priority: z.int().min(PRIORITY_MIN).max(PRIORITY_MAX),
      ...common,
    }),
  ])),
});

/** The text that {@link decodeOverrides} reads; JSON, for a person with an editor too. */
export function encodeOverrides(overrides: readonly Omit<StoredOverride, "origin">[]): string {
  const state = {
    format: FORMAT,
    version: VERSION,
    orders: overrides.map(({ instance, override, sinceMs, untilMs }) => ({
      instance,
      ...override,
      since: new Date(sinceMs).toISOString(),
      until: untilMs === null ? null : new Date(untilMs).toISOString(),
    })),
  };
  return `${JSON.stringify(state, null, 2)}\n`;
}

/** Takes the text whole or not at all: half of the overrides would be a state that nobody asked for. */
export function decodeOverrides(text: string): StoredOverrides {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, problem: "it is damaged or cut off" };
  }
  const head = HeadSchema.safeParse(data);
  if (!head.success) return { ok: false, problem: "it is not a state file of vipd" };
  const { version } = head.data;
  if (version !== VERSION) {
    return { ok: false, problem: `it is of format ${version}, this vipd reads format ${VERSION}` };
  }
  const state = StateSchema.safeParse(data);
  if (!state.success) {
    const place = state.error.issues[0]!.path.join(".");
    return { ok: false, problem: `it is damaged at ${place || "its top"}` };
  }
  return {
    ok: true,
    overrides: state.data.orders.map((
      { instance, since: sinceMs, until: untilMs, ...override },
    ) => ({
      instance,
      override,
      sinceMs,
      untilMs,
    })),
  };
}
