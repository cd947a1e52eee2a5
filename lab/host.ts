/**
 * A host of the lab: its own network, mounts, processes and name, made of Linux namespaces.
 *
 * One process holds the namespaces: `cat`, which waits for the end of its input. That input is a pipe from this
 * program. When this program ends, however it ends, the kernel closes the pipe and `cat` ends. Because `cat` is the
 * first process of its PID namespace, the kernel then kills every other process in it; the interfaces go with the last
 * of them. Nothing has a name in the file system, so nothing can stay there (namespaces(7), pid_namespaces(7)).
 *
 * @module
 */

import { LabError } from "./error.ts";
import { LabProcess, lines, sendSignal } from "./process.ts";

/** Set to the lab's name in the environment of every process of a lab. */
export const MARKER = "VIPD_LAB";

/** Makes the host from inside, prints its process id as the outside sees it, then waits for the end of input. */
const HOLD = `
set -e
read -r pid rest </proc/self/stat
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /run/lock /run/lab
hostname "$0"
ip link set lo up
# Duplicate address detection would keep IPv6 addresses from use for a second.
echo 0 2>/dev/null >/proc/sys/net/ipv6/conf/default/accept_dad || :
echo "$pid"
# The first process inherits every orphan; while it ignores SIGCHLD the kernel clears them away (wait(2)).
exec env --ignore-signal=CHLD cat >/dev/null
`;

const NETWORK = ["--net"];
const WHOLE = ["--net", "--mount", "--uts", "--pid"];

/** The options for making a host. */
export interface LabHostOptions {
  readonly name: string;
  /** The lab's name, for {@link MARKER}. */
  readonly lab: string;
  /** The host whose user namespace this one shares; the lab's first host has none. */
  readonly within: LabHost | null;
}

/** A finished command. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  /** A code other than 0 is an error. @default {true} */
  readonly check?: boolean;
  /** Enters only the host's network: the command sees this program's files and process ids. @default {false} */
  readonly network?: boolean;
}

/** A running lab host; disposing of it ends everything in it. */
export class LabHost implements AsyncDisposable {
  readonly name: string;
  /** Process id of the host's first process. */
  readonly pid: number;
  /** Whether the lab has its own user namespace, which it needs if root did not start it. */
  readonly unprivileged: boolean;
  readonly #holder: Deno.ChildProcess;
  readonly #env: Record<string, string>;
  /** The `nsenter` of every process inside that has not ended. */
  readonly #entered = new Set<Deno.ChildProcess>();

  private constructor(options: LabHostOptions, holder: Deno.ChildProcess, pid: number) {
    this.name = options.name;
    this.pid = pid;
    this.unprivileged = Deno.uid() !== 0;
    this.#holder = holder;
    this.#env = environment(options.lab);
  }

  /**
   * Makes a host.
   *
   * @throws {LabError} If the kernel refuses the namespaces; the message has the remedy.
   */
  static async open(options: LabHostOptions): Promise<LabHost> {
    const { name, within } = options;
    const unprivileged = Deno.uid() !== 0;
    const argv = ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child"];
    if (unprivileged) {
      if (within === null) argv.push("--user", "--map-root-user");
      else argv.unshift(...enter(within.pid, ["--user", "--preserve-credentials"]));
    }
    argv.push("sh", "-c", HOLD, name);
    // In a separate session: a Ctrl-C at the terminal is only for this program, which then ends in good order.
    const holder = new Deno.Command("setsid", {
      args: argv,
      env: environment(options.lab),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const refusal = new Response(holder.stderr).text();
    const output = lines(holder.stdout);
    const first = await output.next();
    await output.return(undefined);
    if (first.done) throw new LabError(refused(name, await refusal));
    return new LabHost(options, holder, Number(first.value));
  }

  /**
   * Runs a command to its end.
   *
   * @throws {LabError} With the command and its output, unless `check` is off.
   */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const stdin = options.stdin === undefined ? "null" : "piped";
    const child = this.#spawn(argv, stdin, options.network ? NETWORK : WHOLE);
    if (options.stdin !== undefined) {
      const writer = child.stdin.getWriter();
      // A command that ends without reading its input is judged by its exit code.
      await writer.write(new TextEncoder().encode(options.stdin)).catch(() => {});
      await writer.close().catch(() => {});
    }
    const [stdout, stderr, status] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.status,
    ]);
    if (status.code !== 0 && options.check !== false) {
      const said = (stderr || stdout).trim() || "it said nothing";
      throw new LabError(`${this.name}: ${argv.join(" ")} ended with ${status.code}: ${said}`);
    }
    return { code: status.code, stdout, stderr };
  }

  /** Starts a process that runs until it is stopped or the host ends. */
  start(name: string, argv: readonly string[]): LabProcess {
    return new LabProcess(`${name} on ${this.name}`, this.#spawn(argv, "null", WHOLE));
  }

  /** Writes a file that only its owner may read; only paths under `/run` and `/var/lib` belong to the host alone. */
  async write(path: string, text: string): Promise<void> {
    const script = 'umask 077 && mkdir -p "$(dirname "$0")" && cat >"$0"';
    await this.run(["sh", "-c", script, path], { stdin: text });
  }

  /** The command with which the user who started the lab enters the host. */
  get shellCommand(): string {
    const target = `nsenter --target ${this.pid} --all`;
    return this.unprivileged ? `${target} --preserve-credentials` : target;
  }

  /** Ends the host and everything in it, like a power cut. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.close().catch(() => {});
    // nsenter(1) stops together with its child and would then not reap it, for which the kernel waits.
    for (const { pid } of this.#entered) sendSignal(pid, "SIGCONT");
    await this.#holder.status;
  }

  #spawn(
    argv: readonly string[],
    stdin: "null" | "piped",
    namespaces: readonly string[],
  ): Deno.ChildProcess {
    const user = this.unprivileged ? ["--user", "--preserve-credentials"] : [];
    const child = new Deno.Command("setsid", {
      args: [...enter(this.pid, [...user, ...namespaces]), ...argv],
      env: this.#env,
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#entered.add(child);
    child.status.finally(() => this.#entered.delete(child));
    return child;
  }
}

function enter(pid: number, flags: readonly string[]): string[] {
  return ["nsenter", "--target", String(pid), ...flags, "--"];
}

function environment(lab: string): Record<string, string> {
  // Debian keeps the daemons in sbin, which is not in every user's path.
  const path = `${Deno.env.get("PATH") ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`;
  return { [MARKER]: lab, PATH: path, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}

function refused(name: string, said: string): string {
  const remedy = Deno.uid() === 0
    ? "In a container, start it with --privileged (or with --cap-add SYS_ADMIN,NET_ADMIN,NET_RAW)."
    : "Start this as root (sudo), or let users make namespaces: " +
      "sysctl kernel.unprivileged_userns_clone=1 (Debian), " +
      "sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu).";
  return `The kernel refuses the namespaces of lab host ${name}: ${said.trim()}\n${remedy}`;
}
