/**
 * The state of the links that a listener hears: the senders of each virtual router, and what is odd about them.
 *
 * @module
 */

import { type DropReason, isFirstAddressFit } from "../vrrp/receive.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import { type ChecksumForm, PRIORITY_OWNER, type VrrpVersion } from "../wire/vrrp.ts";

/**
 * `master`: sent last, or sends while another does. `yielded`: another has sent since. `released`: its last advert had
 * priority 0. `silent`: every possible backup would consider it dead.
 */
export type SenderRole = "master" | "yielded" | "released" | "silent";

/** The authentication of version 2 as the advert shows it (RFC 2338 section 5.3.6). */
export interface MonitoredAuthentication {
  readonly type: number;
  /** Type 1 only: whether the password is printable ASCII. This does not keep the password itself. */
  readonly printable: boolean | null;
  /** Type 1 only, and only if the caller asked for passwords. */
  readonly password: string | null;
}

/** One router that was heard, as of its last advert with a priority. */
export interface MonitoredSender {
  readonly address: IpAddress;
  readonly role: SenderRole;
  readonly version: VrrpVersion;
  readonly priority: number;
  readonly intervalMs: number;
  readonly addresses: readonly IpAddress[];
  readonly checksumForm: ChecksumForm;
  /** Version 2 only. */
  readonly authentication: MonitoredAuthentication | null;
  /**
   * Number of the key that signs its adverts; `null` if they are not signed. The listener does not verify the
   * signature.
   */
  readonly hmacKey: number | null;
  /** The destination of its adverts: the group, or one peer. */
  readonly destination: IpAddress;
  /** Number of all its adverts that the listener heard. */
  readonly adverts: number;
  /** Over its last few adverts; `null` before the second one and while it is not master. */
  readonly advertsPerSecond: number | null;
  /** Monotonic. */
  readonly lastHeardMs: number;
}

/**
 * One virtual router: interface, family and VRID (RFC 9568 section 1.7). Two pairs that share all three are two
 * routers.
 */
export interface MonitoredRouter {
  readonly interface: string;
  readonly family: Family;
  readonly vrid: number;
  /** In the order in which the listener first heard them. */
  readonly senders: readonly MonitoredSender[];
  readonly findings: readonly Finding[];
}

/** Why a datagram is no valid advert for any receiver. */
export type RejectReason = DropReason | "carp";

/** Datagrams of one kind that the listener did not accept. */
export interface Rejected {
  readonly interface: string;
  readonly source: IpAddress;
  /** If it can be read. */
  readonly vrid: number | null;
  readonly reason: RejectReason;
  readonly count: number;
  readonly lastHeardMs: number;
}

/** A fault in the settings or state of a virtual router. */
export type FindingCode =
  | "vrid_in_use"
  | "two_masters"
  | "two_owners"
  | "version_differs"
  | "interval_differs"
  | "addresses_differ"
  | "authentication_differs"
  | "password_differs"
  | "signature_differs"
  | "checksum_form_differs"
  | "ipv6_first_address"
  /** Adverts arrive, and the firewall of this machine drops them. */
  | "firewall_drops";

export interface Finding {
  readonly code: FindingCode;
  /** One sentence for a person: the difference, and its consequence. */
  readonly message: string;
}

/** A sender with data that leaves the listener only on request. */
export interface ComparedSender extends MonitoredSender {
  /** Eight octets in hexadecimal digits; empty without a password. */
  readonly passwordHex: string;
}

/**
 * Compares the last adverts of one virtual router's senders. A backup is silent, so its settings are known only from
 * the time when it was master. `others` are the masters of other pairs with the same VRID.
 */
export function findingsOf(
  senders: readonly ComparedSender[],
  others: readonly ComparedSender[] = [],
): Finding[] {
  const found: Finding[] = [];
  const add = (code: FindingCode, message: string) => void found.push({ code, message });
  const masters = senders.filter(({ role }) => role === "master");
  if (others.length > 0 && masters.length > 0) {
    const addresses = ({ addresses }: ComparedSender) => addresses.join(" ");
    add(
      "vrid_in_use",
      `${list([...masters, ...others], addresses)} are of different pairs with the same VRID: ` +
        "choose another one for one of them",
    );
  }
  if (masters.length > 1) {
    add(
      "two_masters",
      `${list(masters, ({ priority }) => `priority ${priority}`)} are master at the same time: ` +
        "they do not hear each other, or refuse each other's adverts",
    );
  }
  const owners = senders.filter(({ priority }) => priority === PRIORITY_OWNER);
  if (owners.length > 1) {
    add("two_owners", `${list(owners)} both say that they own the addresses (priority 255)`);
  }
  if (differ(senders, ({ version }) => version)) {
    add(
      "version_differs",
      `${list(senders, ({ version }) => `version ${version}`)}: each ignores the other's adverts`,
    );
  }
  if (differ(senders, ({ intervalMs }) => intervalMs)) {
    const effect = senders.some(({ version }) => version === 2)
      ? "version 2 refuses adverts of another interval"
      : "backups follow the master's interval";
    add(
      "interval_differs",
      `${list(senders, ({ intervalMs }) => `${intervalMs / 1000} s`)}: ${effect}`,
    );
  }
  if (differ(senders, ({ addresses }) => [...addresses].sort().join(" "))) {
    add(
      "addresses_differ",
      `${list(senders, ({ addresses }) => addresses.join(" ") || "none")}: ` +
        "addresses come and go with the master",
    );
  }
  const version2 = senders.filter(({ version }) => version === 2);
  if (differ(version2, ({ authentication }) => authentication?.type)) {
    add(
      "authentication_differs",
      `${list(version2, authenticationText)}: each refuses the other's adverts`,
    );
  } else if (differ(version2, ({ passwordHex }) => passwordHex)) {
    add("password_differs", `${list(version2)} use different passwords`);
  }
  // A different key is no finding, because operators change keys node by node.
  if (differ(senders, ({ hmacKey }) => hmacKey === null)) {
    add(
      "signature_differs",
      `${
        list(senders, ({ hmacKey }) => hmacKey === null ? "not signed" : `hmac key ${hmacKey}`)
      }: ` +
        "who does not sign is refused where signatures are enforced",
    );
  }
  const version3 = senders.filter(({ version }) => version === 3);
  if (differ(version3, ({ checksumForm }) => checksumForm)) {
    add(
      "checksum_form_differs",
      `${list(version3, ({ checksumForm }) => CHECKSUM_WORDS[checksumForm])}: ` +
        "many routers accept their own form only",
    );
  }
  const unfit = senders.filter(({ addresses }) => !isFirstAddressFit(addresses));
  if (unfit.length > 0) {
    add(
      "ipv6_first_address",
      `${list(unfit, ({ addresses }) => addresses[0]!)}: the first IPv6 address is to be a ` +
        "link-local one, and many routers discard such adverts",
    );
  }
  return found;
}

/** The forms of the version 3 IPv4 checksum, in words. */
const CHECKSUM_WORDS: Readonly<Record<ChecksumForm, string>> = {
  message: "checksum of the message alone (RFC 9568)",
  pseudo_header: "checksum with pseudo-header (RFC 5798)",
};

/** `PASS, printable`, `none`, `IP AH`, `type 7`, `hmac key 1`. */
export function authenticationText({ authentication, hmacKey }: MonitoredSender): string {
  const field = fieldText(authentication);
  if (hmacKey === null) return field;
  return field === "none" ? `hmac key ${hmacKey}` : `${field}, hmac key ${hmacKey}`;
}

function fieldText(authentication: MonitoredAuthentication | null): string {
  if (!authentication || authentication.type === 0) return "none";
  const { type, printable, password } = authentication;
  if (type === 2) return "IP AH";
  if (type !== 1) return `type ${type}`;
  if (password !== null) return `PASS ${JSON.stringify(password)}`;
  return printable ? "PASS, printable" : "PASS, not printable";
}

function differ(senders: readonly ComparedSender[], of: (sender: ComparedSender) => unknown) {
  return new Set(senders.map(of)).size > 1;
}

function list(
  senders: readonly ComparedSender[],
  detail?: (sender: ComparedSender) => string,
): string {
  const parts = senders.map((sender) =>
    detail ? `${sender.address} (${detail(sender)})` : sender.address
  );
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}
