/**
 * A configuration against the addresses that this machine has of its own: as virtual addresses, as unicast peers, as
 * sources of adverts. A configuration may be written before or elsewhere: a doubt is a warning.
 *
 * @module
 */

import { type AddressedInterface, ownPlaceOf } from "../../vip/addresses.ts";
import type { IpAddress } from "../../wire/address.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Config, ListenAddress } from "../model.ts";
import { errorAt, type Finding, warningAt } from "../findings.ts";
import type { Path } from "../path.ts";
import { loopbackAddresses, urlAddress } from "../values/peer_url.ts";
import { ambiguityText, ambiguousSources } from "../values/source_address.ts";

/** An address with the interface that has it. */
type CarriedAddress = Pick<Deno.NetworkInterfaceInfo, "name" | "address">;

/** The addresses of an interface of this machine; none of one that it does not have. */
export type AddressesOf = (interfaceName: string) => readonly IpAddress[];

/** The addresses that this machine has now: read once, because hundreds of instances may be on one interface. */
export function addressesNow(all: readonly CarriedAddress[] = carried()): AddressesOf {
  const byInterface = Map.groupBy(all, ({ name }) => name);
  return (interfaceName) => byInterface.get(interfaceName)?.map(({ address }) => address) ?? [];
}

/** All addresses of this machine. */
export function allAddresses(): IpAddress[] {
  return carried().map(({ address }) => address);
}

function carried(): readonly CarriedAddress[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    // A warning less.
    return [];
  }
}

/** True if one of these addresses is a virtual one, of whatever program. */
export function someVirtual(
  { instances }: Pick<Config, "instances">,
  addresses: readonly IpAddress[],
): boolean {
  const present = new Set(addresses);
  return instances.some((instance) =>
    instance.addresses.some(({ address }) => present.has(address))
  );
}

/**
 * One warning for each instance whose virtual addresses this machine has of its own, unless it is their owner (RFC 9568
 * section 8.3.1): it answers for them next to the master.
 */
export function ownAddressFindings(
  { instances }: Config,
  interfaces: readonly AddressedInterface[],
): Finding[] {
  return instances.flatMap(({ priority, addresses }, index) => {
    if (priority === PRIORITY_OWNER) return [];
    const own = addresses.flatMap((virtual, at) => {
      const place = ownPlaceOf(virtual, interfaces);
      return place === null ? [] : [{ ...place, at, address: virtual.address }];
    });
    const [first] = own;
    if (!first) return [];
    const { address, device, prefixLength, at } = first;
    const what = own.length === 1
      ? `${address} is this machine's own address on ${device}`
      : `${address} and ${own.length - 1} more are this machine's own addresses on ${device}`;
    return [warningAt(
      ["instances", index, "addresses", at],
      "own_address",
      `${what}, not added by vipd: it answers as backup, too`,
      `remove it (ip address del ${address}/${prefixLength} dev ${device}) and take it out of the ` +
        "network's configuration, or make this node the owner with priority 255",
    )];
  });
}

/**
 * One error for each unicast peer that is an address of the machine whose configuration it is: adverts to it reach
 * nobody. The configuration of another machine gets none.
 *
 * @param hostname the machine's, up to its first dot
 */
export function ownPeerFindings(
  { node, instances }: Pick<Config, "node" | "instances">,
  hostname: string,
  addressesOf: AddressesOf,
): Finding[] {
  if (node !== hostname) return [];
  return instances.flatMap(({ interface: name, unicast }, instance) => {
    const peers: readonly IpAddress[] = unicast?.peers ?? [];
    const own = peers.length === 0 ? [] : addressesOf(name);
    return peers.flatMap((peer, index) =>
      own.includes(peer)
        ? [errorAt(
          ["instances", instance, "unicast", "peers", index],
          "invalid_peer",
          `${peer} is this node's own address`,
          "write the address that the other node always has",
        )]
        : []
    );
  });
}

/**
 * One finding for each URL of `peers` that is on this machine: an error if `api.listen` is there, else a warning, because
 * a tunnel may begin there. Another port of a loopback address is nothing but a tunnel, and no finding. A virtual address
 * is a warning.
 *
 * @param hostname the machine's; the configuration of another machine is judged by what it says of itself alone
 * @param addresses the machine's
 */
export function ownUrlFindings(
  config: Pick<Config, "node" | "api" | "instances" | "peers">,
  hostname: string,
  addresses: readonly IpAddress[],
): Finding[] {
  const isHere = config.node === hostname.split(".")[0];
  // A virtual address is on this machine for a while.
  const here = isHere ? addresses.filter((address) => !someVirtual(config, [address])) : [];
  return config.peers.flatMap(({ url }, index) => {
    const path = ["peers", index, "url"];
    const severity = ownUrlSeverity(url, config.api.listen, here, isHere ? hostname : null);
    if (severity === null) return virtualUrlFindings(config, url, path);
    const [message, hint] = severity === "error"
      ? [`${url} is this node's own API`, "write the URL of the other node's API"]
      : [
        `${url} is on this machine`,
        "write the URL of the other node's API, unless a tunnel to it begins here",
      ];
    const finding = severity === "error" ? errorAt : warningAt;
    return [finding(path, "own_peer_url", message, hint)];
  });
}

/** A warning, because earlier versions have accepted such a URL. */
function virtualUrlFindings(
  config: Pick<Config, "instances">,
  url: string,
  path: Path,
): Finding[] {
  const address = urlAddress(url);
  if (address === null || !someVirtual(config, [address])) return [];
  return [warningAt(
    path,
    "own_peer_url",
    `${address} is a virtual address: on the master, ${url} is this node's own API`,
    "write the address that the other node always has",
  )];
}

function ownUrlSeverity(
  url: string,
  listen: readonly ListenAddress[],
  here: readonly IpAddress[],
  hostname: string | null,
): Finding["severity"] | null {
  if (url.startsWith("unix:")) {
    const isOwn = listen.some((own) => own.kind === "unix" && url === `unix:${own.path}`);
    return isOwn ? "error" : null;
  }
  const { hostname: host, port, protocol } = new URL(url);
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  const tcp = listen.flatMap((own) => own.kind === "tcp" && own.port === number ? [own.host] : []);
  const address = urlAddress(url);
  const loopback: readonly string[] = loopbackAddresses(host);
  const meant = address === null ? loopback : [address];
  const isOwn = loopback.length > 0 || host === hostname?.toLowerCase() ||
    meant.some((one) => here.some((own) => own === one));
  if (meant.some((one) => tcp.some((own) => own === one))) return "error";
  if (!isOwn) return null;
  const everywhere = meant.length === 0 ||
    meant.some((one) => tcp.some((own) => own === (one.includes(":") ? "::" : "0.0.0.0")));
  if (everywhere && tcp.length > 0) return "error";
  return loopback.length === 0 || tcp.length > 0 ? "warning" : null;
}

/** One warning for each instance whose unicast adverts could come from several addresses of its interface. */
export function sourceFindings({ instances }: Config, addressesOf: AddressesOf): Finding[] {
  const virtual = new Set(
    instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  );
  return instances.flatMap((instance, index) => {
    const own = addressesOf(instance.interface);
    const possible = ambiguousSources(instance, own, (address) => virtual.has(address));
    if (possible.length === 0) return [];
    return [warningAt(
      ["instances", index, "unicast"],
      "source_ambiguous",
      ambiguityText(instance.interface, possible),
      `write \`source_address: ${possible[0]}\`, or the one that the peers name`,
    )];
  });
}
