/**
 * keepalived in the lab: the other daemon on the wire, and the measure for this one.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import { type LabProcess, sendSignal } from "./process.ts";
import { family } from "./usage.ts";

const FOLDER = "/run/keepalived";

/** Its name with the installed version, such as `keepalived 2.2.7`. */
export async function keepalivedVersion(): Promise<string> {
  const { stderr } = await new Deno.Command("keepalived", {
    args: ["--version"],
    env: { PATH: `${Deno.env.get("PATH") ?? "/usr/bin:/bin"}:/usr/sbin:/sbin` },
    stdout: "null",
    stderr: "piped",
  }).output();
  const version = /^Keepalived v(\S+)/.exec(new TextDecoder().decode(stderr))?.[1];
  if (version === undefined) throw new LabError("keepalived does not report its version");
  return `keepalived ${version}`;
}

/** keepalived on one host. */
export class Keepalived {
  readonly host: LabHost;
  readonly #process: LabProcess;

  private constructor(host: LabHost, process: LabProcess) {
    this.host = host;
    this.#process = process;
  }

  /**
   * Starts keepalived, VRRP only.
   *
   * @param config The text of its keepalived.conf.
   * @param options `logDetail` is `-D`: it costs several times as much as all its other work.
   */
  static async start(
    host: LabHost,
    config: string,
    options: { readonly logDetail: boolean } = { logDetail: true },
  ): Promise<Keepalived> {
    await host.write(`${FOLDER}/keepalived.conf`, config);
    return new Keepalived(
      host,
      host.start("keepalived", [
        ...["keepalived", "--vrrp", "--dont-fork", "--log-console"],
        ...(options.logDetail ? ["--log-detail"] : []),
        ...["--use-file", `${FOLDER}/keepalived.conf`],
        ...["--pid", `${FOLDER}/keepalived.pid`, "--vrrp_pid", `${FOLDER}/vrrp.pid`],
      ]),
    );
  }

  get lastLines(): readonly string[] {
    return this.#process.lastLines;
  }

  /** When it was started, in milliseconds since the epoch. */
  get startedAtMs(): number {
    return this.#process.startedAtMs;
  }

  /** Id of the parent process as this program sees it; `null` if it has ended. */
  async pid(): Promise<number | null> {
    return await this.#process.pid();
  }

  /** Sends a signal to the VRRP child and to its parent; in this order, because a child notices its parent's death. */
  async signal(signal: Deno.Signal): Promise<void> {
    const pid = await this.pid();
    for (const each of pid === null ? [] : (await family(pid)).reverse()) sendSignal(each, signal);
  }

  /** Replaces its config file, then sends SIGHUP: it changes its settings while it runs. */
  async reload(config: string): Promise<void> {
    await this.host.write(`${FOLDER}/keepalived.conf`, config);
    await this.#process.signal("SIGHUP");
  }

  /** A clean stop: it sends priority 0 and removes its addresses. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** kill -9 of the parent and its VRRP child: the addresses stay. */
  async crash(): Promise<void> {
    // The VRRP child first, because one that outlives its parent for a moment sends a goodbye and removes the
    // addresses.
    const script = "pkill -KILL --newest -x keepalived; exec pkill -KILL -x keepalived";
    await this.host.run(["sh", "-c", script]);
    await this.#process.ended;
  }
}
