/**
 * Files and a log that take nothing for a while, as on a disk that does not answer or behind a reader that hangs.
 *
 * The file system is one of FUSE whose program is stopped: unlike with a frozen disk, whoever waits for it can be killed
 * still.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

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

  /** From now on nothing in it answers. */
  async stall(): Promise<void> {
    await this.#program.signal("SIGSTOP");
    await mustHang(this.#host, ["touch", `${StallingFolder.path}/probe`]);
  }

  async recover(): Promise<void> {
    await this.#program.signal("SIGCONT");
  }
}

/** A named pipe that a program's output goes to, and its reader. */
export class StallingPipe {
  static readonly path = "/run/lab/stalling.log";
  readonly #host: LabHost;
  readonly #reader: LabProcess;

  private constructor(host: LabHost, reader: LabProcess) {
    this.#host = host;
    this.#reader = reader;
  }

  /** Makes it on the host, with a reader that reads. */
  static async open(host: LabHost): Promise<StallingPipe> {
    const { path } = StallingPipe;
    await host.run(["mkfifo", path]);
    // Opened for writing too, so that it never comes to its end.
    return new StallingPipe(host, host.start("log reader", ["sh", "-c", 'cat <>"$0"', path]));
  }

  /** Stands before a command whose standard error is to go there. */
  static readonly before: readonly string[] = ["sh", "-c", 'exec "$@" 2>"$0"', StallingPipe.path];

  /** From now on nobody reads, and the pipe is full. */
  async stall(): Promise<void> {
    await this.#reader.signal("SIGSTOP");
    await mustHang(this.#host, ["dd", "if=/dev/zero", `of=${StallingPipe.path}`, "bs=4096"]);
  }

  async recover(): Promise<void> {
    await this.#reader.signal("SIGCONT");
  }
}

/** Runs a command that is to wait for ever; it is ended after a second. */
async function mustHang(host: LabHost, command: readonly string[]): Promise<void> {
  const { code } = await host.run(["timeout", "1s", ...command], { check: false });
  // timeout(1): it had to be ended.
  if (code !== 124) throw new LabError(`${command.join(" ")} does not hang, it ends with ${code}`);
}
