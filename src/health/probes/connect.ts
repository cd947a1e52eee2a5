/**
 * TCP connections of the probes.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { type IpAddress, parseIp } from "../../wire/address.ts";

/**
 * Connects to `host` (address or name) and `port`; of a name with several addresses, to the first that accepts.
 *
 * @throws {Error} when no connection comes about, or `signal` aborts first. The system's resolver cannot be
 * stopped: after an abort the rejection may wait for its answer.
 */
export async function connectTo(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  let problem: unknown;
  for (const hostname of await addressesOf(host)) {
    signal.throwIfAborted();
    try {
      return await Deno.connect({ hostname, port, signal });
    } catch (error) {
      // Of several refusals the first says most: it is about the address that the system prefers.
      problem ??= error;
    }
  }
  throw problem;
}

/** At least one address. */
async function addressesOf(host: string): Promise<IpAddress[]> {
  if (parseIp(host)) return [host];
  // Both, whatever /etc/hosts says (RFC 6761 section 6.3): a server may listen on one of them only.
  if (host === "localhost") return ["127.0.0.1", "::1"];
  try {
    const found = await lookup(host, { all: true });
    if (found.length > 0) return found.map(({ address }) => address);
  } catch (error) {
    throw new Error(`cannot resolve ${host}`, { cause: error });
  }
  throw new Error(`cannot resolve ${host}`);
}
