/**
 * Files and a log that accept nothing for a while, as on a disk that does not answer or with a reader that hangs.
 *
 * The file system uses FUSE, and its program is stopped. Unlike with a frozen disk, a process that waits for it can
 * still be killed.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { clockMs, waitFor } from "./wait.ts";

const BACKING = "/run/lab/stalling.files";

/** A folder that can be stalled (bindfs(1)). */
export class StallingFolder {
  static readonly path = "/run/lab/stalling";
  readonly #host: LabHost;
  readonly #program: LabProcess;

  private constructor(host: LabHost, program: LabProcess) {
    this.#host = host;
    this.#program = program;
  }

  /** Mounts it on the host; resolves when it can be used. */
  static async mount(host: LabHost): Promise<StallingFolder> {
    const { path } = StallingFolder;
    await host.run(["mkdir", "-p", path, BACKING]);
    // In the foreground and without caches: every write waits for the program.
    const program = host.start("bindfs", [
      ...["bindfs", "-f", "-o", "attr_timeout=0,entry_timeout=0"],
      ...[BACKING, path],
    ]);
    await waitFor(
      "the FUSE file system",
      async () => (await host.run(["mountpoint", "-q", path], { check: false })).code === 0,
      { timeoutMs: 5000, everyMs: 20, explain: () => program.lastLines.join("\n") },
    );
    return new StallingFolder(host, program);
  }

  /** When a file in it was last written, in milliseconds since the epoch; -Infinity if there is none. */
  async lastUsedMs(): Promise<number> {
    const find = ["find", BACKING, "-type", "f", "-printf", "%T@\\n"];
    const { stdout } = await this.#host.run(find);
    const seconds = stdout.split("\n").filter((line) => line !== "").map(Number);
    return seconds.length === 0 ? -Infinity : 1000 * Math.max(...seconds);
  }

  /** From now on nothing in it answers. */
  async stall(): Promise<void> {
    await this.#program.signal("SIGSTOP");
    await mustHang(this.#host, ["touch", `${StallingFolder.path}/probe`]);
  }

  async recover(): Promise<void> {
    await this.#program.signal("SIGCONT");
  }
}

/** A named pipe for a program's output, and its reader. */
export class StallingPipe {
  static readonly path = "/run/lab/stalling.log";
  readonly #host: LabHost;
  readonly #reader: LabProcess;
  #lastUsedMs = -Infinity;

  private constructor(host: LabHost, reader: LabProcess) {
    this.#host = host;
    this.#reader = reader;
    reader.onLine(() => this.#lastUsedMs = clockMs());
  }

  /** Makes it on the host, with a reader that reads. */
  static async open(host: LabHost): Promise<StallingPipe> {
    const { path } = StallingPipe;
    await host.run(["mkfifo", path]);
    // Opened for writing too, so that it never ends.
    return new StallingPipe(host, host.start("log reader", ["sh", "-c", 'cat <>"$0"', path]));
  }

  /** Put before a command to send its standard error there. */
  static readonly before: readonly string[] = ["sh", "-c", 'exec "$@" 2>"$0"', StallingPipe.path];

  /** When the reader last read a line, in milliseconds since the epoch; -Infinity if it has read none. */
  lastUsedMs(): Promise<number> {
    return Promise.resolve(this.#lastUsedMs);
  }

  /** From now on nobody reads, and the pipe is full. */
  async stall(): Promise<void> {
    await this.#reader.signal("SIGSTOP");
    await mustHang(this.#host, ["dd", "if=/dev/zero", `of=${StallingPipe.path}`, "bs=4096"]);
  }

  async recover(): Promise<void> {
    await this.#reader.signal("SIGCONT");
  }
}

/** Runs a command that should wait for ever; ends it after a second. */
async function mustHang(host: LabHost, command: readonly string[]): Promise<void> {
  const { code } = await host.run(["timeout", "1s", ...command], { check: false });
  // timeout(1) had to end it.
  if (code !== 124) throw new LabError(`${command.join(" ")} does not hang, it ends with ${code}`);
}
