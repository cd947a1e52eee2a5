/**
 * Serves the API on all its addresses, and changes them while it runs.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Hono } from "hono";
import { urlHost } from "../../api/host_check.ts";
import { formatListenAddress } from "../../api/listen_address.ts";
import type { ListenAddress } from "../../config/model.ts";
import type { ApiBindings } from "./api_bindings.ts";
import type { ConnectionContext, Handler, UnixUser } from "./connection.ts";
import { Connections } from "./connections.ts";
import type { Endpoint } from "./http1/request_target.ts";
import { HttpListener } from "./http_listener.ts";
import { commandLimits, descriptorLimit, type HttpLimits, httpLimits } from "./limits.ts";
import {
  ApiListenError,
  isSamePlace,
  type OpenListener,
  openListener,
  reopenListener,
  tryCertificate,
} from "./listener.ts";
import type { Shutdown } from "./socket.ts";
import { RequestTurns } from "./request_turns.ts";
import { removeSocket } from "./unix_socket.ts";

export { ApiListenError } from "./listener.ts";

/** How long running requests may take to end at close, in milliseconds. */
const CLOSE_GRACE_MS = 1000;

export interface ApiServerOptions {
  /** The limits for clients; by default those for the usual limit of descriptors. */
  readonly limits?: HttpLimits;
  /**
   * Ends a connection in the kernel. Without it, a connection whose client neither reads nor completes its TLS
   * handshake may keep its descriptor.
   */
  readonly shutdown?: Shutdown;
  /** The user at the other end of a unix socket; without it all clients of one count together. */
  readonly unixUser?: (conn: Deno.Conn) => UnixUser | null;
  /** Called if connections cannot be accepted, with the reason; with `null` if they can again. */
  readonly problem?: (text: string | null) => void;
  /** Called with an exception of the app, which is a defect; by default it is an uncaught error. */
  readonly failed?: (error: unknown) => void;
}

/** Listeners that are open in addition to those in use. */
export interface PreparedServer {
  /** Why it does not listen everywhere, each problem with its remedy. */
  readonly problems: readonly string[];
  commit(): void;
}

interface Listener {
  /** As the configuration names it. */
  readonly key: string;
  readonly address: ListenAddress;
  readonly http: HttpListener;
}

export class ApiServer {
  readonly #app: Hono<{ Bindings: ApiBindings }>;
  readonly #options: ApiServerOptions;
  readonly #limits: HttpLimits;
  readonly #connections: Connections;
  /** The connections of the socket that vipd's own commands use. */
  readonly #ofCommands: Connections;
  readonly #turns = new RequestTurns();
  #listeners: readonly Listener[] = [];
  /** Listeners that are closed while their last requests still run. */
  readonly #closing = new Set<Promise<void>>();
  /** Listeners that cannot accept connections now, with the reason. */
  readonly #troubled = new Map<HttpListener, string>();

  constructor(app: Hono<{ Bindings: ApiBindings }>, options: ApiServerOptions = {}) {
    this.#app = app;
    this.#options = options;
    this.#limits = options.limits ?? httpLimits(descriptorLimit(null));
    this.#connections = new Connections(this.#limits);
    this.#ofCommands = new Connections(commandLimits(this.#limits));
  }

  /** The addresses that it listens on; the kernel's port has replaced port 0 of the configuration. */
  get addresses(): readonly ListenAddress[] {
    return this.#listeners.map(({ address }) => address);
  }

  /**
   * Opens the new ones of these addresses. It does not touch those that stay; it reopens one with another certificate
   * in its place. `commit` closes the others, after their running requests. Throws {@link ApiListenError} for the first
   * that fails; then the same addresses are open as before.
   *
   * @param inForce the addresses in force: a problem of one of these goes into the result, and refuses nothing
   */
  async prepare(
    addresses: readonly ListenAddress[],
    inForce: readonly ListenAddress[] = [],
  ): Promise<PreparedServer> {
    const opened: Listener[] = [];
    const displaced: Listener[] = [];
    const next: Listener[] = [];
    const problems: string[] = [];
    try {
      for (const address of addresses) {
        const key = JSON.stringify(address);
        const open = this.#listeners.find((listener) => listener.key === key);
        if (open) {
          next.push(open);
          continue;
        }
        try {
          tryCertificate(address);
          const before = this.#listeners.find((other) => isSamePlace(other.address, address));
          if (before) {
            await this.#close(before);
            displaced.push(before);
          }
          const begin = before ? reopenListener : openListener;
          opened.push(this.#serve(key, await begin(address)));
          next.push(opened.at(-1)!);
        } catch (error) {
          if (!isOldTrouble(error, address, inForce)) throw error;
          problems.push(error.message);
        }
      }
    } catch (error) {
      for (const listener of opened) await this.#close(listener);
      for (const before of displaced) await this.#reopen(before);
      throw error;
    }
    return { problems, commit: () => this.#replace(next) };
  }

  /** Ends all listeners, waits shortly for running requests, removes unix sockets. */
  async close(): Promise<void> {
    this.#replace([]);
    await Promise.all(this.#closing);
  }

  #serve(key: string, { address, listener }: OpenListener): Listener {
    const { shutdown = () => {}, unixUser = () => null, failed = reportError } = this.#options;
    const forCommands = address.kind === "unix" && address.forCommands;
    const context: ConnectionContext = {
      limits: this.#limits,
      connections: forCommands ? this.#ofCommands : this.#connections,
      turns: this.#turns,
      endpoint: endpointOf(address),
      handler: this.#handler(address),
      shutdown,
      unixUser,
      failed,
    };
    const http: HttpListener = new HttpListener(
      listener,
      context,
      (why) => this.#setTrouble(http, address, why),
    );
    return { key, address, http };
  }

  #handler(listener: ListenAddress): Handler {
    return (request, { address, uid, isOwner, trusted, hasGone }) => {
      const client = address === undefined ? {} : { client: address };
      const user = { ...(uid !== undefined && { uid }), ...(isOwner && { isOwner }) };
      return this.#app.fetch(request, { listener, trusted, hasGone, ...client, ...user });
    };
  }

  #setTrouble(http: HttpListener, address: ListenAddress, why: string | null): void {
    if (why === null) this.#troubled.delete(http);
    else this.#troubled.set(http, troubleText(address, why));
    this.#options.problem?.(this.#troubled.values().next().value ?? null);
  }

  /** If another process has taken the address meanwhile, the listener stays closed. */
  async #reopen(listener: Listener): Promise<void> {
    const again = await reopenListener(listener.address).then(
      (open) => [this.#serve(listener.key, open)],
      () => [],
    );
    this.#listeners = this.#listeners.flatMap((other) => other === listener ? again : [other]);
  }

  #replace(next: readonly Listener[]): void {
    for (const listener of this.#listeners.filter((old) => !next.includes(old))) {
      // A socket that cannot be removed now is removed when its place is needed again.
      const closing = this.#close(listener).catch(() => {}).finally(() =>
        this.#closing.delete(closing)
      );
      this.#closing.add(closing);
    }
    this.#listeners = next;
  }

  /** Frees the address at once, unless that is done already; running requests get some time. */
  async #close({ http, address }: Listener): Promise<void> {
    if (!http.stop()) return;
    const drained = http.drain(CLOSE_GRACE_MS).finally(() => this.#closing.delete(drained));
    this.#closing.add(drained);
    if (address.kind === "unix") await removeSocket(address.path);
  }
}

/**
 * Whether an address has a problem that it may have had before: with the address itself, or with the same certificate.
 */
function isOldTrouble(
  error: unknown,
  address: ListenAddress,
  inForce: readonly ListenAddress[],
): error is ApiListenError {
  if (!(error instanceof ApiListenError)) return false;
  const isSame = error.about === "place" ? isSamePlace : isDeepStrictEqual;
  return inForce.some((known) => isSame(known, address));
}

function endpointOf(address: ListenAddress): Endpoint {
  if (address.kind === "unix") return { scheme: "http", authority: "localhost" };
  const { host, port, tls } = address;
  return { scheme: tls ? "https" : "http", authority: `${urlHost(host)}:${port}` };
}

function troubleText(address: ListenAddress, why: string): string {
  return `the API cannot take connections on ${formatListenAddress(address)}: ${why}; ` +
    "it tries again: see what holds the descriptors with: ls -l /proc/PID/fd, " +
    "or raise LimitNOFILE= of its unit";
}
