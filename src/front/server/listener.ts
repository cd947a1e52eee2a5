/**
 * Opens the API's listeners: TCP, with TLS if it is configured, and unix sockets.
 *
 * @module
 */

import { formatListenAddress } from "../../api/listen_address.ts";
import type { ListenAddress } from "../../config/model.ts";
import { listenUnix, SocketPlaceError } from "./unix_socket.ts";

/** How long an address that was just closed may still be taken, and how often to retry, in milliseconds. */
const GIVEN_UP_MS = 2000;
const RETRY_MS = 5;

/**
 * Connections that the kernel queues until they are accepted. A client that finds the queue full tries again a second
 * later (tcp_syn_retries in tcp(7)), and longer after that.
 */
const BACKLOG = 1024;

/** An address that the API cannot listen on; the message has the remedy. */
export class ApiListenError extends Error {
  override readonly name = "ApiListenError";
  /** Whether the certificate is the problem, or the address itself. */
  readonly about: "certificate" | "place";

  constructor(message: string, about: "certificate" | "place", options?: ErrorOptions) {
    super(message, options);
    this.about = about;
  }
}

/** An open listener and its address; the kernel's port has replaced port 0. */
export interface OpenListener {
  readonly address: ListenAddress;
  readonly listener: Deno.Listener;
}

/** Whether only one of both can be open. */
export function isSamePlace(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === "unix" || b.kind === "unix") {
    return a.kind === "unix" && b.kind === "unix" && a.path === b.path;
  }
  return a.host === b.host && a.port === b.port;
}

/** Throws {@link ApiListenError} for an unusable certificate and key, before the server closes a listener for them. */
export function tryCertificate(address: ListenAddress): void {
  if (address.kind === "unix" || !address.tls) return;
  if ("problem" in address.tls) throw listenError(address, "certificate", address.tls.problem);
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...address.tls }).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const why = `certificate and key do not serve: ${reason}; see whether they belong together`;
    throw listenError(address, "certificate", why);
  }
}

/** Listens at an address. Throws {@link ApiListenError}. */
export async function openListener(address: ListenAddress): Promise<OpenListener> {
  try {
    if (address.kind === "unix") {
      return { address, listener: await listenUnix(address.path, address.mode) };
    }
    const { host: hostname, port, tls } = address;
    if (tls && "problem" in tls) throw new Error(tls.problem);
    const place = { hostname, port, tcpBacklog: BACKLOG };
    // Without this offer of HTTP/2, no client uses it.
    const listener = tls
      ? Deno.listenTls({ ...place, ...tls, alpnProtocols: ["http/1.1"] })
      : Deno.listen(place);
    return { address: { ...address, port: listener.addr.port }, listener };
  } catch (error) {
    throw listenError(address, "place", listenFailure(error, address), error);
  }
}

/**
 * Listens on an address whose listener was just closed. A program that is being started holds the socket too, from
 * fork(2) to execve(2).
 */
export async function reopenListener(address: ListenAddress): Promise<OpenListener> {
  const untilMs = performance.now() + GIVEN_UP_MS;
  while (true) {
    try {
      return await openListener(address);
    } catch (error) {
      const taken = error instanceof ApiListenError &&
        error.cause instanceof Deno.errors.AddrInUse;
      if (!taken || performance.now() >= untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function listenError(
  address: ListenAddress,
  about: ApiListenError["about"],
  why: string,
  cause?: unknown,
): ApiListenError {
  const place = formatListenAddress(address);
  return new ApiListenError(`the API cannot listen on ${place}: ${why}`, about, { cause });
}

function listenFailure(error: unknown, address: ListenAddress): string {
  if (error instanceof SocketPlaceError) return error.message;
  if (error instanceof Deno.errors.AddrInUse && address.kind === "tcp") {
    return `the port is in use; see by whom with: ss -ltnp 'sport = :${address.port}', ` +
      "or choose another in api.listen";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have the address; choose another in api.listen";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; run as root or choose another place in api.listen";
  }
  return error instanceof Error ? error.message : String(error);
}
