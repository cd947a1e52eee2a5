/**
 * A lab: hosts, and the networks between them. Each network is a bridge in a separate host, the switch, so that no
 * interface ever appears outside of the lab.
 *
 * @module
 */

import { LabError } from "./error.ts";
import { LabHost } from "./host.ts";

/** The cables of a host: interface name -> network and address. */
export type Cabling = Readonly<Record<string, Port>>;

export interface Port {
  /** The network's name, such as `front`. */
  readonly network: string;
  /** Addresses with prefix length, such as `192.168.31.11/24`. */
  readonly addresses: readonly string[];
}

/** A lab as data: host name -> its cabling. */
export type LabPlan = Readonly<Record<string, Cabling>>;

/**
 * The kind of a cut cable. `unplugged`: the host sees its carrier go. `silent`: the host sees nothing, but no frame
 * passes any more, as if the switch in between dies or a filter drops everything.
 */
export type Cut = "unplugged" | "silent";

/** A running lab; disposing of it ends all hosts. */
export class Lab implements AsyncDisposable {
  readonly name: string;
  readonly #switch: LabHost;
  readonly #hosts: ReadonlyMap<string, LabHost>;
  readonly #plan: LabPlan;
  readonly #ports: ReadonlyMap<string, string>;

  private constructor(
    name: string,
    plan: LabPlan,
    theSwitch: LabHost,
    hosts: Map<string, LabHost>,
  ) {
    this.name = name;
    this.#plan = plan;
    this.#switch = theSwitch;
    this.#hosts = hosts;
    const cables = Object.entries(plan).flatMap(([host, cabling]) =>
      Object.keys(cabling).map((device) => `${host}/${device}`)
    );
    // An interface name has at most 15 characters, so ports are numbered.
    this.#ports = new Map(cables.map((cable, index) => [cable, `port${index}`]));
  }

  /**
   * Makes the hosts and connects them.
   *
   * @param name Marks every process of the lab in its environment ({@link MARKER} in host.ts).
   * @throws {LabError} If this machine does not allow it.
   */
  static async open(name: string, plan: LabPlan): Promise<Lab> {
    await using made = new AsyncDisposableStack();
    const theSwitch = made.use(await LabHost.open({ name: "switch", lab: name, within: null }));
    const opened = await Promise.allSettled(
      Object.keys(plan).map((host) => LabHost.open({ name: host, lab: name, within: theSwitch })),
    );
    const hosts = new Map<string, LabHost>();
    for (const result of opened) {
      if (result.status === "fulfilled") hosts.set(result.value.name, made.use(result.value));
    }
    for (const result of opened) if (result.status === "rejected") throw result.reason;
    const lab = new Lab(name, plan, theSwitch, hosts);
    await lab.#connect();
    made.move();
    return lab;
  }

  get hosts(): readonly LabHost[] {
    return [...this.#hosts.values()];
  }

  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new LabError(`The lab has no host ${name}`);
    return host;
  }

  /** Cuts the cable of one interface. */
  async cut(host: string, device: string, how: Cut): Promise<void> {
    const port = this.#port(host, device);
    await this.#configure([
      how === "unplugged" ? `link set ${port} down` : `link set ${port} nomaster`,
    ]);
  }

  /** Makes a cut cable whole again. */
  async heal(host: string, device: string): Promise<void> {
    const port = this.#port(host, device);
    const network = this.#plan[host]?.[device]?.network;
    await this.#configure([`link set ${port} master ${network}`, `link set ${port} up`]);
  }

  /** Cuts every cable of a host: for all others it is gone. */
  async vanish(host: string, how: Cut = "silent"): Promise<void> {
    await Promise.all(Object.keys(this.#plan[host] ?? {}).map((it) => this.cut(host, it, how)));
  }

  async reappear(host: string): Promise<void> {
    await Promise.all(Object.keys(this.#plan[host] ?? {}).map((it) => this.heal(host, it)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hosts.map((host) => host[Symbol.asyncDispose]()));
    await this.#switch[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    const networks = new Set(
      Object.values(this.#plan).flatMap((cabling) => Object.values(cabling)).map((it) =>
        it.network
      ),
    );
    const commands = [...networks].flatMap((network) => [
      // No snooping, because it would hold back the first adverts to 224.0.0.18 and ff02::12.
      `link add ${network} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${network} up`,
    ]);
    for (const [cable, port] of this.#ports) {
      const [host, device] = cable.split("/") as [string, string];
      const network = this.#plan[host]?.[device]?.network;
      const pid = this.host(host).pid;
      commands.push(`link add ${port} type veth peer name ${device} netns ${pid}`);
      commands.push(`link set ${port} master ${network}`, `link set ${port} up`);
    }
    await this.#configure(commands);
    await Promise.all(this.hosts.map((host) => this.#address(host)));
  }

  async #address(host: LabHost): Promise<void> {
    const commands = Object.entries(this.#plan[host.name] ?? {}).flatMap(([device, port]) => [
      `link set ${device} up`,
      ...port.addresses.map((address) => `address add ${address} dev ${device}`),
    ]);
    await host.run(["ip", "-batch", "-"], { stdin: commands.join("\n") });
  }

  /** Runs `ip` commands in the switch's network; process ids in them are those that this program sees. */
  async #configure(commands: readonly string[]): Promise<void> {
    await this.#switch.run(["ip", "-batch", "-"], { stdin: commands.join("\n"), network: true });
  }

  #port(host: string, device: string): string {
    const port = this.#ports.get(`${host}/${device}`);
    if (port === undefined) throw new LabError(`The lab has no interface ${device} on ${host}`);
    return port;
  }
}
