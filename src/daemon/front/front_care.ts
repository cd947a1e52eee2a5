/**
 * The engine's care of its front: it starts the front, sends it the settings, and observes its state.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { formatListenAddress } from "../../api/listen_address.ts";
import type { Config, ListenPlace } from "../../config/model.ts";
import type { Clock } from "../../host/clock.ts";
import { repeat } from "../../host/regular_work.ts";
import { FrontLink, type FrontState, type Prepared } from "../../ipc/front_link.ts";
import type { EngineSide } from "../../ipc/front_session.ts";
import { RecordBudget } from "../../ipc/record_budget.ts";
import type { Severity } from "../../status/journal.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import { type FrontStatus, type ProcessExit, STOPPED } from "../../status/status.ts";
import { ENGINE_SOCKET, FRONT_FOLDER } from "../files/run_dir.ts";
import type { MaintainedPart } from "../files/run_dir_keeper.ts";
import { FrontChild, type FrontProgram, OBSTACLE_MS } from "./front_child.ts";
import { frontSettings, servedPlaces, socketLinks } from "./front_settings.ts";
import { chooseFrontUser, type FrontUser, userSources } from "./front_user.ts";
import { SocketLinks } from "./socket_links.ts";

/** How long the API may not serve before that is an alarm: after a start of vipd, and later; in milliseconds. */
const START_GRACE_MS = 10_000;
const LOSS_GRACE_MS = 2000;
/** After this time without a sign of life the engine ends a child, in milliseconds. */
const HANG_LIMIT_MS = 30_000;
/** Why the API does not serve if its front hangs. */
const HANGS = "the front does not answer the engine";

/** How the front runs. */
export type FrontCharge =
  /** As a child of the engine. */
  | { readonly kind: "child"; readonly program: FrontProgram }
  /** By a service manager, which gives it the group of this account, `null` for the engine's own; or why not. */
  | { readonly kind: "service"; readonly gid: () => Promise<number | string | null> }
  /** Not at all, as in tests of the engine alone. */
  | { readonly kind: "none" };

export interface FrontCareOptions {
  readonly config: Config;
  readonly charge: FrontCharge;
  readonly engine: EngineSide;
  readonly timers: Pick<Clock, "nowMs" | "setTimer">;
  readonly record: (severity: Severity, code: JournalCode, message: string) => void;
  /** Called with the reason if the API does not serve; with `null` if it does. */
  readonly apiDown: (problem: string | null) => void;
  /** Called with the addresses on which it serves. */
  readonly serves: (places: readonly ListenPlace[]) => void;
}

export class FrontCare {
  readonly #options: FrontCareOptions;
  readonly #links: SocketLinks;
  /** The folder for the front's sockets that the engine created. */
  #folder: string | null = null;
  /** The owner of that folder; `null`: the engine's user. */
  #owner: FrontUser | null = null;
  /** Why no front can be started, or reach the engine. */
  #obstacle: string | null = null;
  /** The last warning about the front's user. */
  #userWarning: string | null = null;
  #config: Config;
  #link: FrontLink | null = null;
  #child: FrontChild | null = null;
  #restarts = 0;
  #lastExit: ProcessExit | null = null;
  #pid: number | null = null;
  /** The front whose start is recorded. */
  #recorded: string | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = 0;
  #alarmed = false;
  /** True once a front has served. */
  #served = false;
  /** Why the engine last refused a front. */
  #refusal: string | null = null;
  /** Why no front can reach the engine. */
  #unreachable: string | null = null;
  #hanging: ReturnType<typeof setTimeout> | undefined;
  #closing = false;
  readonly #budget = new RecordBudget();

  private constructor(options: FrontCareOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#links = new SocketLinks((why) =>
      options.record(
        "warning",
        "api_socket_failed",
        `the API does not answer at all its sockets: ${why}`,
      )
    );
  }

  /** Never throws, because an engine also serves without a front, which it then tries again to provide for. */
  static async open(options: FrontCareOptions): Promise<FrontCare> {
    const care = new FrontCare(options);
    await care.#open();
    return care;
  }

  /** The front, for the status. */
  status(): FrontStatus {
    const state = this.#link?.state;
    const serving = this.#problem === null;
    const starting = !serving && !this.#alarmed && !this.#served && this.#lastExit === null;
    return {
      state: serving ? "serving" : starting ? "starting" : "down",
      pid: state?.pid ?? this.#pid,
      user: state?.user ?? null,
      started_at: state?.startedAt ?? null,
      restarts: this.#restarts,
      last_exit: this.#lastExit,
      problem: starting ? null : this.#problem,
    };
  }

  /** Why the API does not serve; `null` if it does. */
  get #problem(): string | null {
    const state = this.#link?.state;
    if (!state?.connected) {
      return this.#obstacle ?? this.#unreachable ?? this.#lastExit?.reason ??
        "the front has not come yet";
    }
    return state.hangs ? HANGS : state.problem;
  }

  /** Opens what another configuration needs of the front; without a front, nothing can fail. */
  async prepare(config: Config): Promise<Prepared> {
    const prepared = await this.#link?.prepare(frontSettings(config)) ??
      { ok: true, commit: () => {} };
    if (!prepared.ok) return prepared;
    // A client that learns of the reload may use the new sockets at once.
    const folder = this.#link?.state.folder;
    if (folder) await this.#links.add(socketLinks(config), folder);
    return {
      ok: true,
      commit: () => {
        this.#config = config;
        prepared.commit();
        this.#links.retain(socketLinks(config));
      },
    };
  }

  /** The front's parts of the run directory, which need no care before they are made. */
  get runDirParts(): readonly MaintainedPart[] {
    const { kind } = this.#options.charge;
    if (kind === "none") return [];
    const socket: MaintainedPart = {
      name: ENGINE_SOCKET,
      isThere: async () => await this.#link?.isThere() ?? true,
      makeAgain: async () => await this.#link?.listenAgain(),
    };
    if (kind === "service") return [socket];
    return [socket, {
      name: FRONT_FOLDER,
      isThere: async () => {
        if (this.#folder === null) return true;
        return (await Deno.lstat(this.#folder).catch(() => null))?.isDirectory ?? false;
      },
      makeAgain: () => this.#makeFolder(this.#owner),
    }];
  }

  /**
   * The keeper reports that these were lost and exist again, or why not. The front creates the sockets in them, or
   * links lead to it.
   */
  runDirLooked(names: readonly string[], problem: string | null): void {
    const lost = `${join(this.#config.runDir, ENGINE_SOCKET)} was lost`;
    this.#unreachable = problem === null ? null : `${lost} and cannot be made again: ${problem}`;
    if (problem !== null) return;
    const state = this.#link?.state;
    if (names.includes(FRONT_FOLDER)) this.#child?.renew();
    else if (state?.folder) void this.#lead(state, state.folder);
  }

  /** Lets the front deliver its last notifications, for at most `limitMs`, and ends it. */
  async close(limitMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    clearTimeout(this.#hanging);
    await this.#link?.close(limitMs);
    await Promise.all([this.#child?.close(), this.#links.close()]);
    if (this.#folder !== null) await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  async #open(): Promise<void> {
    const { charge, engine, timers } = this.#options;
    if (charge.kind === "none") return;
    this.#wait(START_GRACE_MS);
    engine.journal.listen(() => this.#link?.recorded());
    if (charge.kind === "service") return await this.#provideForService(charge.gid);
    const first = Promise.withResolvers<void>();
    const prepare = () => this.#provideForChild(charge.program).finally(first.resolve);
    this.#child = new FrontChild(charge.program, prepare, {
      started: (pid) => this.#pid = pid,
      obstructed: (why) => this.#obstructed(why),
      ended: (why) => this.#ended(why),
    }, timers);
    await first.promise;
  }

  async #provideForService(gidOf: () => Promise<number | string | null>): Promise<void> {
    try {
      const gid = await gidOf();
      if (typeof gid === "string") throw new Error(`the front cannot reach the engine: ${gid}`);
      await this.#listen(gid, null);
      this.#passed();
    } catch (error) {
      this.#obstructed(error instanceof Error ? error.message : String(error));
      if (this.#closing) return;
      this.#again = setTimeout(() => void this.#provideForService(gidOf), OBSTACLE_MS);
    }
  }

  /** The user for the next front, which finds what it needs. */
  async #provideForChild({ readKernelFile, key }: FrontProgram): Promise<FrontUser | null> {
    const { runDir } = this.#config;
    const choice = await chooseFrontUser(runDir, userSources(readKernelFile));
    if (!choice.ok) throw new Error(choice.problem);
    const { user, warning } = choice;
    if (warning !== null && warning !== this.#userWarning) {
      this.#options.record("warning", "front_not_separated", warning);
    }
    this.#userWarning = warning;
    const closed = user && await closedFolder(runDir, user);
    if (closed !== null) throw new Error(closed);
    await this.#listen(user?.gid ?? null, key);
    await this.#makeFolder(user);
    this.#passed();
    return user;
  }

  /** Listens for the front, as this group. */
  async #listen(gid: number | null, key: string | null): Promise<void> {
    const path = join(this.#config.runDir, ENGINE_SOCKET);
    try {
      await this.#listenAt(path, gid, key);
    } catch (error) {
      throw new Error(`${path} cannot be made: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #listenAt(path: string, gid: number | null, key: string | null): Promise<void> {
    if (this.#link !== null) return await this.#link.admitGroup(gid);
    const { engine, timers } = this.#options;
    const link = await FrontLink.open({
      path,
      ...{ gid, key, engine },
      repeat: (everyMs, work) => repeat(timers, everyMs, work),
      settings: frontSettings(this.#config),
      changed: (state) => this.#changed(state),
      refused: (why) => this.#refused(why),
    });
    this.#link = link;
    if (this.#closing) await link.close(0);
  }

  /** Only the front may create or remove sockets there. */
  async #makeFolder(owner: FrontUser | null): Promise<void> {
    const path = join(this.#config.runDir, FRONT_FOLDER);
    const found = await Deno.lstat(path).catch(() => null);
    // chown(2) follows a link.
    if (found !== null && !found.isDirectory) throw new Error(`${path} is no folder: remove it`);
    if (found === null) await Deno.mkdir(path, { mode: 0o755 });
    if (owner !== null) await Deno.chown(path, owner.uid, owner.gid);
    this.#folder = path;
    this.#owner = owner;
  }

  #obstructed(why: string): void {
    if (this.#closing || why === this.#obstacle) return;
    this.#obstacle = why;
    this.#report(why);
  }

  /** Nothing is in the way any more; the alarm lasts until a front serves. */
  #passed(): void {
    if (this.#obstacle === null) return;
    this.#obstacle = null;
    this.#wait(LOSS_GRACE_MS);
  }

  #changed(state: FrontState): void {
    if (this.#closing) return;
    if (!state.connected) {
      // A child's end is reported by its own status, with the reason.
      if (this.#options.charge.kind === "service") {
        this.#ended(state.stopped ? STOPPED : state.problem ?? "it is gone");
      }
      return;
    }
    clearTimeout(this.#hanging);
    if (state.hangs) this.#hanging = setTimeout(() => this.#child?.kill(), HANG_LIMIT_MS);
    if (state.addresses.length > 0 && state.folder !== null) void this.#lead(state, state.folder);
    if (this.#problem !== null) return this.#wait(LOSS_GRACE_MS);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#served = true;
    this.#child?.serves();
    this.#report(null);
  }

  /** Clients find the front where it serves, even if only at some of the places. */
  async #lead(state: FrontState, folder: string): Promise<void> {
    const places = servedPlaces(this.#config, state.addresses);
    await this.#links.add(socketLinks(this.#config), folder);
    this.#options.serves(places);
    if (this.#problem === null) this.#recordStart(state, places);
  }

  #recordStart({ startedAt, user }: FrontState, places: readonly ListenPlace[]): void {
    if (this.#recorded === startedAt) return;
    this.#recorded = startedAt;
    const where = places.map(formatListenAddress).join(", ");
    this.#record("info", "front_started", `the front serves the API as ${user}, on ${where}`);
  }

  /** Records a front that comes again and again only once. */
  #refused(why: string): void {
    if (why === this.#refusal) return;
    this.#refusal = why;
    this.#record("warning", "front_refused", `a front is refused: ${why}`);
  }

  #ended(why: string): void {
    if (this.#closing) return;
    const asked = why === STOPPED;
    this.#pid = null;
    if (!asked) this.#restarts++;
    this.#lastExit = { at: new Date().toISOString(), reason: why };
    const { charge } = this.#options;
    const next = charge.kind === "child" ? "; it is started again" : "";
    this.#record(asked ? "notice" : "warning", "front_ended", `the front has ended: ${why}${next}`);
    this.#wait(LOSS_GRACE_MS);
  }

  /** The budget keeps a front that comes and goes without end from flushing the journal. */
  #record(severity: Severity, code: JournalCode, message: string): void {
    if (this.#budget.take(performance.now())) this.#options.record(severity, code, message);
  }

  #report(problem: string | null): void {
    this.#alarmed = problem !== null;
    this.#options.apiDown(problem);
  }

  /** Raises the alarm unless the API serves within this time, or within the rest of an earlier one. */
  #wait(graceMs: number): void {
    const dueMs = performance.now() + graceMs;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#problem !== null) this.#report(this.#problem);
    }, graceMs);
  }
}

/** Why a user without rights cannot enter a folder; `null` if it can. */
async function closedFolder(path: string, { uid, gid }: FrontUser): Promise<string | null> {
  for (let folder = path;; folder = dirname(folder)) {
    const info = await Deno.stat(folder);
    const search = info.uid === uid ? 0o100 : info.gid === gid ? 0o010 : 0o001;
    if (((info.mode ?? 0) & search) === 0) {
      return `the front, user ${uid}, cannot enter ${folder}: chmod o+x ${folder}, or choose another run_dir`;
    }
    if (folder === dirname(folder)) return null;
  }
}
