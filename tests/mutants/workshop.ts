/** A copy of the repository in which the breaks are, and the processes that run its tests. */

import { dirname, join } from "node:path";
import { Bench } from "./bench.ts";

/** Copies in a temporary folder with a cache of their own; nothing of them is left after {@link close}. */
export class Workshop {
  readonly #folder: string;
  readonly #benches = new Set<Bench>();
  #closing: Promise<void> | undefined;
  #copies = 0;
  #sockets = 0;

  constructor() {
    this.#folder = Deno.makeTempDirSync({ prefix: "vipd-mutants-" });
    // What is fetched is shared with everybody; what is made of these copies goes with them.
    const cache = join(this.#folder, "cache");
    Deno.mkdirSync(cache);
    Deno.mkdirSync(join(this.#folder, "tmp"));
    Deno.symlinkSync(join(sharedCache(), "npm"), join(cache, "npm"));
  }

  /** The folder of everything that this workshop makes. */
  get folder(): string {
    return this.#folder;
  }

  /** Copies the files of a repository, those too that are not committed yet; returns the folder. */
  copyOf(root: string): string {
    const copy = join(this.#folder, String(this.#copies++));
    for (const file of workingFiles(root)) {
      const target = join(copy, file);
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.copyFileSync(join(root, file), target);
    }
    return copy;
  }

  /**
   * Starts a process for the tests of a copy in which `count` breaks have a number.
   *
   * @param number the break that is there from the beginning; `null`: none
   */
  async startBench(copy: string, count: number, number: number | null): Promise<Bench> {
    if (this.#closing !== undefined) return await new Promise(() => {});
    const [cache, temporary] = [join(this.#folder, "cache"), join(this.#folder, "tmp")];
    const socket = join(this.#folder, `socket${this.#sockets++}`);
    const bench = await Bench.start({ copy, cache, temporary }, { socket, count, number });
    this.#benches.add(bench);
    bench.ended.then(() => this.#benches.delete(bench));
    return bench;
  }

  /** Ends what runs: what it was asked is never replied to. */
  async endAll(): Promise<void> {
    await Promise.all(Array.from(this.#benches, (bench) => bench.end()));
  }

  /** Ends what runs, and removes everything. */
  close(): Promise<void> {
    return this.#closing ??= this.#remove();
  }

  async #remove(): Promise<void> {
    await this.endAll();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The files of a repository as they are, without what git ignores. */
function workingFiles(root: string): string[] {
  const listed = new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).outputSync();
  if (!listed.success) throw new Error(new TextDecoder().decode(listed.stderr).trim());
  return new TextDecoder().decode(listed.stdout).split("\0")
    .filter((file) => file !== "" && isThere(join(root, file)));
}

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function sharedCache(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
