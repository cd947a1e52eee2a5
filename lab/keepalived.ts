/**
 * keepalived in the lab: the other daemon on the wire, and the measure for this one.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";

const FOLDER = "/run/keepalived";

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
   */
  static async start(host: LabHost, config: string): Promise<Keepalived> {
    await host.write(`${FOLDER}/keepalived.conf`, config);
    return new Keepalived(
      host,
      host.start("keepalived", [
        ...["keepalived", "--vrrp", "--dont-fork", "--log-console", "--log-detail"],
        ...["--use-file", `${FOLDER}/keepalived.conf`],
        ...["--pid", `${FOLDER}/keepalived.pid`, "--vrrp_pid", `${FOLDER}/vrrp.pid`],
      ]),
    );
  }

  get lastLines(): readonly string[] {
    return this.#process.lastLines;
  }

  /** Another config file, then SIGHUP: what changes is taken over while it runs. */
  async reload(config: string): Promise<void> {
    await this.host.write(`${FOLDER}/keepalived.conf`, config);
    await this.#process.signal("SIGHUP");
  }

  /** A clean stop: it sends priority 0 and takes its addresses away. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** kill -9 of the parent and its VRRP child: the addresses stay. */
  async crash(): Promise<void> {
    // The VRRP child first: one that outlives its parent for a moment says goodbye and takes the addresses away.
    const script = "pkill -KILL --newest -x keepalived; exec pkill -KILL -x keepalived";
    await this.host.run(["sh", "-c", script]);
    await this.#process.ended;
  }
}
