/**
 * Publishes the addresses of the running daemon's API in its run directory. So a command that reads a configuration
 * with another `api.listen`, which is not in force yet, still finds the daemon.
 *
 * @module
 */

import { join } from "node:path";
import { type ApiTarget, formatTarget, parseTarget } from "../../api/exchange.ts";
import { formatListenAddress } from "../../api/listen_address.ts";
import type { ListenPlace } from "../../config/model.ts";
import { isRemote } from "../../config/values/values.ts";
import { readRegular } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import { replaceFile } from "./fresh_file.ts";
import { API_SOCKET } from "./run_dir.ts";

const FILE = "api";
/** More than all addresses that a daemon listens on, in octets. */
const MAX_OCTETS = 64 * 1024;

/** An address of this machine accepts at once, in milliseconds. */
const CONNECT_LIMIT_MS = 1000;

/** How long a stop waits for the file, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

export class ApiAddresses {
  readonly #path: string;
  readonly #failed: (why: string) => void;
  /** Work in sequence. */
  #work: Promise<void> = Promise.resolve();

  /** `failed` gets the reason if the file cannot be written. */
  constructor(runDir: string, failed: (why: string) => void) {
    this.#path = join(runDir, FILE);
    this.#failed = failed;
  }

  publish(addresses: readonly ListenPlace[]): void {
    const text = localFirst(addresses).map((address) => `${formatTarget(targetOf(address))}\n`);
    this.#work = this.#work.then(() => this.#onThread(() => this.#write(text.join(""))));
  }

  /** Nothing listens any more. */
  async close(): Promise<void> {
    const work = this.#work.then(() => this.#onThread(() => Deno.remove(this.#path)));
    await atMost(work.catch(() => {}), CLOSE_LIMIT_MS, undefined);
  }

  async #onThread(operation: () => Promise<void>): Promise<void> {
    const turn = await threadPool.run("file", operation);
    if (!turn.ok) this.#failed("too many files wait to be written");
  }

  async #write(text: string): Promise<void> {
    try {
      await replaceFile(this.#path, text, 0o644);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }
}

/** The socket on which the commands of this machine reach the daemon with this run directory. */
export function localSocket(runDir: string): ApiTarget & { readonly kind: "unix" } {
  return { kind: "unix", path: join(runDir, API_SOCKET) };
}

/** The addresses that the daemon with this run directory has published. */
export async function publishedTargets(runDir: string): Promise<ApiTarget[]> {
  const text = await readRegular(join(runDir, FILE), MAX_OCTETS).catch(() => "");
  return text.split("\n").map(parseTarget).filter((target) => target !== null);
}

/** Addresses that only this machine reaches come first, because they need no certificate. */
export function localFirst<P extends ListenPlace>(addresses: readonly P[]): P[] {
  return [
    ...addresses.filter((address) => !isRemote(address)),
    ...addresses.filter((address) => isRemote(address)),
  ];
}

/** The target for a listen address of this machine's daemon. */
export function targetOf(address: ListenPlace): ApiTarget {
  return address.kind === "unix"
    ? address
    : { kind: "http", url: formatListenAddress({ ...address, host: reachable(address.host) }) };
}

/** An address to connect to, also for a listener on all addresses. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** Whether a process listens there; if that is not known within a second, the request itself will show it. */
export function isListening(target: ApiTarget): Promise<boolean> {
  return atMost(accepts(target), CONNECT_LIMIT_MS, true);
}

async function accepts(target: ApiTarget): Promise<boolean> {
  try {
    using _connection = await connect(target);
    return true;
  } catch (error) {
    // Other errors, such as a missing permission, mean that a process listens.
    return !(error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.NotFound);
  }
}

function connect(target: ApiTarget): Promise<Deno.Conn> {
  if (target.kind === "unix") return Deno.connect({ transport: "unix", path: target.path });
  const { hostname, port, protocol } = new URL(target.url);
  return Deno.connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (protocol === "https:" ? 443 : 80)),
  });
}
