/**
 * The engine's end: listens for the front, answers its requests, and forwards events. The engine never waits for the
 * front.
 *
 * @module
 */

import { Channel, type ChannelLimits } from "./channel.ts";
import { type EngineSide, FrontSession } from "./front_session.ts";
import {
  type EngineMessage,
  type FrontMessage,
  type FrontSettings,
  MAX_FRONT_FRAME_OCTETS,
  PROTOCOL,
  readFrontMessage,
  type ServedAddress,
} from "./messages.ts";
import { Pace, type PaceClock, type PaceLimits } from "./pace.ts";
import { RecordBudget } from "./record_budget.ts";
import { type PlacedSocket, placeUnixSocket } from "./unix_socket.ts";

/** The users who may connect to the engine: the owner of the socket and this group. */
const SOCKET_MODE = 0o660;
/** How long a connection may take to send its hello, in milliseconds. */
const HELLO_MS = 2000;
/** How many connections may be without a hello. */
const MAX_UNPROVEN = 4;
/** How long the front may take to open what new settings need, in milliseconds. */
const PREPARE_MS = 3000;

/** How often the engine pings the front, and how long the front may be silent, in milliseconds. */
const PING_MS = 1000;
const SILENT_MS = 5000;

/**
 * How often a new front may connect, in milliseconds, because each that sends a hello gets the journal and the
 * settings.
 */
const ACCEPT_EVERY_MS = 100;

/** The bound on the work that all connected processes together may cause in the engine. */
const PACE: PaceLimits = { turnMs: 2, share: 0.1, restMs: 5 };

/** The connected front, or why there is none. */
export interface FrontState {
  readonly connected: boolean;
  readonly pid: number | null;
  readonly user: string | null;
  readonly startedAt: string | null;
  /** The folder of its own sockets. */
  readonly folder: string | null;
  readonly addresses: readonly ServedAddress[];
  /** Why the API does not serve, or not everywhere; `null` if it does. */
  readonly problem: string | null;
  /** True while the front does not answer pings. */
  readonly hangs: boolean;
  /** True if it has gone because it was stopped, as it said. */
  readonly stopped: boolean;
}

const NOBODY: FrontState = {
  ...{ connected: false, pid: null, user: null, startedAt: null, folder: null },
  addresses: [],
  problem: null,
  ...{ hangs: false, stopped: false },
};

/** Settings that are opened but not in force. */
export type Prepared =
  | { readonly ok: true; commit(): void }
  | { readonly ok: false; readonly problem: string };

export interface FrontLinkOptions {
  readonly path: string;
  /** The group that may connect; the process's own if it is not given. */
  readonly gid: number | null;
  /** The key that a front started by the engine must show; `null` if a service manager starts it. */
  readonly key: string | null;
  readonly engine: EngineSide;
  /** Does `work` about so often; returns how to end that. */
  readonly repeat: (everyMs: number, work: () => void) => () => void;
  readonly settings: FrontSettings;
  /** The front came, went, or reports something new about itself. */
  readonly changed: (state: FrontState) => void;
  /** The engine refused a connection, and why. */
  readonly refused: (why: string) => void;
  /** Measures the work that a front causes; the machine's by default. */
  readonly clock?: PaceClock;
}

export class FrontLink {
  readonly #options: FrontLinkOptions;
  /** The group that may connect. */
  #gid: number | null;
  #socket: PlacedSocket;
  readonly #unproven = new Set<Channel>();
  #settings: FrontSettings;
  #session: FrontSession | null = null;
  #state: FrontState = NOBODY;
  readonly #budget = new RecordBudget();
  readonly #limits: ChannelLimits;
  #notifiedId: number;
  readonly #endPings: () => void;
  #closing = false;

  private constructor(options: FrontLinkOptions, socket: PlacedSocket) {
    this.#options = options;
    this.#gid = options.gid;
    this.#limits = {
      maxFrameOctets: MAX_FRONT_FRAME_OCTETS,
      maxQueuedOctets: 4 * 1024 * 1024,
      stallMs: 15_000,
      pace: new Pace(PACE, options.clock),
    };
    this.#settings = options.settings;
    this.#socket = socket;
    this.#notifiedId = options.engine.firstEntryId - 1;
    this.#endPings = options.repeat(PING_MS, () => this.#lookAfter());
    void this.#acceptAll();
  }

  /** Listens. Replaces a socket that an earlier engine left, because the caller holds the engine's lock. */
  static async open(options: FrontLinkOptions): Promise<FrontLink> {
    return new FrontLink(options, await listen(options.path, options.gid));
  }

  /** Whether fronts still find the socket: not after its folder was removed or replaced. */
  isThere(): Promise<boolean> {
    return this.#socket.isThere();
  }

  /** Listens in the same place with a new socket; the connected front stays. */
  async listenAgain(gid = this.#gid): Promise<void> {
    const lost = this.#socket;
    this.#socket = await listen(this.#options.path, gid);
    this.#gid = gid;
    lost.listener.close();
  }

  /** From now on this group may connect. */
  async admitGroup(gid: number | null): Promise<void> {
    if (gid !== this.#gid) await this.listenAgain(gid);
  }

  get state(): FrontState {
    return this.#state;
  }

  /** The front's answer to other settings; without a front they count as prepared. */
  async prepare(settings: FrontSettings): Promise<Prepared> {
    const session = this.#session;
    const limitMs = this.#state.hangs ? 0 : PREPARE_MS;
    const problem = session === null ? null : await session.prepare(settings, limitMs);
    if (problem !== null) return { ok: false, problem };
    return {
      ok: true,
      commit: () => {
        this.#settings = settings;
        if (this.#session === session) session?.commit();
        else this.#session?.configure(settings);
      },
    };
  }

  /** The journal has a new entry. */
  recorded(): void {
    this.#session?.recorded();
  }

  /** Lets the front deliver what waits, for at most `limitMs`, and ends. */
  async close(limitMs: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#endPings();
    await this.#session?.finish(limitMs);
    this.#socket.listener.close();
    for (const channel of this.#unproven) channel.close("the engine ends");
    this.#session?.close("the engine ends");
    await Deno.remove(this.#options.path).catch(() => {});
  }

  async #acceptAll(): Promise<void> {
    while (!this.#closing) {
      try {
        this.#greet(await this.#socket.listener.accept());
      } catch {
        if (this.#closing) return;
        // No descriptor is left, the connection is gone already, or there is another socket.
      }
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_EVERY_MS));
    }
  }

  #greet(connection: Deno.Conn): void {
    const channel = new Channel(connection, this.#limits);
    this.#unproven.add(channel);
    void channel.ended.then(() => this.#unproven.delete(channel));
    if (this.#unproven.size > MAX_UNPROVEN) {
      const [oldest] = this.#unproven;
      oldest!.close("others came that did not say hello");
    }
    const timer = setTimeout(() => channel.close("it did not say hello"), HELLO_MS);
    let session: FrontSession | null = null;
    void channel.ended.then((why) => {
      clearTimeout(timer);
      if (session !== null) this.#ended(session, why);
    });
    void channel.read(({ value, octets }) => {
      const message = readFrontMessage(value);
      if (message === null) return this.#refuse(channel, "it does not speak as a front does");
      if (session !== null) return session.take(message, octets);
      if (message.type !== "hello") return this.#refuse(channel, "its first word was no hello");
      clearTimeout(timer);
      session = this.#admit(channel, message);
    });
  }

  #admit(
    channel: Channel,
    hello: Extract<FrontMessage, { type: "hello" }>,
  ): FrontSession | null {
    const reason = this.#objection(hello);
    if (reason !== null) {
      channel.send({ type: "refused", reason } satisfies EngineMessage);
      const who = `PID ${hello.pid}, user ${hello.user}`;
      void channel.drained().then(() => this.#refuse(channel, `${reason} (${who})`));
      return null;
    }
    this.#unproven.delete(channel);
    if (this.#session !== null) this.#leave(this.#session, "it hangs, and another has connected");
    const { engine } = this.#options;
    const serving = (addresses: readonly ServedAddress[], problem: string | null) => {
      if (this.#session === session) this.#say({ ...this.#state, addresses, problem });
    };
    const session = new FrontSession(channel, engine, this.#notifiedId, this.#budget, serving);
    this.#session = session;
    const { pid, user, startedAt, folder } = hello;
    const problem = "it opens its listeners";
    const who = { connected: true, pid, user, startedAt, folder };
    this.#say({ ...NOBODY, ...who, problem });
    session.welcome();
    session.configure(this.#settings);
    return session;
  }

  /** Why the process may not be the front; `null` if it may. A new one replaces one that hangs, and no other. */
  #objection({ protocol, key }: Extract<FrontMessage, { type: "hello" }>): string | null {
    if (protocol !== PROTOCOL) {
      return `it speaks version ${protocol} of the messages, the engine ${PROTOCOL}: ` +
        "start both processes from the same vipd";
    }
    if (this.#options.key !== null && key !== this.#options.key) {
      return "it is not the one that the engine has started: end it";
    }
    if (this.#session === null || isSilent(this.#session)) return null;
    return `another front, PID ${this.#state.pid}, is connected: end one of them`;
  }

  #lookAfter(): void {
    if (this.#session === null) return;
    this.#session.ping();
    const hangs = isSilent(this.#session);
    if (hangs !== this.#state.hangs) this.#say({ ...this.#state, hangs });
  }

  #ended(session: FrontSession, why: string): void {
    if (this.#session !== session) return;
    this.#leave(session, why);
    this.#say({ ...NOBODY, problem: why, stopped: session.stopped });
  }

  #leave(session: FrontSession, why: string): void {
    this.#notifiedId = session.notifiedId;
    this.#session = null;
    session.close(why);
  }

  #refuse(channel: Channel, why: string): void {
    if (!channel.open) return;
    channel.close(why);
    this.#options.refused(why);
  }

  #say(state: FrontState): void {
    this.#state = state;
    this.#options.changed(state);
  }
}

function listen(path: string, gid: number | null): Promise<PlacedSocket> {
  return placeUnixSocket(path, { mode: SOCKET_MODE, gid });
}

function isSilent(session: FrontSession): boolean {
  return session.silentMs > SILENT_MS;
}
