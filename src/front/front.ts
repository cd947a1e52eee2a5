/**
 * The process that clients talk to: the HTTP API, its page and metrics, the polling of peers, webhooks and mail. It has
 * no capability, and no key of VRRP.
 *
 * @module
 */

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ListenAddress } from "../config/model.ts";
import { EngineLink, type EngineLinkOptions, type FrontSide } from "../ipc/engine_link.ts";
import type { FrontSettings, ServedAddress } from "../ipc/messages.ts";
import type { ShutDown } from "../runtime/connection.ts";
import type { NodeConfig } from "../status/node_config.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import { certificatesOf } from "./certificates.ts";
import { EngineBackend, EngineJudge } from "./engine_backend.ts";
import { ClientAsker } from "./clients/client_asker.ts";
import { createApi } from "./http/app.ts";
import { FrontListeners } from "./listeners.ts";
import { RemoteNotifications } from "./notify/remote_notifications.ts";
import { PeerJournals } from "./peers/peer_journals.ts";
import { PeerPoller } from "./peers/peer_poller.ts";
import { PeerRehearsals } from "./peers/peer_rehearsals.ts";
import type { ProcFiles } from "./rehearsal/proc_files.ts";
import { Rehearser } from "./rehearsal/rehearser.ts";
import type { UserName } from "./http/requester.ts";
import type { UnixUser } from "./server/connection.ts";
import { VERSION } from "../version.ts";
import { httpLimits } from "./server/limits.ts";
import { ApiServer } from "./server/server.ts";

/** How long the front waits for the engine to say when to poll a peer again, in milliseconds. */
const ASK_AGAIN_MS = 1000;
/** How long the last notifications may take when the front ends, in milliseconds. */
const NOTIFY_LIMIT_MS = 3000;

export interface FrontOptions extends EngineLinkOptions {
  /** Ends a connection in the kernel, shutdown(2), which the runtime alone would leave open. */
  readonly shutDown: ShutDown;
  /** The user at the other end of a unix socket; `null` if the kernel does not say. */
  readonly unixUser: (conn: Deno.Conn) => UnixUser | null;
  /** The name of a user, by its number. */
  readonly userName: UserName;
  readonly proc: ProcFiles;
  /** How many descriptors the process may have. */
  readonly descriptors: number;
}

export class Front implements FrontSide {
  readonly #options: FrontOptions;
  readonly #link: EngineLink;
  readonly #backend: EngineBackend;
  readonly #listeners: FrontListeners;
  readonly #notifications: RemoteNotifications;
  readonly #peers: PeerPoller;
  readonly #clients: ClientAsker;
  readonly #rehearser: Rehearser;
  readonly #peerRehearsals: PeerRehearsals;
  readonly #peerJournals: PeerJournals;
  readonly #reports = new Map<string, PeerReport>();
  readonly #askAgain = new Map<string, (afterMs: number) => void>();
  readonly #closing = new AbortController();
  #settings: FrontSettings | null = null;
  #acceptProblem: string | null = null;
  #listening: { addresses: readonly ListenAddress[]; problem: string | null } | null = null;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#link = new EngineLink(options, this);
    this.#rehearser = new Rehearser({
      user: options.user,
      proc: options.proc,
      shutDown: options.shutDown,
      virtual: async () =>
        (await this.#link.status()).instances.flatMap(({ addresses }) =>
          addresses.map(({ address }) => address)
        ),
    });
    this.#link.journal.listen(({ transition, time }) => {
      if (transition?.to === "master") this.#rehearser.becameMaster(Date.parse(time));
    });
    const asking = {
      readFile: (path: string) => this.#link.readSecret(path),
      shutDown: options.shutDown,
    };
    this.#peerJournals = new PeerJournals(asking);
    this.#peers = new PeerPoller({
      ...asking,
      listener: (...result) => this.#reportPeer(...result),
    });
    this.#backend = new EngineBackend(
      this.#link,
      this.#rehearser,
      this.#peers,
      this.#peerJournals,
    );
    const app = createApi({
      backend: this.#backend,
      judge: new EngineJudge(this.#link, () => this.#settings?.readingNeedsToken ?? true),
      figures: () => this.#link.figures,
      hosts: () => this.#settings?.hosts ?? [],
      config: () => this.#config(),
      userName: options.userName,
      closing: this.#closing.signal,
    });
    const server = new ApiServer(app, {
      limits: httpLimits(options.descriptors),
      shutdown: options.shutDown,
      unixUser: options.unixUser,
      failed: (error) => {
        const text = error instanceof Error ? error.stack ?? error.message : String(error);
        this.#link.journal.record("error", "api_failed", `a request failed: ${text}`);
      },
      problem: (text) => {
        this.#acceptProblem = text;
        this.#reportServing();
      },
    });
    this.#listeners = new FrontListeners(server, (addresses, problem) => {
      this.#listening = { addresses, problem };
      this.#reportServing();
    });
    this.#notifications = new RemoteNotifications(this.#link, options.shutDown);
    this.#peerRehearsals = new PeerRehearsals(
      asking,
      (name, rehearsal) => this.#rehearser.peerRehearsed(name, rehearsal),
    );
    this.#clients = new ClientAsker({
      report: (report) => this.#link.reportClient(report),
      shutDown: options.shutDown,
    });
  }

  /** Serves until `close`. */
  run(): Promise<void> {
    return this.#link.run();
  }

  async close(): Promise<void> {
    this.#peers.close();
    this.#clients.close();
    this.#rehearser.close();
    this.#closing.abort();
    await Promise.all([
      this.#listeners.close(),
      this.#notifications.close(NOTIFY_LIMIT_MS),
    ]);
    await this.#link.close();
  }

  welcomed(run: string, notifiedId: number): void {
    this.#reports.clear();
    this.#clients.ask([]);
    this.#notifications.welcomed(run, notifiedId);
  }

  standDown(): void {
    this.#listening = null;
    this.#clients.ask([]);
    this.#listeners.release();
  }

  prepare(settings: FrontSettings): Promise<string | null> {
    return this.#listeners.prepare(this.#addressesOf(settings));
  }

  commit(settings: FrontSettings): void {
    this.#settings = settings;
    this.#listeners.commit(this.#addressesOf(settings));
    this.#rehearser.follow(
      settings.node,
      settings.rehearse ?? null,
      settings.peers.map(({ name }) => name),
    );
    this.#peerRehearsals.follow(settings.peers);
    this.#peerJournals.follow(settings.peers);
    this.#peers.follow(settings.peers, settings.instances);
    this.#clients.follow(settings.clients);
    this.#notifications.follow(settings);
  }

  askAgain(name: string, afterMs: number): void {
    this.#askAgain.get(name)?.(afterMs);
  }

  askClients(instances: readonly string[]): void {
    this.#clients.ask(instances);
  }

  finish(limitMs: number): Promise<void> {
    return this.#notifications.finish(limitMs);
  }

  /** The configuration without secrets, with what matters of the machine now. */
  async #config(): Promise<NodeConfig | null> {
    const machine = await this.#backend.machine();
    const settings = this.#settings;
    if (machine === null || settings?.config === undefined) return null;
    const { node, config, listen } = settings;
    return { node, version: VERSION, config, machine, certificates: certificatesOf(listen) };
  }

  /** Unix sockets are in the front's own folder; the engine links to them from the configured places. */
  #addressesOf({ listen, socketMode }: FrontSettings): ListenAddress[] {
    return listen.map((address) =>
      address.kind === "unix"
        ? { ...address, path: join(this.#options.folder, address.path), mode: socketMode }
        : address
    );
  }

  /** After how many milliseconds to poll the peer again, as the engine says. */
  #reportPeer(
    name: string,
    answered: PeerReport,
    clockOffsetMs: number | null,
  ): Promise<number> {
    // The last rehearsal of a peer that does not answer still holds.
    if (answered.ok) this.#peerRehearsals.answered(name, answered.answer.rehearsedAt);
    const rehearsal = this.#rehearser.reasons(name);
    const began = this.#rehearser.peerBegan(name);
    const report = {
      ...answered,
      ...(rehearsal && { rehearsal }),
      ...(rehearsal && began !== undefined && {
        rehearsed: { began, is_last: this.#peerRehearsals.hasLast(name) },
      }),
    };
    const same = isDeepStrictEqual(this.#reports.get(name), report);
    this.#reports.set(name, report);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(0), ASK_AGAIN_MS);
      this.#askAgain.set(name, (afterMs) => {
        clearTimeout(timer);
        resolve(afterMs);
      });
      this.#link.reportPeer(name, same ? null : report, clockOffsetMs);
    });
  }

  #reportServing(): void {
    if (this.#listening === null) return;
    const { addresses, problem } = this.#listening;
    this.#link.reportServing({
      addresses: addresses.map(served),
      problem: this.#acceptProblem ?? problem,
    });
  }
}

function served(address: ListenAddress): ServedAddress {
  return address.kind === "unix"
    ? { kind: "unix", path: address.path }
    : { kind: "tcp", host: address.host, port: address.port, tls: address.tls !== undefined };
}
