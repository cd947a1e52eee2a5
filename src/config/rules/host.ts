/**
 * Rules about what a master adds to its host: options of addresses, routes, policy rules.
 *
 * @module
 */

import { routingIdentity } from "../../vip/routing.ts";
import { type Family, familyOf, type IpAddress } from "../../wire/address.ts";
import type { PartialInstance, Placed } from "../partial.ts";
import { toRoute, toRule } from "../build/to_routing.ts";
import type { Path } from "../path.ts";
import type { RouteValues, RuleValues } from "../schema/host.ts";
import { broadcastAddress } from "../values/host_values.ts";
import { errorAt, type Finding, pathText } from "../findings.ts";

/** Place of the rule that looks up the main table (ip-rule(8)). */
const MAIN_PRIORITY = 32_766;

/** All findings about one instance's addresses, routes and rules on the host. */
export function hostFindings(instance: PartialInstance): Finding[] {
  const { family } = instance;
  return [
    ...instance.addresses.flatMap(addressRules),
    ...(family ? instance.routes.flatMap((route) => routeRules(route, family)) : []),
    ...(family ? instance.rules.flatMap((rule) => ruleRules(rule, family)) : []),
    ...duplicateRules(instance, family ?? "ipv4"),
  ];
}

function addressRules({ path, value }: PartialInstance["addresses"][number]): Finding[] {
  const { address, scope, broadcast } = value;
  if (familyOf(address.address) === "ipv6") {
    return (["scope", "broadcast"] as const).filter((key) => value[key] !== undefined).map((key) =>
      errorAt(
        [...path, key],
        "ipv4_option",
        `an IPv6 address has no ${key} of one's own choice`,
        `remove \`${key}\``,
      )
    );
  }
  if (broadcast === "auto" && broadcastAddress(address) === null) {
    return [errorAt(
      [...path, "broadcast"],
      "invalid_broadcast",
      `a network /${address.prefixLength} has no broadcast address`,
      "remove `broadcast`, or write the network's prefix length with the address",
    )];
  }
  if (broadcast !== undefined && broadcast !== "none" && scope === "host") {
    return [errorAt(
      [...path, "broadcast"],
      "invalid_broadcast",
      "an address of scope host is on no network",
      "remove `broadcast`",
    )];
  }
  return [];
}

function routeRules({ path, value }: Placed<RouteValues>, family: Family): Finding[] {
  const gateways = (value.next_hops ?? []).map(({ via }) => via);
  const own = ownFamily([value.to?.address, value.via, value.source, ...gateways], family);
  if (own === null) return [mixed(path, "route")];
  const wrong = wayRules(path, value);
  if (wrong.length > 0) return wrong;
  if (own === "ipv6" && value.tos !== undefined) {
    return [errorAt(
      [...path, "tos"],
      "ipv4_option",
      "an IPv6 route has no type of service",
      "remove `tos`",
    )];
  }
  if (own === "ipv6" && value.scope !== undefined) {
    return [errorAt(
      [...path, "scope"],
      "ipv4_option",
      "an IPv6 route has no scope",
      "remove `scope`",
    )];
  }
  return [];
}

/** A route has one way: a gateway or an interface, several next hops, or none because its packets go nowhere. */
function wayRules(path: Path, value: RouteValues): Finding[] {
  const { type, via, device, source, next_hops: nextHops, on_link: onLink } = value;
  const wrong = (key: string, message: string, hint: string) => [
    errorAt([...path, key], "invalid_route", message, hint),
  ];
  const way = Object.entries({ via, device, source, next_hops: nextHops, on_link: onLink });
  const said = way.find(([, each]) => each !== undefined);
  if (type !== "unicast" && said) {
    return wrong(said[0], `packets of a ${type} route go no way`, `remove \`${said[0]}\``);
  }
  if (onLink && via === undefined) {
    return wrong("on_link", "there is no gateway that could be on the link", "write `via`");
  }
  if (nextHops === undefined) return [];
  if (nextHops.length < 2) {
    const hint = "write `via` and `device` at the route itself";
    return wrong("next_hops", "one next hop shares nothing", hint);
  }
  const other = via !== undefined ? "via" : device !== undefined ? "device" : null;
  if (other === null) return [];
  return wrong(other, "the next hops say the way already", `remove \`${other}\``);
}

function ruleRules({ path, value }: Placed<RuleValues>, family: Family): Finding[] {
  if (ownFamily([value.from?.address, value.to?.address], family) === null) {
    return [mixed(path, "rule")];
  }
  const selects = [value.from, value.to, value.fwmark, value.iif, value.oif]
    .some((selector) => selector !== undefined);
  // Below the main table it sees what that has no route for.
  if (selects || value.priority > MAIN_PRIORITY) return [];
  return [errorAt(
    path,
    "invalid_rule",
    "it matches every packet of this machine",
    "say which ones: `from: 192.168.31.5`, or `to`, `fwmark`, `iif`, `oif`",
  )];
}

/** The family of these addresses, `fallback` where there is none; `null` when they are of two. */
function ownFamily(
  addresses: readonly (IpAddress | undefined)[],
  fallback: Family,
): Family | null {
  const families = new Set(
    addresses.flatMap((address) => address === undefined ? [] : [familyOf(address)]),
  );
  return families.size > 1 ? null : [...families][0] ?? fallback;
}

function mixed(path: Path, what: string): Finding {
  return errorAt(
    path,
    "mixed_families",
    `a ${what} has addresses of both IPv4 and IPv6`,
    `write two ${what}s, one a family`,
  );
}

function duplicateRules(instance: PartialInstance, family: Family): Finding[] {
  const entries = [
    ...instance.routes.map(({ path, value }) => ({ path, entry: toRoute(value, family, "") })),
    ...instance.rules.map(({ path, value }) => ({ path, entry: toRule(value, family) })),
  ];
  const seen = new Map<string, Path>();
  return entries.flatMap(({ path, entry }) => {
    const first = seen.get(routingIdentity(entry));
    if (!first) seen.set(routingIdentity(entry), path);
    return first
      ? [errorAt(
        path,
        "duplicate_route",
        `${pathText(first)} is the same to the kernel`,
        entry.kind === "route"
          ? "remove one of the two, or give it another metric or table"
          : "remove one of the two",
      )]
      : [];
  });
}
