/**
 * Entries of `unicast_peer`: `ADDRESS [min_ttl N] [max_ttl N]`, and the setting that they form together.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { PartialInstance, PartialPeer } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";

/** The peer of one line. */
export function readPeer(statement: Statement, report: Report): PartialPeer {
  let minTtl: number | undefined;
  for (let at = 0; at < statement.words.length; at += 2) {
    const [option = "", value = ""] = statement.words.slice(at, at + 2);
    if (option === "min_ttl" && /^\d{1,3}$/.test(value)) minTtl = Number(value);
    else {
      report.add(
        "not_carried",
        statement,
        `${quote(`${option} ${value}`.trim())} has no place in vipd`,
        option === "max_ttl" ? "there is nothing to do" : "correct it and import again",
      );
    }
  }
  return { address: statement.keyword, statement, ...(minTtl === undefined ? {} : { minTtl }) };
}

/** The value of `unicast`; without peers the instance is multicast, as in keepalived. */
export function resolveUnicast(
  { peers = [], unicastTtl }: PartialInstance,
  report: Report,
): Entry | undefined {
  const [first] = peers;
  if (!first) {
    if (unicastTtl) {
      const message = "without `unicast_peer` the adverts are multicast, with a TTL of 255";
      report.add("carried_differently", unicastTtl.statement, message, "there is nothing to do");
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
