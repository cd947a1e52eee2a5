/**
 * Tries whether another vipd would accept a certificate: with the same TLS, within this machine.
 *
 * @module
 */

export interface Served {
  /** The certificate and those that vouch for it, and its key, in PEM. */
  readonly cert: string;
  readonly key: string;
  /** The certificates that the other node will trust, in PEM. */
  readonly ca: string;
  /** The name or address by which it will ask. */
  readonly name: string;
}

/** The words of rustls, and their meaning. */
const REASONS = [
  [
    /CaUsedAsEndEntity/,
    "it may sign other certificates (CA:TRUE), so no client accepts it of a server",
  ],
  [/NotValidForName|not valid for name/, "it is not valid for NAME"],
  [/Expired|certificate expired/i, "it has expired"],
  [/NotValidYet|not valid yet/, "it is not valid yet"],
  [/UnknownIssuer/, "its file lacks the certificates that vouch for it"],
] as const;

/** Why a client that trusts `ca` would refuse the server; `null` if it would not. */
export async function servingProblem({ cert, key, ca, name }: Served): Promise<string | null> {
  let listener: Deno.TlsListener;
  try {
    listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  } catch (error) {
    return `it does not serve: ${messageOf(error)}`;
  }
  const serving = serveOne(listener);
  try {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    using conn = await Deno.startTls(tcp, { hostname: name, caCerts: [ca] });
    await conn.handshake();
    return null;
  } catch (error) {
    const message = messageOf(error);
    const known = REASONS.find(([pattern]) => pattern.test(message));
    return known?.[1].replace("NAME", name) ?? message;
  } finally {
    listener.close();
    await serving;
  }
}

async function serveOne(listener: Deno.TlsListener): Promise<void> {
  try {
    using conn = await listener.accept();
    await conn.handshake();
  } catch {
    // The client says why.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
