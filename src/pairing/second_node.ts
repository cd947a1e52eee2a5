/**
 * The second node's end of a pairing: reaches the node that the line names, and nobody else.
 *
 * First it learns the certificate there without trusting it, and compares its fingerprint. Then it connects again, such
 * that only a node that has the key of that certificate can answer. The secret itself is never sent.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { untilAborted } from "../runtime/waiting.ts";
import { pemFrom } from "./certificates.ts";
import { PairChannel, PairingEnded } from "./channel.ts";
import { SESSION_NAME } from "./first_node.ts";
import { hostPort, type PairLine } from "./pair_line.ts";

/** How long the other node may take for a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000;

/** The way to the first node. */
export interface Reached {
  readonly channel: PairChannel;
  /** This machine's address towards it. */
  readonly localAddress: string;
}

/** Connects to the node of the line. Throws {@link PairingEnded} if that is not the one that answers. */
export async function reachFirstNode(line: PairLine): Promise<Reached> {
  const where = hostPort(line.host, line.port);
  const signal = AbortSignal.timeout(CONNECT_LIMIT_MS);
  try {
    const der = await untilAborted(shownCertificate(line), signal);
    const shown = createHash("sha256").update(der).digest();
    if (!timingSafeEqual(shown, line.fingerprint)) {
      throw new PairingEnded(
        `who answers at ${where} is not the node that printed the line: somebody is between the ` +
          "two, or vipd pair was started again there. Nothing was sent",
      );
    }
    const conn = await untilAborted(verifiedConnection(line, pemFrom(der)), signal);
    const localAddress = (conn.localAddr as Deno.NetAddr).hostname;
    return { channel: new PairChannel(conn, where), localAddress };
  } catch (error) {
    if (error instanceof PairingEnded) throw error;
    throw new PairingEnded(unreachable(where, error, signal.aborted));
  }
}

/** The certificate at the address of the line, in DER, of whom it may be. */
function shownCertificate({ host, port }: PairLine): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false }, () => {
      const raw = socket.getPeerCertificate()?.raw;
      socket.destroy();
      if (raw) resolve(new Uint8Array(raw));
      else reject(new Error("it shows no certificate"));
    });
    socket.on("error", reject);
  });
}

/** A connection to the node that has the key of this certificate. */
async function verifiedConnection(
  { host, port }: PairLine,
  certificate: string,
): Promise<Deno.TlsConn> {
  const tcp = await Deno.connect({ hostname: host, port });
  const conn = await Deno.startTls(tcp, { hostname: SESSION_NAME, caCerts: [certificate] });
  await conn.handshake();
  return conn;
}

function unreachable(where: string, error: unknown, late: boolean): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (late) {
    return `${where} does not answer within ${
      CONNECT_LIMIT_MS / 1000
    } s: the firewalls between the ` +
      "nodes must let this TCP port pass";
  }
  if (/ECONNREFUSED|os error 111/.test(reason)) {
    return `nobody listens at ${where}: vipd pair must still wait there, and its line is good once`;
  }
  return `cannot reach ${where}: ${reason}`;
}
