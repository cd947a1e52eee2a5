/**
 * One load balancer of the soak: what can be done to it, and what it is like.
 *
 * @module
 */

import {
  type Balancer,
  type BalancerName,
  type Cluster,
  INSTANCE,
  undamped,
  VIP,
} from "../../lab/cluster.ts";
import { type Brand, BRANDS, type Daemon, VipdDaemon } from "../../lab/daemon.ts";
import { LabError } from "../../lab/error.ts";
import type { Cut } from "../../lab/network.ts";
import { type Usage, usageOf } from "../../lab/usage.ts";
import type { CommandName } from "../../lab/vipd.ts";
import { clockMs } from "../../lab/wait.ts";
import { pick } from "../fuzz/target.ts";
import type { Condition } from "./invariants.ts";

const DAY_S = 86_400;

const CONFIGS = new URL("../../config/", import.meta.url);

/** What a reload changes in the example configuration, beside another node of these brands: this is replaced by that. */
const VARIANTS: readonly {
  readonly what: string;
  readonly besides: readonly Brand[];
  readonly from: string;
  readonly to: string;
}[] = [
  { what: "nothing", besides: BRANDS, from: "", to: "" },
  {
    what: "a check that asks more often",
    besides: BRANDS,
    from: "interval: 2s",
    to: "interval: 1s",
  },
  {
    what: "another address",
    // keepalived drops adverts of version 2 that list other addresses than its own, RFC 3768 section 7.1.
    besides: ["vipd"],
    from: "label: eth1:1",
    to: "label: eth1:1\n      - 192.168.31.6/24",
  },
];

/** What a node of either brand has done to it. */
export class SoakNode {
  readonly name: BalancerName;
  readonly daemon: Daemon;
  readonly #cluster: Cluster;
  readonly #balancer: Balancer;
  readonly #other: Brand;
  readonly #conditions: Condition[];

  /** `other` runs on the other node. */
  constructor(name: BalancerName, cluster: Cluster, daemon: Daemon, other: Brand) {
    this.name = name;
    this.daemon = daemon;
    this.#cluster = cluster;
    this.#other = other;
    this.#balancer = cluster.balancers[name];
    this.#conditions = [{ atMs: clockMs(), connected: true, daemon: true, nginx: true }];
  }

  /** What it has been like, oldest first. */
  get conditions(): readonly Condition[] {
    return this.#conditions;
  }

  async cut(how: Cut): Promise<void> {
    this.#becomes({ connected: false });
    await this.#cluster.lab.cut(this.name, VIP.device, how);
  }

  async heal(): Promise<void> {
    await this.#cluster.lab.heal(this.name, VIP.device);
    this.#becomes({ connected: true });
  }

  async kill(): Promise<void> {
    this.#becomes({ daemon: false });
    await this.daemon.signal("SIGKILL");
  }

  async hang(): Promise<void> {
    this.#becomes({ daemon: false });
    await this.daemon.signal("SIGSTOP");
  }

  async wake(): Promise<void> {
    await this.daemon.signal("SIGCONT");
    this.#becomes({ daemon: true });
  }

  async stop(): Promise<void> {
    this.#becomes({ daemon: false });
    await this.daemon.stop();
  }

  async start(): Promise<void> {
    await this.daemon.launch();
    this.#becomes({ daemon: true });
  }

  async killNginx(): Promise<void> {
    this.#becomes({ nginx: false });
    await this.#balancer.nginx.crash();
  }

  async startNginx(): Promise<void> {
    await this.#balancer.nginx.start();
    this.#becomes({ nginx: true });
  }

  /** Takes one of a few configurations that differ in what must not move the address. */
  async reload(random: () => number): Promise<string> {
    const config = undamped(await Deno.readTextFile(new URL(`${this.name}.yaml`, CONFIGS)));
    const { what, from, to } = pick(
      random,
      VARIANTS.filter(({ besides }) => besides.includes(this.#other)),
    );
    if (!config.includes(from)) throw new LabError(`${this.name}.yaml no longer has "${from}"`);
    await this.daemon.reload(config.replace(from, to));
    return what;
  }

  /** Its wall clock jumps by up to a day, forward or back. */
  async stepClock(random: () => number): Promise<string> {
    const seconds = Math.round((random() * 2 - 1) * DAY_S);
    await this.#balancer.clock?.setAhead(seconds);
    return `by ${seconds} s`;
  }

  async setClockRight(): Promise<void> {
    await this.#balancer.clock?.setAhead(0);
  }

  /** Only vipd has orders; resolves with the status code and, of a refusal, its reason. */
  async send(command: CommandName): Promise<string> {
    if (!(this.daemon instanceof VipdDaemon)) return "has no orders";
    const { status, body } = await this.daemon.vipd.send(INSTANCE, command);
    return status === 200 ? "200" : `${status} ${(body as { code?: string }).code}`;
  }

  /** True while it is held back, because it was killed as master too often. */
  async heldBack(): Promise<boolean> {
    if (!(this.daemon instanceof VipdDaemon)) return false;
    const { alarms = [] } = await this.daemon.vipd.status() ?? {};
    return alarms.some(({ code }) => code === "crash_loop");
  }

  /** `null` while the daemon does not run. */
  async usage(): Promise<{ pid: number; usage: Usage } | null> {
    const pid = await this.daemon.pid();
    if (pid === null) return null;
    const usage = await usageOf(pid);
    // One that has just ended has nothing any more.
    return usage.pssOctets === 0 ? null : { pid, usage };
  }

  #becomes(change: Partial<Condition>): void {
    this.#conditions.push({ ...this.#conditions.at(-1)!, ...change, atMs: clockMs() });
  }
}
