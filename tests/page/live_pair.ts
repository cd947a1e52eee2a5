/**
 * Two simulated load balancers whose virtual time runs with the clock, each with its API and page on loopback, where
 * they ask each other.
 */

import { formatListenAddress } from "../../src/api/listen_address.ts";
import type { ListenAddress } from "../../src/config/model.ts";
import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { createApi } from "../../src/front/http/app.ts";
import type { ApiBackend } from "../../src/front/http/backend.ts";
import { PeerJournals } from "../../src/front/peers/peer_journals.ts";
import { PeerPoller } from "../../src/front/peers/peer_poller.ts";
import type { ApiServer } from "../../src/front/server/server.ts";
import { serveApi } from "../front/server/serve_api.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../src/sim/cluster.ts";
import type { ProcessesStatus } from "../../src/status/status.ts";
import { judgeOf } from "../front/fake_judge.ts";
import type { TokenRight } from "../../src/tokens/token_judge.ts";
import { openTarget } from "../notify/open_target.ts";

export const TOKEN = "correct-horse-battery-staple";
export const READ_TOKEN = "only-looking";

/** Virtual time is so much faster than the clock. */
const SPEED = 5;
const STEP_MS = 20;

class LiveNode {
  readonly node: SimNode;
  /** Without one, whoever is on this machine may read. */
  readToken: string | null = null;
  /** Stands still in a test that must not race with what is forgiven. */
  nowMs = () => performance.now();
  /** What it says of its processes; of a simulated node there is nothing to say. */
  processes: ProcessesStatus | null = null;
  #listen: ListenAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };
  #closing = new AbortController();
  #server: ApiServer | null = null;
  #notifier: Notifier | null = null;
  readonly #peers: PeerPoller;
  readonly #journals = new PeerJournals({ readFile: Deno.readTextFile });

  constructor(node: SimNode) {
    this.node = node;
    this.#peers = new PeerPoller({
      listener: (name, report) =>
        Promise.resolve((node.daemon?.peerReported(name, report) ?? 1000) / SPEED),
      readFile: Deno.readTextFile,
    });
  }

  /** From now on it asks the other one. */
  follow(other: LiveNode): void {
    const peers = [{ name: other.node.name, url: other.url }];
    this.node.reload({ ...this.node.config, peers });
    this.#peers.follow(peers, 1);
    this.#journals.follow(peers);
  }

  /** From now on they are told what happens. */
  notify(notify: readonly NotifyConfig[]): void {
    const { daemon, name } = this.node;
    if (!daemon) throw new Error(`${name} does not run`);
    const config = { node: name, notify, syncGroups: [] };
    this.#notifier = new Notifier(config, daemon.journal, {
      open: (target) => openTarget(target, name),
      alarm: (why) => daemon.notificationsFail(why),
    });
  }

  alone(): void {
    this.#peers.close();
  }

  get url(): string {
    return formatListenAddress(this.#listen);
  }

  /** The API of the process that runs on the node now. */
  async serve(): Promise<void> {
    const node = this.node.daemon;
    if (!node) throw new Error(`${this.node.name} does not run`);
    const backend: ApiBackend = {
      journal: node.journal,
      status: () => {
        const status = node.status();
        const processes = this.processes ?? status.processes;
        return { ...status, processes, notifications: this.#notifier?.status() ?? [] };
      },
      command: (command) => node.command(command),
      rehearsal: () => null,
      rehearse: () => Promise.reject(new Error("there is no nginx to ask")),
      reload: () => Promise.reject(new Error("there is no file to reload")),
      keep: () => Promise.reject(new Error("nothing is on probation")),
      peerEntries: (name) => this.#journals.entries(name),
    };
    this.#closing = new AbortController();
    const now = () => judgeOf(TOKEN, this.readToken ?? undefined);
    const judge = {
      judge: (token: string, purpose: TokenRight) => now().judge(token, purpose),
      readingNeedsToken: () => now().readingNeedsToken(),
    };
    const nowMs = () => this.nowMs();
    const closing = this.#closing.signal;
    const app = createApi({ backend, judge, nowMs, closing });
    this.#server = await serveApi([this.#listen], app);
    this.#listen = this.#server.addresses[0]!;
  }

  async unserve(): Promise<void> {
    this.#closing.abort();
    await this.#server?.close();
    this.#server = null;
  }

  async end(): Promise<void> {
    this.alone();
    await this.#notifier?.close(0);
    await this.unserve();
  }
}

export interface LivePair {
  readonly lb01: LiveNode;
  readonly lb02: LiveNode;
}

/** lb01 (priority 150) is master and lb02 (100) backup when `act` begins. */
export async function withLivePair(act: (pair: LivePair) => Promise<void>): Promise<void> {
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name, weight: -60 })] as const;
  const cluster = new SimCluster([{ priority: 150, track }, { priority: 100, track }]);
  cluster.start();
  cluster.run(30_000);
  const [lb01, lb02] = cluster.nodes.map((node) => new LiveNode(node));
  await lb01!.serve();
  await lb02!.serve();
  lb01!.follow(lb02!);
  lb02!.follow(lb01!);
  const timer = setInterval(() => cluster.run(STEP_MS * SPEED), STEP_MS);
  try {
    await act({ lb01: lb01!, lb02: lb02! });
  } finally {
    clearInterval(timer);
    await lb01!.end();
    await lb02!.end();
  }
}
