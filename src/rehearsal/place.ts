/**
 * The addresses at which a node can ask its own nginx: a connection must end in this node's nginx, so it goes only to
 * an address that this machine has. One to a virtual address that is elsewhere would reach the node that has it.
 *
 * @module
 */

import type { NginxListen } from "../nginx/listen.ts";
import type { NginxServer } from "../nginx/servers.ts";

/** The facts about this machine that decide where its nginx answers. */
export interface OwnAddresses {
  /** All that its interfaces have at this moment, loopback too. */
  readonly addresses: readonly string[];
  /** The virtual addresses of its instances, wherever they are. */
  readonly virtual: readonly string[];
}

export type Place =
  | { readonly address: string; readonly port: number }
  | {
    readonly why: string;
    /** It would be asked at this address if this node had it. */
    readonly absent?: { readonly address: string; readonly port: number };
  }
  /** Nothing of nginx can answer there: the words say why. */
  | { readonly deaf: string };

const LOOPBACK = { "0.0.0.0": "127.0.0.1", "::": "::1" } as const;
/** The last octets of loopback addresses. */
const USABLE_LOOPBACK = Array.from({ length: 254 }, (_, index) => index + 1);
const USUAL_PORTS = [80, 443];

interface ListenOfServer {
  readonly server: NginxServer;
  readonly listen: NginxListen;
}

/** Answers for all listens of one configuration. */
export class Places {
  readonly #own: OwnAddresses;
  /** The listens at each address and port. At one that is here as a specific one, a wildcard takes nothing. */
  readonly #at: ReadonlyMap<string, readonly ListenOfServer[]>;

  constructor(servers: readonly NginxServer[], own: OwnAddresses) {
    this.#own = own;
    this.#at = Map.groupBy(
      servers.flatMap((server) => server.listens.map((listen) => ({ server, listen }))),
      ({ listen: { address, port } }) => `${address} ${port}`,
    );
  }

  /** Whether clients of the virtual addresses reach this one. */
  isVirtual({ address, port }: NginxListen): boolean {
    if (!isWildcard(address)) return address !== null && this.#own.virtual.includes(address);
    const family = this.#own.virtual.filter((virtual) => isV6(virtual) === (address === "::"));
    return family.some((virtual) => !this.#at.has(`${virtual} ${port}`));
  }

  /** Whether this one may be of a virtual address: nginx looks up whose name that is. */
  mayBeVirtual({ name }: NginxListen): boolean {
    return name !== null && name !== "localhost";
  }

  /** The place at which this node reaches the server in the same way as clients reach `listen`. */
  of(server: NginxServer, listen: NginxListen): Place {
    const { listens } = server;
    const alike = listens.filter(({ tls, proxyProtocol }) => tls === listen.tls && !proxyProtocol);
    const samePort = alike.filter(({ port }) => port === listen.port);
    for (const each of [...samePort, ...alike]) {
      const address = this.#reachable(each);
      if (address !== null) return { address, port: each.port };
    }
    const loopback = this.#freeLoopback(server, listen);
    const words = `listen ${loopback}:${listen.port}${listen.tls ? " ssl" : ""};`;
    const help = `with \`${words}\` in the same server it can be asked`;
    if (listen.proxyProtocol) {
      return { why: `it takes the PROXY protocol, which vipd does not speak: ${help}` };
    }
    const unreached = listen.name === null
      ? "which this node does not have now"
      : "a name, which vipd does not look up";
    return {
      why: `nginx listens for it on ${shown(listen)} only, ${unreached}: ${help}`,
      ...(listen.address !== null && !isWildcard(listen.address) &&
        { absent: { address: listen.address, port: listen.port } }),
    };
  }

  /**
   * The first loopback address at which a further listen of the server answers: nginx takes no address twice in a server,
   * and the words of one listen hold for all servers at its address.
   */
  #freeLoopback(server: NginxServer, { port, tls }: NginxListen): string {
    const isFree = (address: string) =>
      this.#at.get(`${address} ${port}`)?.every((other) =>
        other.server !== server && other.server.kind === server.kind &&
        other.listen.tls === tls && !other.listen.proxyProtocol
      ) ?? true;
    const host = USABLE_LOOPBACK.find((host) => isFree(`127.0.0.${host}`)) ?? 1;
    return `127.0.0.${host}`;
  }

  /** An address of this machine at which the server answers: loopback first, which both nodes have. */
  #reachable({ address, port }: NginxListen): string | null {
    if (address === null) return null;
    if (!isWildcard(address)) return this.#isHere(address) ? address : null;
    const loopback = LOOPBACK[address];
    if (!this.#at.has(`${loopback} ${port}`)) return loopback;
    return this.#own.addresses.find((own) =>
      isV6(own) === (address === "::") && !own.startsWith("fe80:") &&
      !this.#at.has(`${own} ${port}`)
    ) ?? null;
  }

  #isHere(address: string): boolean {
    return address.startsWith("127.") || this.#own.addresses.includes(address);
  }
}

/**
 * The place for a port if nginx's files do not say where it listens: where the machine does, `listening` as `ADDRESS PORT`,
 * `null` if that is not known either. Only the usual ports: the word of another node opens no other port of this machine.
 */
export function guessedPlace(
  port: number,
  { addresses }: OwnAddresses,
  listening: ReadonlySet<string> | null,
): Place {
  if (!USUAL_PORTS.includes(port)) {
    return {
      why: `nginx's files are not known, nor whether port ${port} is nginx's: vipd asks there if ` +
        "it may read them",
    };
  }
  if (listening === null) return { address: LOOPBACK["0.0.0.0"], port };
  const heard = Array.from(listening, (key) => key.split(" "))
    .flatMap(([address, at]) => Number(at) === port ? [address!] : []).sort();
  if (heard.length === 0) return { deaf: `nothing listens on port ${port}` };
  const here = heard.map((address) => isWildcard(address) ? LOOPBACK[address] : address)
    .find((address) => address.startsWith("127.") || addresses.includes(address));
  return here !== undefined ? { address: here, port } : {
    why:
      `nginx's files are not known, and this node does not have ${
        heard.join(" or ")
      } now, where it ` +
      `listens on port ${port}: if it listens on 127.0.0.1, too, it can be asked`,
  };
}

function isWildcard(address: string | null): address is keyof typeof LOOPBACK {
  return address === "0.0.0.0" || address === "::";
}

function isV6(address: string): boolean {
  return address.includes(":");
}

function shown({ address, name, port }: NginxListen): string {
  return address?.includes(":") ? `[${address}]:${port}` : `${address ?? name}:${port}`;
}
