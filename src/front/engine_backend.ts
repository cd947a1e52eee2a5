/**
 * The load balancer for the API of the front: forwards every question and command to the engine.
 *
 * @module
 */

import { Problem } from "../api/problem.ts";
import { EngineGoneError, type EngineLink } from "../ipc/engine_link.ts";
import type { CommandOutcome, CommandRequest } from "../ipc/messages.ts";
import { atMost } from "../runtime/waiting.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import type { Journal, JournalEntry } from "../status/journal.ts";
import type { MachineFacts } from "../status/node_config.ts";
import { headOf, type Rehearsal } from "../status/rehearsal.ts";
import type { KeepOutcome, ReloadOutcome, ReloadRequest } from "../status/commands/reloading.ts";
import type { NodeStatus } from "../status/status.ts";
import type { Judgement, TokenJudge, TokenRight } from "../tokens/token_judge.ts";
import type { PeerJournals } from "./peers/peer_journals.ts";
import type { PeerPoller } from "./peers/peer_poller.ts";
import type { Rehearser } from "./rehearsal/rehearser.ts";
import type { ApiBackend, CommandBy } from "./http/backend.ts";

/** A peer that does not answer keeps nobody waiting for longer, in milliseconds. */
const COMPARED_MS = 1500;

type Link = Pick<EngineLink, "journal" | "status" | "machine" | "command" | "judge">;

export class EngineBackend implements ApiBackend {
  readonly #link: Link;
  readonly #rehearser: Pick<Rehearser, "last" | "rehearse">;
  readonly #peers: Pick<PeerPoller, "askNow">;
  readonly #peerJournals: Pick<PeerJournals, "entries">;

  constructor(
    link: Link,
    rehearser: Pick<Rehearser, "last" | "rehearse">,
    peers: Pick<PeerPoller, "askNow">,
    peerJournals: Pick<PeerJournals, "entries">,
  ) {
    this.#link = link;
    this.#rehearser = rehearser;
    this.#peers = peers;
    this.#peerJournals = peerJournals;
  }

  get journal(): Journal {
    return this.#link.journal;
  }

  async status(): Promise<NodeStatus> {
    try {
      const status = await this.#link.status();
      const { last } = this.#rehearser;
      return last === null ? status : { ...status, rehearsal: headOf(last) };
    } catch (error) {
      throw problemOf(error);
    }
  }

  /** The facts of the machine that matter to a pair, as they are now; `null` if the engine does not say. */
  async machine(): Promise<MachineFacts | null> {
    try {
      return await this.#link.machine();
    } catch (error) {
      throw problemOf(error);
    }
  }

  async command(command: InstanceCommand, by: CommandBy): Promise<CommandResult> {
    const outcome = await this.#send(command, by);
    if (outcome.kind === "command") return outcome.result;
    throw new Problem("internal", `The engine answers a command with ${outcome.kind}`);
  }

  async reload(request: ReloadRequest, by: CommandBy): Promise<ReloadOutcome> {
    // Whether another node is left to serve is decided by what it says now, and not a second ago.
    if (request.force !== true) await atMost(this.#peers.askNow(), COMPARED_MS, undefined);
    const outcome = await this.#send({ kind: "reload", ...request }, by);
    if (outcome.kind === "reload") return outcome.outcome;
    throw new Problem("internal", `The engine answers a reload with ${outcome.kind}`);
  }

  rehearsal(): Rehearsal | null {
    return this.#rehearser.last;
  }

  async rehearse(): Promise<Rehearsal> {
    try {
      const rehearsal = await this.#rehearser.rehearse();
      // The node learns of the comparison with a peer when that is asked; then the caller finds it in the status.
      await atMost(this.#peers.askNow(), COMPARED_MS, undefined);
      return rehearsal;
    } catch (error) {
      throw problemOf(error);
    }
  }

  peerEntries(name: string): Promise<readonly JournalEntry[] | null> | undefined {
    return this.#peerJournals.entries(name);
  }

  async keep(by: CommandBy): Promise<KeepOutcome> {
    const outcome = await this.#send({ kind: "keep" }, by);
    if (outcome.kind === "keep") return outcome.outcome;
    throw new Problem("internal", `The engine answers a keep with ${outcome.kind}`);
  }

  /** The outcome of a command that the node carried out or refused; throws a problem for every other. */
  async #send(command: CommandRequest, { key, token, client }: CommandBy): Promise<CommandOutcome> {
    let outcome: CommandOutcome;
    try {
      outcome = await this.#link.command(command, key, token, client);
    } catch (error) {
      throw problemOf(error);
    }
    switch (outcome.kind) {
      case "token":
        throw tokenProblem(outcome.verdict);
      case "key_reused":
        throw new Problem(
          "order_id_reused",
          "This Idempotency-Key stands for another command: give each command a key of its own",
        );
      case "late":
        throw new Problem(
          "order_late",
          "The engine got the command too late and did not carry it out: send it again if it is " +
            "still wanted, and see in the log of vipd what held it up",
        );
      case "failed":
        throw new Error(outcome.message);
      default:
        return outcome;
    }
  }
}

/** The engine compares tokens. */
export class EngineJudge implements TokenJudge {
  readonly #link: Link;
  readonly #readingNeedsToken: () => boolean;

  constructor(link: Link, readingNeedsToken: () => boolean) {
    this.#link = link;
    this.#readingNeedsToken = readingNeedsToken;
  }

  async judge(token: string, purpose: TokenRight): Promise<Judgement> {
    try {
      return await this.#link.judge(token, purpose);
    } catch (error) {
      if (error instanceof EngineGoneError) {
        return { unavailable: error.message, engineGone: true };
      }
      throw error;
    }
  }

  readingNeedsToken(): Promise<boolean> {
    return Promise.resolve(this.#readingNeedsToken());
  }
}

function problemOf(error: unknown): unknown {
  return error instanceof EngineGoneError
    ? new Problem("engine_unreachable", `Nobody knows the state of this node: ${error.message}`)
    : error;
}

/** The token was right a moment ago. */
function tokenProblem(verdict: Extract<CommandOutcome, { kind: "token" }>["verdict"]): Problem {
  if (typeof verdict === "object") {
    return new Problem("token_unavailable", `Nobody can be let in: ${verdict.unavailable}`);
  }
  return new Problem(
    "token_wrong",
    "The token is not the one in the token file; it may have been replaced: read the file again",
  );
}
