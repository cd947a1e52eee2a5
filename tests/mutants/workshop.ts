/** A copy of the repository in which one file at a time is broken and tested. */

import { dirname, join } from "node:path";
import { longestThreadWaitMs } from "../../lab/starvation.ts";
import type { TestCall } from "./rooms.ts";
import { broken, type Site } from "./sites.ts";

/** What came of a break: a test failed, the tests did not end, or nothing noticed. */
export type Outcome = "failed" | "endless" | "survived";

/**
 * How long one call of `deno test` may take at all, for tests that wait for what never comes. The time in which a busy
 * machine kept it from running does not count. What it may compute is bounded closer.
 */
const WALL_LIMIT_MS = 10 * 60_000;

/** How much longer a call may take that has waited so long for a processor, in milliseconds; 0 or less: it is over. */
export function leftMs(elapsedMs: number, waitedMs: number): number {
  return WALL_LIMIT_MS - (elapsedMs - waitedMs);
}

/** Copies in a temporary folder with a cache of their own; nothing of them is left after {@link close}. */
export class Workshop {
  readonly #folder: string;
  readonly #running = new Set<Deno.ChildProcess>();
  #closing: Promise<void> | undefined;
  #copies = 0;

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

  /** Copies the files of a repository, those too that are not committed yet. */
  copyOf(root: string): Bench {
    const copy = join(this.#folder, String(this.#copies++));
    for (const file of workingFiles(root)) {
      const target = join(copy, file);
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.copyFileSync(join(root, file), target);
    }
    return new Bench(copy, (call) => this.#call(copy, call));
  }

  /** Ends what runs, which then never has an outcome, and removes everything. */
  close(): Promise<void> {
    return this.#closing ??= this.#remove();
  }

  async #remove(): Promise<void> {
    const running = [...this.#running];
    for (const child of running) end(child);
    await Promise.all(running.map((child) => child.status));
    await Deno.remove(this.#folder, { recursive: true });
  }

  /**
   * Runs test files, which are stopped at the first failure. All are imported by one: what they import is then loaded
   * once, and not once for each of them, which is most of the time.
   */
  async #call(copy: string, { tests, cpuLimitS }: TestCall): Promise<Outcome> {
    const all = join(copy, "all_tests.ts");
    Deno.writeTextFileSync(all, tests.map((test) => `import "./${test}";\n`).join(""));
    const options = ["-A", "--no-check", "--fail-fast", "--v8-flags=--max-old-space-size=1024"];
    const child = new Deno.Command("sh", {
      args: [
        ...["-c", `ulimit -t ${cpuLimitS}; exec "$@"`, "sh"],
        ...[Deno.execPath(), "test", ...options, all],
      ],
      cwd: copy,
      env: {
        DENO_DIR: join(this.#folder, "cache"),
        TMPDIR: join(this.#folder, "tmp"),
        NO_COLOR: "1",
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#running.add(child);
    const startMs = performance.now();
    let late = false;
    let limit: ReturnType<typeof setTimeout>;
    const waitOn = (ms: number) => {
      limit = setTimeout(() => {
        const moreMs = leftMs(performance.now() - startMs, longestThreadWaitMs(child.pid));
        if (moreMs > 0) return waitOn(moreMs);
        late = true;
        end(child);
      }, ms);
    };
    waitOn(WALL_LIMIT_MS);
    const { success, signal } = await child.status;
    clearTimeout(limit!);
    this.#running.delete(child);
    if (this.#closing) return await new Promise(() => {});
    if (success) return "survived";
    return late || signal === "SIGXCPU" || signal === "SIGKILL" ? "endless" : "failed";
  }
}

/** One copy; it is as the repository is whenever no break is tried. */
export class Bench {
  readonly root: string;
  readonly #call: (call: TestCall) => Promise<Outcome>;

  constructor(root: string, call: (call: TestCall) => Promise<Outcome>) {
    this.root = root;
    this.#call = call;
  }

  /** Runs tests, one call after the other, until something is noticed. */
  async test(calls: readonly TestCall[]): Promise<Outcome> {
    for (const call of calls.filter(({ tests }) => tests.length > 0)) {
      const outcome = await this.#call(call);
      if (outcome !== "survived") return outcome;
    }
    return "survived";
  }

  /** What the tests say while this site is broken. */
  async try(site: Site, calls: readonly TestCall[]): Promise<Outcome> {
    const path = join(this.root, site.file);
    const whole = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, broken(whole, site));
    try {
      return await this.test(calls);
    } finally {
      Deno.writeTextFileSync(path, whole);
    }
  }
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself just now.
    if (!(error instanceof TypeError)) throw error;
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
