/**
 * Addresses that keepalived corrects or leaves out, because it cannot read them.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { canonicalIp } from "../../wire/address.ts";
import type { Report } from "../finding.ts";
import type { PartialAddress, PartialInstance } from "../partial.ts";

/** Octets of an address's label, IFNAMSIZ without its end. */
const LABEL_OCTETS = 15;

/** An address as keepalived takes it, and its finding; without an address it is left out. */
interface Taken {
  readonly entry?: PartialAddress;
  readonly finding?: readonly [message: string, remedy: string];
  /** True if vipd refuses it. */
  readonly refused?: boolean;
}

/**
 * The instances, with the addresses that keepalived would have; reports each that is another one. An instance of which
 * no address would be left keeps its own: nobody means that.
 */
export function withoutWrong(
  instances: readonly PartialInstance[],
  report: Report,
): PartialInstance[] {
  return instances.map((instance) => {
    const all = instance.addresses.map((entry) => ({ ...takenOf(entry), from: entry.statement }));
    const addresses = all.flatMap(({ entry }) => entry === undefined ? [] : [entry]);
    const some = all.some(({ refused }) => refused);
    if (addresses.length === 0 && !some) return instance;
    for (const { entry, finding, refused, from } of all) {
      if (finding === undefined) continue;
      const kind = refused ? "error" : entry === undefined ? "ignored" : "carried_differently";
      report.add(kind, from, ...finding);
    }
    return { ...instance, addresses };
  });
}

function takenOf(entry: PartialAddress): Taken {
  const [ip = "", length] = entry.address.split("/");
  if (canonicalIp(ip) === null) {
    const message = `${quote(ip)} is not an IP address, so keepalived leaves the line out`;
    return { finding: [message, "correct it, or remove the line"] };
  }
  if (new TextEncoder().encode(entry.label ?? "").length > LABEL_OCTETS) {
    const message =
      `its label has more than ${LABEL_OCTETS} octets, so keepalived leaves the address out`;
    return { finding: [message, "shorten the label"] };
  }
  if (/^0+$/.test(length ?? "")) {
    const message =
      "the prefix length 0 makes every address of its family a neighbour on the link, which vipd refuses";
    const remedy = "write the length of the network's prefix, such as /24, and import again";
    return { finding: [message, remedy], refused: true };
  }
  const bits = ip.includes(":") ? 128 : 32;
  const written = /^([1-9]\d{0,2})[^\d.].*$/s.exec(length ?? "")?.[1];
  if (written !== undefined && Number(written) <= bits) {
    const message = `${quote(length!)} is no prefix length; keepalived takes the ${written} of it`;
    const remedy = "remove what follows the number; each address stands in a line of its own";
    return { entry: { ...entry, address: `${ip}/${written}` }, finding: [message, remedy] };
  }
  const outside = /^\d+$/.test(length ?? "") && Number(length) > bits;
  if (!outside && !/^\d+(?:\.\d+){3}$/.test(length ?? "")) return { entry };
  const message = `${quote(length!)} is no prefix length, so keepalived takes ${bits}`;
  return {
    entry: { ...entry, address: `${ip}/${bits}` },
    finding: [message, "write the length of the network's prefix if that is meant, such as /24"],
  };
}
