/**
 * A filter (bpf.ts) for raw sockets that selects adverts by their virtual router.
 *
 * @module
 */

import type { Family } from "../address.ts";
import { TYPE_ADVERTISEMENT, type VrrpVersion } from "../vrrp.ts";
import {
  end,
  endIfOneOf,
  type FilterInstruction,
  jumpIfNotLess,
  loadIndex,
  loadIndexedHalf,
  loadIpv4HeaderLength,
  loadLength,
  subtractIndex,
} from "./bpf.ts";

/** A virtual router, as the first two octets of its adverts identify it (RFC 9568 section 5.1). */
export interface ExpectedRouter {
  readonly version: VrrpVersion;
  readonly vrid: number;
}

/**
 * Passes the adverts of the expected virtual routers, or only all other packets. Looks at version, type and VRID.
 *
 * An IPv4 raw socket's packets begin with the IP header (raw(7)), an IPv6 one's with the message (RFC 3542 section 3).
 */
export function advertFilter(
  family: Family,
  expected: readonly ExpectedRouter[],
  pass: "expected" | "others",
): FilterInstruction[] {
  const firstOctets = new Set(
    expected.map(({ version, vrid }) => ((version << 4 | TYPE_ADVERTISEMENT) << 8) | vrid),
  );
  const others = pass === "others";
  return [
    family === "ipv4" ? loadIpv4HeaderLength(0) : loadIndex(0),
    loadLength(),
    subtractIndex(),
    // Too short to carry a VRID.
    jumpIfNotLess(2, 1, 0),
    end(others),
    loadIndexedHalf(0),
    ...endIfOneOf(firstOctets, !others),
    end(others),
  ];
}
