/**
 * Refuses requests whose Host header names something else than this API. A page of a foreign site can make a browser
 * resolve that site's name to 127.0.0.1 (DNS rebinding) and then read what is open on loopback. Its requests still
 * carry the foreign name.
 *
 * @module
 */

import type { ListenAddress } from "../config/model.ts";
import { isRemote } from "../config/values/values.ts";
import { familyOf } from "../wire/address.ts";
import { Problem } from "./problem.ts";

/** Names that always mean this machine. */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** An address as a URL writes it: IPv6 in brackets (RFC 3986 section 3.2.2). */
export function urlHost(address: string): string {
  return familyOf(address) === "ipv6" ? `[${address}]` : address;
}

/** Whether a request came through a reverse proxy: its Host header has a name of `api.hosts`. */
export function isProxied(host: string, hosts: readonly string[]): boolean {
  return hosts.includes(host.toLowerCase().replace(/:443$/, ""));
}

/**
 * Throws the problem `host_refused` unless `host` (of the Host header, with or without port) names the listener that
 * took the request, or one of the reverse proxies that `hosts` names. Two kinds of listeners accept any name: unix sockets, because browsers do not reach them, and
 * listeners that other machines reach, because they have names that vipd does not know and need a token for reading.
 */
export function checkHost(
  host: string,
  listener: ListenAddress,
  hosts: readonly string[] = [],
): void {
  if (isProxied(host, hosts)) return;
  if (listener.kind === "unix" || isRemote(listener)) return;
  const names = [...LOOPBACK_NAMES, urlHost(listener.host)];
  const asked = host.toLowerCase();
  if (names.some((name) => asked === name || asked === `${name}:${listener.port}`)) return;
  throw new Problem(
    "host_refused",
    `This API does not answer for ${JSON.stringify(host.slice(0, 100))}; ` +
      `ask http://${
        urlHost(listener.host)
      }:${listener.port}, or name a reverse proxy's host in api.hosts`,
  );
}

/**
 * Throws the problem `origin_refused` if a browser sends the request for a page of another site (RFC 6454). A browser
 * may send some without asking first, with its credentials for this machine.
 *
 * @param origin the Origin header: `null`, or scheme, host and port as a browser writes them (section 6.2). Anything
 * else, such as one with a user's name, comes from no page of this API.
 */
export function checkOrigin(
  origin: string | undefined,
  host: string,
  listener: ListenAddress,
  hosts: readonly string[] = [],
): void {
  if (origin === undefined || ownOrigins(host.toLowerCase(), listener, hosts).includes(origin)) {
    return;
  }
  throw new Problem(
    "origin_refused",
    `Pages of ${JSON.stringify(origin.slice(0, 100))} may not use this API from a browser`,
  );
}

/**
 * The origins of the page that a browser got under this name. Through a proxy of `hosts` the page came over TLS, whatever
 * its X-Forwarded headers say: anyone can send those.
 */
function ownOrigins(host: string, listener: ListenAddress, hosts: readonly string[]): string[] {
  if (isProxied(host, hosts)) return [`https://${host.replace(/:443$/, "")}`];
  const encrypted = listener.kind === "tcp" && listener.tls !== undefined;
  return encrypted ? [`https://${host}`] : [`http://${host}`, `https://${host}`];
}
