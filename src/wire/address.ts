/**
 * IP addresses as values: canonical text inside the program, octets on the wire.
 *
 * @module
 */

/** An IPv4 or IPv6 address in canonical text (RFC 5952 for IPv6), so that `===` compares addresses. */
export type IpAddress = string;

/** The address family of a virtual router, as the API and the configuration name it. */
export type Family = "ipv4" | "ipv6";

/** An Ethernet address as six octets. */
export type MacAddress = Uint8Array<ArrayBuffer>;

/** A host's claim on its link that it has the address, at this MAC address. */
export interface AddressClaim {
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

const IPV4_OCTETS = 4;
const DOT = ".".charCodeAt(0);
const DIGIT_ZERO = "0".charCodeAt(0);

/** The family of a canonical address. */
export function familyOf(address: IpAddress): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The octets (4 or 16, network order) of an address, or `null` if the text is not one. */
export function parseIp(text: string): Uint8Array<ArrayBuffer> | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Parses digit by digit, because every address that vipd adds, announces or names in an advert passes through here. */
function parseIpv4(text: string): Uint8Array<ArrayBuffer> | null {
  const octets = new Uint8Array(IPV4_OCTETS);
  let index = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : DOT;
    if (code === DOT) {
      if (digits === 0 || index === IPV4_OCTETS) return null;
      octets[index++] = value;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = code - DIGIT_ZERO;
    // No leading zeros: some tools read them as octal, so the meaning would depend on the reader.
    if (!(digit >= 0 && digit <= 9) || digits > 0 && value === 0) return null;
    digits++;
    value = value * 10 + digit;
    if (value > 255) return null;
  }
  return index === IPV4_OCTETS ? octets : null;
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  // Dotted IPv4 is allowed only at the end of an address, so never before `::`.
  const [head, tail] = halves.map((half, index) =>
    parseIpv6Groups(half, index === halves.length - 1)
  );
  if (!head || tail === null) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  const octets = new Uint8Array(16);
  for (const [index, group] of all.entries()) {
    octets[index * 2] = group >> 8;
    octets[index * 2 + 1] = group & 0xff;
  }
  return octets;
}

/** One side of `::` as 16-bit groups; at the end the last part may be dotted IPv4 (RFC 4291 section 2.2). */
function parseIpv6Groups(text: string, atEnd: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (atEnd && part.includes(".") && index === parts.length - 1) {
      const octets = parseIpv4(part);
      if (!octets) return null;
      groups.push((octets[0]! << 8) | octets[1]!, (octets[2]! << 8) | octets[3]!);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

/** The canonical text of 4 or 16 octets. */
export function formatIp(octets: Uint8Array): IpAddress {
  return octets.length === IPV4_OCTETS ? octets.join(".") : formatIpv6(octets);
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(octets: Uint8Array): IpAddress {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((octets[i]! << 8) | octets[i + 1]!);
  let bestStart: number | undefined;
  let bestLength = 1;
  for (const start of groups.keys()) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [start, length];
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  if (bestStart === undefined) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

/** `address` in canonical text, or `null` if it is not an address. */
export function canonicalIp(text: string): IpAddress | null {
  const octets = parseIp(text);
  return octets && formatIp(octets);
}

/** True for an IPv6 address of fe80::/10 (RFC 4291 section 2.5.6). */
export function isIpv6LinkLocal(address: IpAddress): boolean {
  return /^fe[89ab][0-9a-f]:/.test(address);
}

/**
 * Compares two addresses of one family as unsigned integers in network order (RFC 9568 section 6.4.3, the tie-break
 * between equal priorities).
 */
export function compareIp(a: IpAddress, b: IpAddress): number {
  const left = parseIp(a) ?? new Uint8Array();
  const right = parseIp(b) ?? new Uint8Array();
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `aa:bb:cc:dd:ee:ff` of six octets. */
export function formatMac(mac: Uint8Array): string {
  return Array.from(mac, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** Whether an address is in the network of another one, whose prefix has that many bits. */
export function isInNetwork(address: IpAddress, other: IpAddress, prefixLength: number): boolean {
  const octets = parseIp(address);
  const own = parseIp(other);
  if (!octets || octets.length !== own?.length) return false;
  return octets.every((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    const mask = 0xff & (0xff << (8 - bits));
    return (octet & mask) === (own[index]! & mask);
  });
}

/** True for the address of one host: no group, not all hosts of a link, not "none" (RFC 1122 section 3.2.1.3). */
export function isOneHost(address: IpAddress): boolean {
  return !isMulticast(address) && !["0.0.0.0", "::", "255.255.255.255"].includes(address);
}

/** True for a group of hosts: 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291 section 2.7); of canonical text. */
export function isMulticast(address: IpAddress): boolean {
  return /^(?:2(?:2[4-9]|3\d)\.|ff[0-9a-f]{2}:)/.test(address);
}
