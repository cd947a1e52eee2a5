/**
 * The changes on a link that a listener reports, each in one sentence for a person.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import { authenticationText, type FindingCode, type MonitoredSender } from "./findings.ts";

export type ChangeCode =
  | "master_appeared"
  | "master_changed"
  | "master_released"
  | "master_silent"
  | "advert_changed"
  | "finding_began"
  | "finding_ended"
  /** A datagram that is no valid advert; reported once for each source and reason. */
  | "rejected";

/** A change that a person who watches the link wants to know. */
export interface MonitorChange {
  readonly code: ChangeCode;
  /** Monotonic. */
  readonly atMs: number;
  readonly interface: string;
  /** `null` if a rejected datagram does not say. */
  readonly vrid: number | null;
  /** The sender that it is about; `null` for findings about several. */
  readonly source: IpAddress | null;
  readonly finding: FindingCode | null;
  /** One sentence for a person. */
  readonly message: string;
}

/** The virtual router that a change is about. */
interface ChangedRouter {
  readonly interface: string;
  readonly vrid: number | null;
}

/** A master's settings, as its adverts show them. */
export function describe(sender: MonitoredSender): string {
  const { version, priority, intervalMs, addresses, hmacKey } = sender;
  const authentication = version === 2 || hmacKey !== null
    ? `, authentication ${authenticationText(sender)}`
    : "";
  return `priority ${priority}, every ${intervalMs / 1000} s, version ${version}` +
    `${authentication}, for ${addresses.join(" ")}`;
}

/** The differences between the same master's adverts before and after. */
export function advertChange(
  router: ChangedRouter,
  before: MonitoredSender,
  after: MonitoredSender,
  nowMs: number,
): MonitorChange[] {
  const aspects: [string, (sender: MonitoredSender) => string][] = [
    ["priority", ({ priority }) => String(priority)],
    ["interval", ({ intervalMs }) => `${intervalMs / 1000} s`],
    ["version", ({ version }) => String(version)],
    ["addresses", ({ addresses }) => addresses.join(" ")],
    ["authentication", authenticationText],
    ["checksum", ({ checksumForm }) => checksumForm],
    ["destination", ({ destination }) => destination],
  ];
  const changed = aspects.filter(([, of]) => of(before) !== of(after))
    .map(([name, of]) => `${name} ${of(before)} -> ${of(after)}`);
  if (changed.length === 0) return [];
  const message = `${after.address}: ${changed.join(", ")}`;
  return [change(router, "advert_changed", nowMs, after.address, { message })];
}

/** One change of a virtual router. */
export function change(
  router: ChangedRouter,
  code: ChangeCode,
  atMs: number,
  source: IpAddress | null,
  what: { readonly message: string; readonly finding?: FindingCode },
): MonitorChange {
  const { interface: interfaceName, vrid } = router;
  return { code, atMs, interface: interfaceName, vrid, source, finding: null, ...what };
}
