/**
 * A sender of adverts as a listener knows it: its last advert, and what follows from that.
 *
 * @module
 */

import { outranks, type Rank } from "../vrrp/election.ts";
import { centisecondsToMs, masterDownIntervalMs } from "../vrrp/timers.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Advertisement, ChecksumForm } from "../wire/vrrp.ts";
import type {
  ComparedSender,
  MonitoredAuthentication,
  MonitoredSender,
  SenderRole,
} from "./findings.ts";

/** How many adverts the rate of a sender is computed from. */
export const RATE_ADVERTS = 20;

/** A sender's last advert with a priority, and how it sent that. */
export interface Sender {
  readonly address: IpAddress;
  role: SenderRole;
  /** It has sent one advert since it yielded. */
  reported: boolean;
  advertisement: Advertisement;
  checksumForm: ChecksumForm;
  hmacKey: number | null;
  destination: IpAddress;
  adverts: number;
  /** Times of the last adverts. */
  heardAtMs: number[];
}

/** The sender, as the monitor reports it. */
export function shown(sender: Sender, showPasswords: boolean): MonitoredSender {
  const { address, role, advertisement, checksumForm, hmacKey, destination, adverts } = sender;
  return {
    address,
    role,
    version: advertisement.version,
    priority: advertisement.priority,
    intervalMs: centisecondsToMs(advertisement.intervalCs),
    addresses: advertisement.addresses,
    checksumForm,
    authentication: authenticationOf(sender, showPasswords),
    hmacKey,
    destination,
    adverts,
    advertsPerSecond: role === "master" ? rate(sender.heardAtMs) : null,
    lastHeardMs: lastHeardMs(sender),
  };
}

/** The sender with the data that a comparison needs in addition. */
export function compared(sender: Sender, showPasswords: boolean): ComparedSender {
  return { ...shown(sender, showPasswords), passwordHex: passwordOf(sender)?.toHex() ?? "" };
}

/** True if `sender` is the weaker of the two. */
export function yields(sender: Sender, other: Sender): boolean {
  return outranks(rankOf(other), rankOf(sender));
}

function rankOf({ address, advertisement: { priority } }: Sender): Rank {
  return { priority, address };
}

/** How long the slowest possible backup waits for this master, in milliseconds. */
export function lifeMs({ advertisement: { version, intervalCs } }: Sender): number {
  return masterDownIntervalMs(version, 1, intervalCs);
}

/** Monotonic. */
export function lastHeardMs({ heardAtMs }: Sender): number {
  return heardAtMs[heardAtMs.length - 1]!;
}

function rate(heardAtMs: readonly number[]): number | null {
  const spanMs = heardAtMs[heardAtMs.length - 1]! - heardAtMs[0]!;
  return spanMs > 0 ? (heardAtMs.length - 1) * 1000 / spanMs : null;
}

/** The eight octets of a version 2 password. */
function passwordOf({ advertisement: { authentication } }: Sender): Uint8Array | null {
  return authentication?.type === 1 ? authentication.data : null;
}

function authenticationOf(
  sender: Sender,
  showPasswords: boolean,
): MonitoredAuthentication | null {
  const field = sender.advertisement.authentication;
  if (!field) return null;
  const password = passwordOf(sender);
  if (!password) return { type: field.type, printable: null, password: null };
  const used = password.subarray(0, password.findLastIndex((octet) => octet !== 0) + 1);
  const printable = used.every((octet) => octet >= 0x20 && octet < 0x7f);
  const text = printable ? new TextDecoder().decode(used) : used.toHex();
  return { type: field.type, printable, password: showPasswords ? text : null };
}
