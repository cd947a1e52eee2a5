/**
 * The servers of an nginx configuration: what they listen on, and for which names.
 *
 * @module
 */

import { type NginxListen, readListen } from "./listen.ts";
import { readServerNames, type ServerName } from "./server_name.ts";
import type { Directive } from "./syntax.ts";

export interface NginxServer {
  /** HTTP, or connections that are forwarded (ngx_stream_core_module). */
  readonly kind: "http" | "stream";
  readonly names: readonly ServerName[];
  readonly listens: readonly NginxListen[];
  /** Files of certificates and what belongs to them, such as keys, as far as they are named without a variable. */
  readonly certificates: readonly string[];
  /** `ssl_protocols`; empty if nginx decides. */
  readonly protocols: readonly string[];
  /** It may choose where a connection goes by the name in the client's TLS handshake (ngx_stream_ssl_preread_module). */
  readonly preread: boolean;
  /** Its place. */
  readonly file: string;
  readonly line: number;
}

const USUAL_PORT = 80;
/** The directives that name files which nginx reads when it starts. */
const TLS_FILES = [
  "ssl_certificate",
  "ssl_certificate_key",
  "ssl_trusted_certificate",
  "ssl_crl",
  "ssl_dhparam",
] as const;
/** A server takes these from outside if it has none of its own. */
const INHERITED = ["ssl", "ssl_protocols", "ssl_preread", ...TLS_FILES] as const;
type Inherited = (typeof INHERITED)[number];

/** All servers of `http` and `stream`, in the order of the files. */
export function serversOf(directives: readonly Directive[], prefix: string): NginxServer[] {
  return (["http", "stream"] as const).flatMap((kind) =>
    withSharedSockets(
      blocksOf(directives, kind).flatMap(({ block }) => {
        const outer = new Map(INHERITED.map((name) => [name, argsOf(block ?? [], name)]));
        return blocksOf(block ?? [], "server").map((server) =>
          readServer(kind, server, outer, prefix)
        );
      }),
    )
  );
}

/**
 * nginx opens one socket for an address and a port. The words of one `listen` about it hold for every server there:
 * `ngx_http_add_addresses`.
 */
function withSharedSockets(servers: readonly NginxServer[]): NginxServer[] {
  const sockets = new Map<string, Pick<NginxListen, "tls" | "proxyProtocol" | "bothFamilies">>();
  const keyOf = ({ address, port }: NginxListen) => `${address} ${port}`;
  for (const listen of servers.flatMap(({ listens }) => listens)) {
    // Two names may be two addresses.
    if (listen.address === null) continue;
    const { tls, proxyProtocol, bothFamilies } = listen;
    const others = sockets.get(keyOf(listen));
    sockets.set(keyOf(listen), {
      tls: tls || others?.tls === true,
      proxyProtocol: proxyProtocol || others?.proxyProtocol === true,
      bothFamilies: bothFamilies || others?.bothFamilies === true,
    });
  }
  return servers.map((server) => ({
    ...server,
    listens: server.listens.flatMap((own) => {
      const listen = { ...own, ...sockets.get(keyOf(own)) };
      const addsFamily = listen.bothFamilies && !own.bothFamilies;
      return addsFamily
        ? [listen, { ...listen, address: "0.0.0.0", bothFamilies: false }]
        : [listen];
    }),
  }));
}

function readServer(
  kind: NginxServer["kind"],
  { block, file, line }: Directive,
  outer: ReadonlyMap<Inherited, readonly (readonly string[])[]>,
  prefix: string,
): NginxServer {
  const own = block ?? [];
  const inherited = (name: Inherited) => {
    const there = argsOf(own, name);
    return there.length > 0 ? there : outer.get(name) ?? [];
  };
  const written = argsOf(own, "listen");
  const listens = (written.length === 0 && kind === "http" ? [[`${USUAL_PORT}`]] : written)
    .flatMap((args) => readListen(args, USUAL_PORT));
  // Until nginx 1.25 `ssl on` was a way to say it for all of them.
  const allTls = inherited("ssl").at(-1)?.[0] === "on";
  return {
    kind,
    names: argsOf(own, "server_name").flatMap(readServerNames),
    listens: allTls ? listens.map((listen) => ({ ...listen, tls: true })) : listens,
    // Without a certificate nginx reads none of the others: `ngx_http_ssl_merge_srv_conf`.
    certificates: inherited("ssl_certificate").length === 0
      ? []
      : TLS_FILES.flatMap(inherited).flatMap(([path = ""]) =>
        path === "" || path.includes("$") || path.includes(":")
          ? []
          : [path.startsWith("/") ? path : `${prefix}/${path}`]
      ),
    protocols: inherited("ssl_protocols").at(-1) ?? [],
    preread: inherited("ssl_preread").at(-1)?.[0] === "on",
    file,
    line,
  };
}

function argsOf(directives: readonly Directive[], name: string): (readonly string[])[] {
  return directives.filter((directive) => directive.name === name).map(({ args }) => args);
}

function blocksOf(directives: readonly Directive[], name: string): Directive[] {
  return directives.filter((directive) => directive.name === name && directive.block !== null);
}
