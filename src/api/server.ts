/**
 * Serves the API on TCP, with TLS where it is configured, and on unix sockets.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Hono } from "hono";
import type { ListenAddress } from "../config/model.ts";
import type { ApiBindings } from "./app.ts";
import { formatListenAddress } from "./listen_address.ts";

/** Owner and group may talk to a unix socket. */
const SOCKET_MODE = 0o660;
/** How long running requests may take to end at close, in milliseconds. */
const CLOSE_GRACE_MS = 1000;
/** How long a place that was given up may still be taken, and how often it is tried, in milliseconds. */
const GIVEN_UP_MS = 2000;
const RETRY_MS = 5;

/** An address that the API cannot listen on; the message has the remedy. */
export class ApiListenError extends Error {
  override readonly name = "ApiListenError";
}

interface Listener {
  /** As the configuration names it. */
  readonly key: string;
  readonly address: ListenAddress;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Is told why connections are not accepted; `null` when they are again. */
  readonly problem?: (text: string | null) => void;
  /** Shuts a connection down that its own close would leave open, shutdown(2). */
  readonly shutdown?: (connection: Deno.Conn) => void;
}

/** Listens on every address or on none: throws {@link ApiListenError} for the first that fails. */
export async function serveApi(
  addresses: readonly ListenAddress[],
  app: Hono<{ Bindings: ApiBindings }>,
): Promise<ApiServer> {
  const server = new ApiServer(app);
  (await server.prepare(addresses)).commit();
  return server;
}

export class ApiServer {
  readonly #app: Hono<{ Bindings: ApiBindings }>;
  #listeners: readonly Listener[] = [];
  /** Listeners that a reload has closed and whose last requests still run. */
  readonly #closing = new Set<Promise<void>>();

  constructor(app: Hono<{ Bindings: ApiBindings }>, _options: ServerOptions = {}) {
    this.#app = app;
  }

  /** Where it listens; port 0 of the configuration is the port that was given. */
  get addresses(): readonly ListenAddress[] {
    return this.#listeners.map(({ address }) => address);
  }

  /**
   * Opens what is new of these addresses; those that stay are not touched, and one with another certificate is opened
   * anew in its place. `commit` closes the others, after their running requests. Throws {@link ApiListenError} for
   * the first that fails; then all is as before.
   */
  async prepare(addresses: readonly ListenAddress[]): Promise<{ commit(): void }> {
    const opened: Listener[] = [];
    const displaced: Listener[] = [];
    const next: Listener[] = [];
    try {
      for (const address of addresses) {
        const key = JSON.stringify(address);
        const open = this.#listeners.find((listener) => listener.key === key);
        if (!open) {
          tryCertificate(address);
          const before = this.#listeners.find((other) => samePlace(other.address, address));
          await before?.close();
          if (before) displaced.push(before);
          const begin = before ? listenAgain : listen;
          opened.push({ key, ...await begin(address, this.#app) });
        }
        next.push(open ?? opened.at(-1)!);
      }
    } catch (error) {
      await Promise.all(opened.map((listener) => listener.close()));
      for (const before of displaced) await this.#reopen(before);
      throw error;
    }
    return { commit: () => this.#replace(next) };
  }

  async #reopen(listener: Listener): Promise<void> {
    const { key, address } = listener;
    const again = { key, ...await listenAgain(address, this.#app) };
    this.#listeners = this.#listeners.map((other) => other === listener ? again : other);
  }

  /** Ends all listeners, waits shortly for running requests, removes unix sockets. */
  async close(): Promise<void> {
    this.#replace([]);
    await Promise.all(this.#closing);
  }

  #replace(next: readonly Listener[]): void {
    for (const listener of this.#listeners.filter((old) => !next.includes(old))) {
      // A socket that cannot be removed now is removed when its place is needed again.
      const closing = listener.close().catch(() => {}).finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    this.#listeners = next;
  }
}

type OpenListener = Omit<Listener, "key">;

function samePlace(a: ListenAddress, b: ListenAddress): boolean {
  return a.kind === "tcp" && b.kind === "tcp" && a.host === b.host && a.port === b.port;
}

/** Throws {@link ApiListenError} for a certificate and key that do not serve, before a listener is given up for them. */
function tryCertificate(address: ListenAddress): void {
  if (address.kind === "unix" || !address.tls) return;
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...address.tls }).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiListenError(
      `the API cannot listen on ${
        formatListenAddress(address)
      }: certificate and key do not serve: ${reason}; ` +
        "see whether they belong together",
    );
  }
}

async function listen(
  address: ListenAddress,
  app: Hono<{ Bindings: ApiBindings }>,
): Promise<OpenListener> {
  try {
    return address.kind === "unix" ? await listenUnix(address, app) : listenTcp(address, app);
  } catch (error) {
    if (error instanceof ApiListenError) throw error;
    throw new ApiListenError(
      `the API cannot listen on ${formatListenAddress(address)}: ${listenFailure(error, address)}`,
      { cause: error },
    );
  }
}

/**
 * Listens where a listener was just closed: a program that is being started holds the socket too, from fork(2) to
 * execve(2).
 */
async function listenAgain(
  address: ListenAddress,
  app: Hono<{ Bindings: ApiBindings }>,
): Promise<OpenListener> {
  const untilMs = performance.now() + GIVEN_UP_MS;
  while (true) {
    try {
      return await listen(address, app);
    } catch (error) {
      const taken = error instanceof ApiListenError &&
        error.cause instanceof Deno.errors.AddrInUse;
      if (!taken || performance.now() >= untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function listenFailure(error: unknown, address: ListenAddress): string {
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

function listenTcp(
  wanted: Extract<ListenAddress, { kind: "tcp" }>,
  app: Hono<{ Bindings: ApiBindings }>,
): OpenListener {
  const { host, port, tls } = wanted;
  const bindings: { listener: ListenAddress } = { listener: wanted };
  const server = Deno.serve(
    { hostname: host, port, onListen: () => {}, ...tls },
    (request, { remoteAddr: { hostname } }) =>
      app.fetch(request, { ...bindings, client: hostname }),
  );
  const address: ListenAddress = { ...wanted, port: server.addr.port };
  bindings.listener = address;
  return { address, close: () => closeServer(server) };
}

async function listenUnix(
  address: Extract<ListenAddress, { kind: "unix" }>,
  app: Hono<{ Bindings: ApiBindings }>,
): Promise<OpenListener> {
  const { path, mode = SOCKET_MODE } = address;
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await removeStaleSocket(path);
  const server = Deno.serve(
    { path, onListen: () => {} },
    (request) => app.fetch(request, { listener: address }),
  );
  await Deno.chmod(path, mode);
  return {
    address,
    close: async () => {
      await closeServer(server);
      await removeIfThere(path);
    },
  };
}

/** Removes a socket that an earlier run left behind; throws when somebody answers or it is something else. */
async function removeStaleSocket(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!info.isSocket) {
    throw new ApiListenError(
      `the API cannot listen on ${path}: there is something that is not a socket; move it away`,
    );
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await removeIfThere(path);
    return;
  }
  throw new ApiListenError(
    `the API cannot listen on ${path}: another program answers there; ` +
      `see which with: ss -lxp src ${path}, or choose another path in api.listen`,
  );
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A connection that is still open after the grace ends with the process; no handler runs for longer than its body may take. */
async function closeServer(server: Deno.HttpServer): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_GRACE_MS);
  server.unref();
  await Promise.race([server.shutdown(), late]);
  clearTimeout(timer);
}
