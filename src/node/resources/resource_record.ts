/**
 * The resources that an engine has or may have on its machine, written down for the goodbye after its death: a text, and back. It names
 * instances and addresses; what an advert is signed with stands in the configuration alone.
 *
 * @module
 */

import * as z from "zod";
import type { InstanceConfig } from "../../config/model.ts";
import { family } from "../../status/schemas/terms.ts";
import type { PlacedAddress } from "../../vip/addresses.ts";
import type { Family, IpAddress } from "../../wire/address.ts";

/** An instance of the engine. */
export interface RecordedInstance {
  readonly interface: string;
  readonly family: Family;
  readonly vrid: number;
  /** True when its addresses are on the machine, or were when this was written. */
  readonly held: boolean;
  /** How long its addresses outlast it, in seconds; `null` for ever. */
  readonly leaseSeconds: number | null;
  /** The source of its adverts; `null` when it had no address to speak from. */
  readonly source: IpAddress | null;
  /** All that it has or would have as master. */
  readonly addresses: readonly PlacedAddress[];
}

/** The record of an engine. */
export interface ResourceRecord {
  /** The kernel's random id of this boot: what is on the machine does not outlive it. */
  readonly boot: string;
  /** When this was written, in milliseconds since the epoch. An engine that lives writes every {@link RECORD_EVERY_MS}. */
  readonly writtenAtMs: number;
  readonly instances: readonly RecordedInstance[];
}

export type DecodedRecord =
  | { readonly ok: true; readonly record: ResourceRecord }
  /** `problem`: what is wrong with the text, to be read after the file's name. */
  | { readonly ok: false; readonly problem: string };

/** How often it is written at least, in milliseconds. */
export const RECORD_EVERY_MS = 10_000;

const FORMAT = "vipd-held";
const VERSION = 1;

const RecordSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  boot: z.string().min(1),
  written_at: z.iso.datetime().transform((text) => Date.parse(text)),
  instances: z.array(z.strictObject({
    interface: z.string().min(1),
    family,
    vrid: z.int().min(1).max(255),
    held: z.boolean(),
    lease_seconds: z.int().positive().nullable(),
    source: z.string().nullable(),
    addresses: z.array(z.strictObject({ address: z.string(), device: z.string() })),
  })),
});

/** An instance as the engine knows it. */
export interface InstanceToRecord {
  readonly config: InstanceConfig;
  readonly held: boolean;
  readonly source: IpAddress | null;
}

/**
 * Makes the text that {@link decodeResourceRecord} reads: a line for each instance.
 *
 * @param boot the kernel's random id of this boot
 */
export function encodeResourceRecord(
  boot: string,
  writtenAtMs: number,
  instances: readonly InstanceToRecord[],
): string {
  const written_at = new Date(writtenAtMs).toISOString();
  const head = JSON.stringify({ format: FORMAT, version: VERSION, boot, written_at }).slice(0, -1);
  return `${head},"instances":[${instances.map(encodeInstance).join(",\n")}]}\n`;
}

function encodeInstance({ config, held, source }: InstanceToRecord): string {
  const { interface: name, family, vrid, leaseSeconds } = config;
  const addresses = config.addresses.map(({ address, device }) => ({ address, device }));
  const head = { interface: name, family, vrid, held, lease_seconds: leaseSeconds, source };
  return JSON.stringify({ ...head, addresses });
}

/** Takes the text whole or not at all: half a record is none. */
export function decodeResourceRecord(text: string): DecodedRecord {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, problem: "it is damaged or cut off" };
  }
  const parsed = RecordSchema.safeParse(data);
  if (!parsed.success) {
    const place = parsed.error.issues[0]!.path.join(".") || "its top";
    return { ok: false, problem: `it is no record of this version of vipd (at ${place})` };
  }
  const { boot, written_at: writtenAtMs, instances } = parsed.data;
  return {
    ok: true,
    record: {
      boot,
      writtenAtMs,
      instances: instances.map(({ lease_seconds: leaseSeconds, ...rest }) => ({
        ...rest,
        leaseSeconds,
      })),
    },
  };
}

/** True when the record is of this instance: of the same virtual router (RFC 9568 section 1.7). */
export function isRecordOf(
  recorded: RecordedInstance,
  { interface: name, family, vrid }: InstanceConfig,
): boolean {
  return recorded.interface === name && recorded.family === family && recorded.vrid === vrid;
}
