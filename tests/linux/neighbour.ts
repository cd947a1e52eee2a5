/**
 * Another host at the far end of a cable: a network namespace of its own, with a kernel that answers.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { ip, until } from "./namespace.ts";

export class Neighbour implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;

  private constructor(holder: Deno.ChildProcess) {
    this.#holder = holder;
  }

  /** Makes the host and a cable from `near` here to `far0` there, both ends up. */
  static async open(near: string): Promise<Neighbour> {
    const holder = new Deno.Command("unshare", { args: ["-n", "sleep", "60"] }).spawn();
    const neighbour = new Neighbour(holder);
    ip(`link add ${near} type veth peer name far0`);
    await until("the other namespace is there", () => {
      const own = Deno.readLinkSync("/proc/self/ns/net");
      return Deno.readLinkSync(`/proc/${holder.pid}/ns/net`) !== own;
    });
    ip(`link set far0 netns ${holder.pid}`);
    neighbour.run("ip link set far0 up");
    ip(`link set ${near} up`);
    return neighbour;
  }

  /** Runs a command there and gives what it prints. */
  run(command: string): string {
    const args = ["-t", `${this.#holder.pid}`, "-n", "--", ...command.split(" ")];
    const { success, stdout, stderr } = new Deno.Command("nsenter", { args }).outputSync();
    ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /** Makes its kernel drop what `nft` says after `add rule inet t c`. */
  drop(rule: string): void {
    this.run("nft add table inet t");
    this.run("nft add chain inet t c { type filter hook input priority 0 ; }");
    this.run(`nft add rule inet t c ${rule} drop`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
  }
}
