/**
 * Rules about how adverts travel: the family, the source address, the unicast peers.
 *
 * @module
 */

import { type Family, familyOf, type IpAddress, isIpv6LinkLocal } from "../../wire/address.ts";
import type { PartialInstance } from "../partial.ts";
import { errorAt, type Finding, pathText, warningAt } from "../findings.ts";

/** All findings about the transport of one instance. */
export function transportFindings(instance: PartialInstance): Finding[] {
  const { family } = instance;
  if (family === undefined) return [];
  return [
    ...(family === "ipv6" ? ipv6Rules(instance) : []),
    ...sourceRules(instance, family),
    ...peerRules(instance, family),
    ...groupRules(instance, family),
  ];
}

function ipv6Rules({ path, values, addresses }: PartialInstance): Finding[] {
  const findings: Finding[] = [];
  if (values.version === 2) {
    findings.push(errorAt(
      [...path, "version"],
      "ipv6_version",
      "VRRP version 2 has no IPv6",
      "write `version: 3`, on both nodes",
    ));
  }
  // RFC 9568 section 5.2.9; receivers discard anything else (erratum 8300).
  const first = addresses.find(({ value }) => value.advertise);
  if (first && !isIpv6LinkLocal(first.value.address.address)) {
    findings.push(warningAt(
      first.path,
      "ipv6_first_address",
      `${first.value.address.address} is not link-local, as the first IPv6 address must be: routers that follow ` +
        "RFC 9568 discard the adverts",
      "put one before it that both nodes share and no other machine has, such as fe80::5/64",
    ));
  }
  return findings;
}

function sourceRules(instance: PartialInstance, family: Family): Finding[] {
  const source = instance.values.source_address;
  if (source === undefined) return [];
  const at = [...instance.path, "source_address"];
  if (familyOf(source) !== family) return [wrongFamily(at, source, family)];
  if (isVirtual(instance, source)) {
    return [errorAt(
      at,
      "source_is_virtual",
      `${source} is one of the virtual addresses`,
      "write the address that this node always has",
    )];
  }
  // RFC 9568 section 5.1.2.1.
  if (family === "ipv6" && instance.values.unicast === undefined && !isIpv6LinkLocal(source)) {
    return [errorAt(
      at,
      "source_not_link_local",
      `${source} is not link-local, as the source of multicast adverts must be`,
      "write the interface's fe80:: address, or leave `source_address` away",
    )];
  }
  return [];
}

function peerRules(instance: PartialInstance, family: Family): Finding[] {
  const peers = instance.values.unicast?.peers ?? [];
  return peers.flatMap((peer, index): Finding[] => {
    const list = [...instance.path, "unicast", "peers"];
    const at = [...list, index];
    const earlier = peers.indexOf(peer);
    if (earlier < index) {
      const message = `${pathText([...list, earlier])} is the same`;
      return [errorAt(at, "duplicate_peer", message, "remove one of the two")];
    }
    if (familyOf(peer) !== family) return [wrongFamily(at, peer, family)];
    if (!isVirtual(instance, peer) && peer !== instance.values.source_address) return [];
    return [errorAt(
      at,
      "invalid_peer",
      peer === instance.values.source_address
        ? `${peer} is this node's own address`
        : `${peer} is one of the virtual addresses`,
      "write the address that the other node always has",
    )];
  });
}

function groupRules({ path, values }: PartialInstance, family: Family): Finding[] {
  const { multicast_group: group, unicast } = values;
  if (group === undefined) return [];
  const at = [...path, "multicast_group"];
  if (familyOf(group) !== family) return [wrongFamily(at, group, family)];
  if (unicast === undefined) return [];
  const message = "adverts go to the peers of `unicast`, not to a group";
  return [errorAt(at, "invalid_multicast_group", message, "remove one of the two")];
}

function isVirtual({ addresses }: PartialInstance, address: IpAddress): boolean {
  return addresses.some(({ value }) => value.address.address === address);
}

function wrongFamily(path: Finding["path"], address: IpAddress, family: Family): Finding {
  const name = family === "ipv4" ? "IPv4" : "IPv6";
  return errorAt(
    path,
    "wrong_family",
    `${address} is not ${name}, as the virtual addresses are`,
    `write an ${name} address`,
  );
}
