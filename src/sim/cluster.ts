/**
 * Load balancers on one virtual link: the node that runs on Linux, on virtual time.
 *
 * @module
 */

import { toConfig } from "../config/build/to_config.ts";
import {
  type Config,
  type InstanceConfig,
  NO_REHEARSAL,
  type TrackConfig,
  type TrackTarget,
} from "../config/model.ts";
import { FileSchema } from "../config/schema/schema.ts";
import { NO_NAMED_FILES } from "../config/secrets/named_files.ts";
import type { CheckConfig } from "../health/check_config.ts";
import { LoadBalancer, type LoadBalancerOptions } from "../node/load_balancer.ts";
import type { JournalEntry } from "../status/journal.ts";
import type { InstanceStatus } from "../status/status.ts";
import { automaticLeaseSeconds } from "../vip/lease.ts";
import { centisecondsToMs, handOverLimitMs, masterDownIntervalMs } from "../vrrp/timers.ts";
import { VRRP_GROUP } from "../wire/vrrp.ts";
import { SimHost } from "./host.ts";
import { SimNetwork } from "./network.ts";
import { seededRandom } from "./random.ts";
import { VirtualTime } from "./time.ts";

/** The virtual address of the simulated instance. */
export const VIP = { address: "192.168.31.5", prefixLength: 24, device: "eth1", label: "eth1:1" };

/** The file of a simulated node, which says only what is of the simulation: all else has the default. */
const FILE = toConfig(
  FileSchema.parse({
    checks: { nginx: { type: "process", process: "nginx" } },
    instances: [{
      name: "VI_1",
      interface: VIP.device,
      vrid: 55,
      addresses: [{ address: `${VIP.address}/${VIP.prefixLength}`, label: VIP.label }],
      authentication: { type: "pass", password: "123456" },
      track: [{ check: "nginx" }],
    }],
  }),
  "lb01",
  NO_NAMED_FILES,
);
const [{ track: [NGINX_TRACK], ...INSTANCE }] = FILE.instances as [InstanceConfig];

/** The check that a simulated instance may track; the scenario says what it finds. */
export const NGINX_CHECK: CheckConfig = FILE.checks[0]!;

/** A track of a simulated instance, with the defaults of the file. */
export function tracked(
  track: TrackTarget & Partial<Omit<TrackConfig, keyof TrackTarget>>,
): TrackConfig {
  const { whenDown, reverse } = NGINX_TRACK!;
  return { whenDown, reverse, ...track };
}

/** The simulated instance, with a password and nothing to track; and what is changed. */
export function instanceConfig(changes: Partial<InstanceConfig> = {}): InstanceConfig {
  const { downTimerAdverts, advertIntervalCs } = { ...INSTANCE, ...changes };
  return {
    ...INSTANCE,
    multicastGroup: VRRP_GROUP[changes.family ?? INSTANCE.family],
    leaseSeconds: automaticLeaseSeconds(centisecondsToMs(advertIntervalCs), downTimerAdverts),
    track: [],
    ...changes,
  };
}

/** The configuration of a node with one instance. */
export function config(
  node: string,
  instance: Partial<InstanceConfig>,
  check: CheckConfig = NGINX_CHECK,
): Config {
  return {
    ...FILE,
    node,
    api: { ...FILE.api, listen: [] },
    checks: instance.track?.length ? [check] : [],
    instances: [instanceConfig(instance)],
    rehearse: NO_REHEARSAL,
  };
}

/** Gets each entry of a node's journal. */
export type JournalListener = (node: SimNode, entry: JournalEntry) => void;

/** The end of a hang. Times in virtual milliseconds. */
export interface Wake {
  readonly atMs: number;
  readonly hungForMs: number;
  /** It held the address when it fell asleep. */
  readonly held: boolean;
}

/** One node of the simulated cluster: its machine, and the process that runs on it if any. */
export class SimNode {
  readonly host: SimHost;
  #config: Config;
  readonly #listeners: ReadonlySet<JournalListener>;
  daemon: LoadBalancer | null = null;
  #hung = false;
  #stopping = false;
  #stolenAtMs = -Infinity;
  #stillSinceMs: number | null = null;
  #heldAtHang = false;
  #woke: Wake | null = null;

  constructor(config: Config, host: SimHost, listeners: ReadonlySet<JournalListener> = new Set()) {
    this.#config = config;
    this.host = host;
    this.#listeners = listeners;
  }

  get name(): string {
    return this.host.name;
  }

  get config(): Config {
    return this.#config;
  }

  /** True while its process runs and is not on its way out. */
  get running(): boolean {
    return this.daemon !== null && !this.#hung && !this.#stopping;
  }

  /** True between `hang` and `wake`. */
  get hung(): boolean {
    return this.#hung;
  }

  /** When another program last took the address, in virtual milliseconds. */
  get stolenAtMs(): number {
    return this.#stolenAtMs;
  }

  /** The lease of its addresses; `Infinity` where they have none. */
  get leaseMs(): number {
    return (this.#config.instances[0]!.leaseSeconds ?? Infinity) * 1000;
  }

  /** Since when nothing renews its addresses, because its process is gone or hangs; `null` while one runs. */
  get stillSinceMs(): number | null {
    return this.#stillSinceMs;
  }

  /** How it last came out of a hang; `null` when this process never hung. */
  get woke(): Wake | null {
    return this.#woke;
  }

  /**
   * Starts the process; where one runs, it is killed first. `isOwn`: what its record says of addresses that it finds.
   */
  start({ isOwn }: Pick<LoadBalancerOptions, "isOwn"> = {}): LoadBalancer {
    this.kill();
    this.#stillSinceMs = null;
    this.daemon = new LoadBalancer(this.#config, this.host, {
      version: "simulated",
      store: this.host.openStore(),
      thirdRouters: this.host.openRoutersStore(),
      replayMarks: this.host.openMarks(),
      ...(isOwn && { isOwn }),
    });
    this.daemon.journal.listen((entry) => {
      for (const listener of this.#listeners) listener(this, entry);
    });
    this.daemon.start();
    return this.daemon;
  }

  /** The file is another one: the process, if it runs, takes it without a restart (SIGHUP); a later one begins with it. */
  reload(config: Config): void {
    this.#config = config;
    this.host.reach(() => void this.daemon?.reconfigure(config));
  }

  /** A clean stop, as by SIGTERM. */
  stop(): Promise<void> {
    this.#stopping = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.host.reach(() => void this.daemon?.stop().then(resolve));
    return promise;
  }

  /** The process is gone without a word (SIGKILL); its traces on the machine stay. */
  kill(): void {
    this.host.killProcess();
    this.daemon = null;
    this.#hung = false;
    this.#stopping = false;
    this.#woke = null;
    this.#stillSinceMs ??= this.host.nowMs();
  }

  /** The machine is gone, with its addresses. */
  powerOff(): void {
    this.kill();
    this.host.powerOff();
  }

  /** The process stops (SIGSTOP) until `wake`. */
  hang(): void {
    if (!this.#hung) this.#heldAtHang = this.holds;
    this.#hung = true;
    this.#stillSinceMs ??= this.host.nowMs();
    this.host.hang();
  }

  wake(): void {
    const atMs = this.host.nowMs();
    const hungForMs = atMs - (this.#stillSinceMs ?? atMs);
    if (this.#hung) this.#woke = { atMs, hungForMs, held: this.#heldAtHang };
    this.#hung = false;
    if (this.daemon) this.#stillSinceMs = null;
    this.host.wake();
  }

  /** Gives the process a command; one that hangs takes it when it wakes. */
  command(give: (daemon: LoadBalancer) => Promise<unknown>): void {
    this.host.reach(() => {
      if (this.daemon) void give(this.daemon);
    });
  }

  /** Another program removes the virtual address. */
  stealAddress(): void {
    this.#stolenAtMs = this.host.nowMs();
    this.host.stealAddress(VIP.address);
  }

  get status(): InstanceStatus {
    return this.daemon!.status().instances[0]!;
  }

  get holds(): boolean {
    return this.host.virtualAddresses.some(({ address }) => address === VIP.address);
  }
}

/** Nodes on one link, and the time that passes for them. */
export class SimCluster {
  readonly time = new VirtualTime();
  readonly network: SimNetwork;
  readonly nodes: SimNode[];
  /** Time without an event after which every election and hand-over is over, in milliseconds. */
  readonly settleMs: number;
  /** Time within which some able node is master, whatever happened: the slowest Master_Down_Interval. */
  readonly takeoverMs: number;
  readonly #listeners = new Set<JournalListener>();

  /**
   * One node for each instance configuration: lb01 is 192.168.31.11, lb02 .12 and so on. Those that track something
   * have this check.
   */
  constructor(
    instances: readonly Partial<InstanceConfig>[],
    seed = 1,
    check: CheckConfig = NGINX_CHECK,
  ) {
    this.network = new SimNetwork(this.time, seededRandom(seed));
    // Of its own, so that what the kernels do does not change what the link does.
    const random = seededRandom(seed);
    this.nodes = instances.map((instance, index) => {
      const name = `lb0${index + 1}`;
      const address = `192.168.31.1${index + 1}`;
      const linkLocal = `fe80::1${index + 1}`;
      const machine = { name, interface: "eth1", address, linkLocal, random };
      const host = new SimHost(machine, this.time, this.network);
      return new SimNode(config(name, instance, check), host, this.#listeners);
    });
    const limits = instances.map((instance) => {
      const { version, advertIntervalCs } = instanceConfig(instance);
      const downMs = masterDownIntervalMs(version, 1, advertIntervalCs);
      return { downMs, handOverMs: handOverLimitMs(version, advertIntervalCs) };
    });
    this.takeoverMs = Math.max(...limits.map(({ downMs }) => downMs));
    this.settleMs = 2 * (this.takeoverMs + Math.max(...limits.map((it) => it.handOverMs)));
  }

  /** Calls `listener` with what the nodes' journals record from now on. */
  onJournal(listener: JournalListener): void {
    this.#listeners.add(listener);
  }

  /** True when what `speaker` sends can get to `node`; a node hears itself. */
  hears(node: SimNode, speaker: SimNode): boolean {
    return node === speaker ||
      (node.host.linkUp && speaker.host.linkUp && this.network.connects(speaker.name, node.name));
  }

  /** The nodes, grouped by who hears whom in both directions; a node without a link is a side of its own. */
  sides(): SimNode[][] {
    const sides: SimNode[][] = [];
    for (const node of this.nodes) {
      const joined = sides.filter((side) =>
        side.some((other) => this.hears(node, other) && this.hears(other, node))
      );
      for (const side of joined) sides.splice(sides.indexOf(side), 1);
      sides.push([...joined.flat(), node]);
    }
    return sides;
  }

  start(): void {
    for (const node of this.nodes) node.start();
  }

  run(forMs: number, afterEach?: () => void): void {
    this.time.runUntil(this.time.nowMs + forMs, afterEach);
  }

  /** Runs virtual time until the promise has settled. */
  settle<T>(promise: Promise<T>, afterEach?: () => void): Promise<T> {
    return this.time.settle(promise, afterEach);
  }

  /** Names of the nodes that hold the address now. */
  get holders(): string[] {
    return this.nodes.filter((node) => node.holds).map(({ host }) => host.name);
  }
}
