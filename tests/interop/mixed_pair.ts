/**
 * A pair of load balancers whose nodes run two versions of vipd, each replaced by the other while clients ask: three
 * virtual routers that differ in how they speak, nginx, and a steady client for each address.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SteadyClient } from "../../lab/client.ts";
import { type BalancerName, Cluster, VIP } from "../../lab/cluster.ts";
import type { LabHost } from "../../lab/host.ts";
import { NODE_ADDRESSES, ONE_SECOND, PRIORITIES, VRID } from "../../lab/pair_config.ts";
import { type CommandName, Vipd } from "../../lab/vipd.ts";
import { clockMs, waitFor } from "../../lab/wait.ts";

/** Where the nodes ask each other: not on the network that carries VRRP. */
const API_ADDRESSES = { lb01: "10.0.0.11", lb02: "10.0.0.12" } as const;
const TOKEN_FILE = "/run/vipd/token";
const PEER_TOKEN_FILE = "/run/lab/peer.token";

/** As fast as leaves a machine that is shared with others a second until a master counts as gone. */
const FAST = { version: 3, advert_interval: "300ms" } as const;

/** The virtual routers as the configuration has them, but for what differs between the nodes. */
const ROUTERS = [
  {
    name: "PASS",
    vrid: VRID,
    version: ONE_SECOND.version,
    advert_interval: `${ONE_SECOND.advertIntervalMs}ms`,
    authentication: { type: "pass", password: ONE_SECOND.password },
    addresses: [`${VIP.address}/24`],
  },
  { ...FAST, name: "PLAIN", vrid: VRID + 1, addresses: ["192.168.31.6/24"] },
  {
    ...FAST,
    name: "HMAC",
    vrid: VRID + 2,
    authentication: { type: "hmac", keys: [{ id: 1, key: "5a".repeat(32) }] },
    addresses: ["192.168.31.7/24"],
  },
] as const;

/** Start of a process, an election of version 2, and a machine that is shared with others. */
const PATIENCE_MS = 15_000;
/** A daemon that runs answers within this time, however busy the machine is. */
const ANSWER_MS = 5000;

/** A version of vipd: as its status names it, and its executable; without one it runs from source. */
export interface Version {
  readonly version: string;
  readonly binary: string | undefined;
}

export type NodeStatus = NonNullable<Awaited<ReturnType<Vipd["status"]>>>;

/** What a node must not lose when its vipd is replaced. */
export interface Belongings {
  readonly token: string;
  readonly overrides: readonly unknown[];
  readonly journal: Awaited<ReturnType<Vipd["events"]>>;
}

/** One node. */
export class MixedNode {
  readonly name: BalancerName;
  readonly #host: LabHost;
  #vipd: Vipd | null = null;

  constructor(name: BalancerName, host: LabHost) {
    this.name = name;
    this.#host = host;
  }

  /** Starts vipd in a version, in the folders and with the configuration that every version of it has here. */
  async start({ version, binary }: Version): Promise<void> {
    this.#vipd = new Vipd(this.#host, { config: configOf(this.name), binary });
    await this.#vipd.start();
    assert.equal((await this.status()).version, version);
  }

  /** A clean stop. */
  async stop(): Promise<void> {
    await this.#vipd?.stop();
  }

  get running(): boolean {
    return this.#vipd?.running ?? false;
  }

  get lastLines(): readonly string[] {
    return this.#vipd?.lastLines ?? [];
  }

  async status(): Promise<NodeStatus> {
    const answer = () => this.#vipd?.status();
    return await waitFor(`the API of vipd on ${this.name}`, answer, { timeoutMs: ANSWER_MS });
  }

  /** Gives an order for every virtual router, which must be obeyed. */
  async send(command: CommandName): Promise<void> {
    await Promise.all(ROUTERS.map(async ({ name }) => {
      const { status, body } = await this.#vipd!.send(name, command);
      assert.equal(status, 200, `${command} ${name} on ${this.name}: ${JSON.stringify(body)}`);
    }));
  }

  async belongings(): Promise<Belongings> {
    return {
      token: await this.token(),
      // Who gave it and why is no part of 0.1.0's.
      overrides: (await this.status()).instances.map(({ override }) =>
        override && (({ by: _by, reason: _reason, ...kept }) => kept)(override)
      ),
      journal: await this.#vipd!.events(),
    };
  }

  async token(): Promise<string> {
    return (await this.#host.run(["cat", TOKEN_FILE])).stdout;
  }

  /** Gives it the other node's token, to ask its API with. */
  async introduce(token: string): Promise<void> {
    await this.#host.write(PEER_TOKEN_FILE, token);
  }
}

/** Both nodes and their clients; disposing of it ends everything. */
export class MixedPair implements AsyncDisposable {
  readonly nodes: Readonly<Record<BalancerName, MixedNode>>;
  readonly #cluster: Cluster;
  #clients: readonly SteadyClient[] = [];

  private constructor(cluster: Cluster) {
    const node = (name: BalancerName) => new MixedNode(name, cluster.balancers[name].host);
    this.#cluster = cluster;
    this.nodes = { lb01: node("lb01"), lb02: node("lb02") };
  }

  /** Makes the hosts, with nginx and without vipd. */
  static async open(): Promise<MixedPair> {
    return new MixedPair(await Cluster.open({ name: `mixed-${crypto.randomUUID()}` }));
  }

  /** Starts vipd on both, and then the clients; resolves when they are answered. */
  async start(version: Version): Promise<void> {
    const { lb01, lb02 } = this.nodes;
    await Promise.all([lb01.start(version), lb02.start(version)]);
    // Each has made its token at its first start.
    await Promise.all([lb01.introduce(await lb02.token()), lb02.introduce(await lb01.token())]);
    await this.servedBy("lb01");
    const host = this.#cluster.lab.host("client");
    this.#clients = ROUTERS.map(({ addresses: [address] }) =>
      SteadyClient.start(host, { address: address.split("/")[0]! })
    );
    await Promise.all(this.#clients.map((client) => client.answered(PATIENCE_MS)));
  }

  /** Waits until one node is master of everything and holds it alone, and the other one, if it runs, is its backup. */
  async servedBy(name: BalancerName): Promise<void> {
    const other = this.nodes[otherThan(name)];
    const follows = async () =>
      !other.running ||
      (await other.status()).instances.every(({ state, master }) =>
        state === "backup" && master?.address === NODE_ADDRESSES[name]
      );
    const serves = async () =>
      (await this.nodes[name].status()).instances.every(({ state, handing_over }) =>
        state === "master" && !handing_over
      );
    const settled = async () =>
      this.#cluster.holders.now().join() === name && await serves() && await follows();
    await waitFor(`${name} to serve`, settled, { timeoutMs: PATIENCE_MS, everyMs: 100 });
  }

  /** Runs `happens`, in which no client may lose a request. */
  async withoutLoss(happens: () => Promise<void>): Promise<void> {
    const fromMs = clockMs();
    await happens();
    const untilMs = clockMs();
    const time = (atMs: number) => new Date(atMs).toISOString();
    for (const [index, client] of this.#clients.entries()) {
      const requests = await client.records(fromMs, untilMs);
      assert.ok(requests.length > 0);
      const lost = requests.filter(({ error }) => error !== null)
        .map(({ sentAtMs, tookMs, error }) => `${time(sentAtMs)} ${error} after ${tookMs} ms`);
      assert.deepEqual(lost, [], `${ROUTERS[index]!.name} of ${requests.length}`);
    }
  }

  /** Neither node has discarded an advert since its start. */
  async discardedNothing(): Promise<void> {
    for (const node of Object.values(this.nodes)) {
      const { dropped, instances } = await node.status();
      assert.deepEqual(dropped, {});
      for (const { name, counters } of instances) assert.deepEqual(counters.dropped, {}, name);
    }
  }

  /** What both said last, for messages. */
  lastWords(): string {
    return Object.values(this.nodes).map(({ name, lastLines }) =>
      `--- vipd on ${name}\n${lastLines.slice(-30).join("\n")}`
    ).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }
}

/** The other node's name. */
export function otherThan(name: BalancerName): BalancerName {
  return name === "lb01" ? "lb02" : "lb01";
}

/** JSON is YAML. */
function configOf(name: BalancerName): string {
  const other = otherThan(name);
  return JSON.stringify({
    node: name,
    api: { listen: ["127.0.0.1:9112", `${API_ADDRESSES[name]}:9112`], allow_plaintext: true },
    peers: [
      { name: other, url: `http://${API_ADDRESSES[other]}:9112`, token_file: PEER_TOKEN_FILE },
    ],
    instances: ROUTERS.map((router) => ({
      ...router,
      interface: "eth1",
      priority: PRIORITIES[name],
      // A request that is under way outlives the hand-over.
      drain: "1s",
    })),
  });
}
