/**
 * Entries of `unicast_peer`: `ADDRESS [min_ttl N] [max_ttl N]`, and the setting that they form together.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { canonicalIp } from "../../wire/address.ts";
import type { Entry } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { PartialInstance, PartialPeer } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";

/** The peer of one line. */
export function readPeer(statement: Statement, report: Report): PartialPeer {
  let minTtl: number | undefined;
  for (let at = 0; at < statement.words.length; at += 2) {
    const [option = "", value = ""] = statement.words.slice(at, at + 2);
    if (option === "min_ttl" && /^\d{1,3}$/.test(value)) minTtl = Number(value);
    else if (option === "max_ttl") {
      const message = `${quote(`${option} ${value}`.trim())} has no place in vipd`;
      report.add("not_carried", statement, message, NOTHING_TO_DO);
    } else {
      const message = `${
        quote(`${option} ${value}`.trim())
      } is no option of a peer; it has no effect`;
      report.add("ignored", statement, message, "check its spelling; one peer a line");
    }
  }
  const address = withoutMask(statement.keyword, statement, report);
  return { address, statement, ...(minTtl === undefined ? {} : { minTtl }) };
}

/** The address without a prefix length, which keepalived cuts off too. */
export function withoutMask(text: string, statement: Statement, report: Report): string {
  const [address = "", length] = text.split("/");
  if (length === undefined) return text;
  const message = `${quote(`/${length}`)} has no meaning here; the address is ${address}`;
  report.add("ignored", statement, message, NOTHING_TO_DO);
  return address;
}

/** The value of `unicast`; without peers the instance is multicast, as in keepalived. */
export function resolveUnicast(
  { peers: written = [], sourceAddress, unicastTtl }: PartialInstance,
  report: Report,
): Entry | undefined {
  const peers = readable(written, report).filter(({ address, statement }) => {
    if (address !== sourceAddress?.value) return true;
    const message = "it is this node's own address, which hears nothing of itself";
    report.add("carried_differently", statement, `${message}; it is left out`, NOTHING_TO_DO);
    return false;
  });
  const [first] = peers;
  if (!first) {
    if (unicastTtl) {
      const message = "without `unicast_peer` the adverts are multicast, with a TTL of 255";
      report.add("carried_differently", unicastTtl.statement, message, NOTHING_TO_DO);
    }
    return undefined;
  }
  const minTtl = Math.min(...peers.map((peer) => peer.minTtl ?? 1));
  for (const peer of peers) {
    if ((peer.minTtl ?? 1) <= minTtl) continue;
    report.add(
      "carried_differently",
      peer.statement,
      `vipd has one \`min_ttl\` for all peers, the lowest of them: ${minTtl}`,
      "write `min_ttl` in the result if the higher one fits all peers",
    );
  }
  const value = {
    peers: peers.map(({ address }) => address),
    ...(unicastTtl ? { ttl: unicastTtl.value } : {}),
    ...(minTtl > 1 ? { min_ttl: minTtl } : {}),
  };
  return { value, statement: first.statement };
}

/** The peers that keepalived can read. Without any it would be multicast, which nobody means. */
function readable(peers: readonly PartialPeer[], report: Report): PartialPeer[] {
  const known = peers.filter(({ address }) => canonicalIp(address) !== null);
  const kind = known.length > 0 ? "ignored" : "error";
  for (const { address, statement } of peers) {
    if (canonicalIp(address) !== null) continue;
    const message = `${quote(address)} is not an IP address, so keepalived leaves the peer out`;
    report.add(kind, statement, message, "write the address of the other node, one a line");
  }
  return known;
}
