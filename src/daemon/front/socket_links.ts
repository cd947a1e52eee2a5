/**
 * Links to the front's unix sockets, from the places where the configuration and the command line look for them.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import type { SocketLink } from "./front_settings.ts";

/** How long a stop waits for the links, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

export class SocketLinks {
  readonly #failed: (why: string) => void;
  readonly #made = new Set<string>();
  /** Work in sequence. */
  #work: Promise<void> = Promise.resolve();

  /** `failed` gets the reason for a link that cannot be made. */
  constructor(failed: (why: string) => void) {
    this.#failed = failed;
  }

  /** Adds these links into the front's folder to the existing ones; resolves when they exist. */
  add(links: readonly SocketLink[], folder: string): Promise<void> {
    return this.#work = this.#work.then(async () => {
      for (const { path, name } of links) {
        const turn = await threadPool.run("file", () => makeLink(path, join(folder, name)));
        const problem = turn.ok
          ? turn.value
          : `${path} cannot be made: too much waits for the disk`;
        if (problem === null) this.#made.add(path);
        else this.#failed(problem);
      }
    });
  }

  /** Removes all links except these. */
  retain(links: readonly SocketLink[]): void {
    this.#work = this.#work.then(async () => {
      const kept = links.map(({ path }) => path);
      for (const path of this.#made) {
        if (kept.includes(path)) continue;
        await threadPool.run("file", () => removeLink(path));
        this.#made.delete(path);
      }
    });
  }

  async close(): Promise<void> {
    this.retain([]);
    await atMost(this.#work, CLOSE_LIMIT_MS, undefined);
  }
}

/** Why it cannot be made, or `null`. It replaces a link and a dead socket of an earlier vipd, and nothing else. */
async function makeLink(path: string, target: string): Promise<string | null> {
  const temporary = `${path}.new`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const found = await Deno.lstat(path).catch(() => null);
    if (found !== null && !found.isSymlink && !found.isSocket) {
      return `${path} is not a socket: move it away`;
    }
    if (found?.isSocket && await answers(path)) {
      return `another program answers at ${path}: see which with ss -lxp src ${path}`;
    }
    await Deno.remove(temporary).catch(() => {});
    await Deno.symlink(target, temporary);
    await Deno.rename(temporary, path);
    return null;
  } catch (error) {
    return `${path} cannot be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}

async function removeLink(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => null);
  if (found?.isSymlink) await Deno.remove(path).catch(() => {});
}
