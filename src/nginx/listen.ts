/**
 * The `listen` directive (ngx_http_core_module, ngx_stream_core_module).
 *
 * @module
 */

import { canonicalIp } from "../wire/address.ts";
import { type Directive, parseText } from "./syntax.ts";

/** One address and port that nginx serves. */
export interface NginxListen {
  /** `0.0.0.0` and `::` are all addresses of their family; `null` for a name. */
  readonly address: string | null;
  /** The name of which nginx looks up the address itself. */
  readonly name: string | null;
  readonly port: number;
  readonly tls: boolean;
  /** It answers only a client that sends the PROXY protocol first. */
  readonly proxyProtocol: boolean;
  /** A socket of all IPv6 addresses that takes IPv4 too. */
  readonly bothFamilies: boolean;
  readonly defaultServer: boolean;
}

/** Of a range of ports, so many are looked at. */
const MAX_PORTS = 16;
const USUAL_PORT = 80;
const OF_UDP: ReadonlySet<string> = new Set(["quic", "udp"]);

/**
 * The addresses and ports of one directive; none for a unix socket and for UDP, which no client of a virtual address asks by TCP.
 */
export function readListen(args: readonly string[], usualPort: number): NginxListen[] {
  const [place = "", ...words] = args;
  if (place.startsWith("unix:") || words.some((word) => OF_UDP.has(word))) return [];
  const found = /^(?:(\[[^\]]*\]|[^:[\]]+):)?(\d+)(?:-(\d+))?$/.exec(place);
  const [host, first, last] = found === null
    ? [place, usualPort, usualPort]
    : [found[1] ?? "*", Number(found[2]), Number(found[3] ?? found[2])];
  const bothFamilies = words.includes("ipv6only=off");
  const flags = {
    tls: words.includes("ssl"),
    proxyProtocol: words.includes("proxy_protocol"),
    defaultServer: words.includes("default_server") || words.includes("default"),
  };
  const count = Math.min(MAX_PORTS, Math.max(0, last - first + 1));
  const addresses = addressesOf(host, bothFamilies);
  return Array.from({ length: count }, (_, index) => first + index)
    .filter((port) => port >= 1 && port <= 65535)
    .flatMap((port) =>
      addresses.map((address) => ({
        ...{ address, name: address === null ? host : null, port, ...flags },
        bothFamilies: bothFamilies && address === "::",
      }))
    );
}

/**
 * The addresses and ports of all servers in the output of `nginx -T`, those of UDP as well; `0.0.0.0` and `::` are all
 * addresses of their family. None for unix sockets and names.
 */
export function listenersIn(text: string): { address: string; port: number }[] {
  return directivesIn(parseText(text, "nginx -T").directives)
    .filter(({ name }) => name === "listen")
    .flatMap(({ args }) => readListen(args.filter((word) => !OF_UDP.has(word)), USUAL_PORT))
    .flatMap(({ address, port }) => address === null ? [] : [{ address, port }]);
}

function directivesIn(directives: readonly Directive[]): Directive[] {
  return directives.flatMap((each) => [each, ...directivesIn(each.block ?? [])]);
}

/** A socket of `[::]` takes IPv4 as well only with `ipv6only=off`. */
function addressesOf(host: string, bothFamilies: boolean): (string | null)[] {
  if (host === "*") return ["0.0.0.0"];
  const address = canonicalIp(host.replace(/^\[|\]$/g, ""));
  return address === "::" && bothFamilies ? ["::", "0.0.0.0"] : [address];
}
