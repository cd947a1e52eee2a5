/**
 * Puts together what a recording says: one line for each thing that the engine heard, with what the host answered and
 * what the engine did. Knows no file.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { type Did, encodeLine, type Head, type Heard, plainText } from "./line.ts";
import { StandIns } from "./stand_ins.ts";

type GrowingAnswer = [question: string, nth: number, ...answers: unknown[]];

/** The turn that is going on. */
interface OpenTurn {
  readonly atMs: number;
  readonly wallMs: number;
  readonly joined?: "call" | "promise";
  readonly heard: Heard;
  readonly answers: GrowingAnswer[];
  /** The last of them to each question. */
  readonly changed: Map<string, GrowingAnswer>;
  readonly did: Did[];
  /** How often the host was asked each question. */
  readonly asked: Map<string, number>;
  /** Not worth a line if the engine does nothing. */
  readonly quiet: boolean;
}

export class Recorder {
  readonly standIns = new StandIns();
  readonly #clock: Pick<Host, "nowMs" | "wallClockMs">;
  readonly #write: (line: string) => void;
  /** The last answer of the host to each question, as text. */
  readonly #answers = new Map<string, string>();
  #turn: OpenTurn | null = null;
  /** How many turns are on the stack. */
  #depth = 0;
  /** The relation of the next turn to the last one: none after a pause. */
  #joined: OpenTurn["joined"];
  /** How many turns there were. */
  #turns = 0;

  /** `write`: takes a line without its end. */
  constructor(
    clock: Pick<Host, "nowMs" | "wallClockMs">,
    head: Head,
    write: (line: string) => void,
  ) {
    this.#clock = clock;
    this.#write = write;
    write(encodeLine(head));
  }

  /**
   * Lets something reach the engine; the effects of `run`, and those of promises after it, are recorded with it.
   * `quiet`: only if it does anything.
   */
  turn<T>(heard: Heard, run: () => T, quiet = false): T {
    // Heard while the engine was at work: during the call that it made last.
    if (this.#depth > 0 && !quiet) this.#turn?.did.push({ do: "heard", with: [heard] });
    else if (this.#depth === 0) this.#open(heard, quiet);
    // Runs before whatever the turn leaves to wait for a promise: from then on something has gone on.
    if (this.#depth === 0) queueMicrotask(() => this.#joined &&= "promise");
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#settle(++this.#turns);
    }
  }

  /** The host was asked; returns its answer. */
  asked<T>(question: string, answer: T): T {
    const turn = this.#current();
    const nth = (turn.asked.get(question) ?? 0) + 1;
    turn.asked.set(question, nth);
    const text = plainText(answer);
    if (this.#answers.get(question) === text) return answer;
    this.#answers.set(question, text);
    const last = turn.changed.get(question);
    if (last && last[1] + last.length - 2 === nth) last.push(answer);
    else turn.changed.set(question, addTo(turn.answers, [question, nth, answer]));
    return answer;
  }

  /** The engine makes a call; returns what its host does. `shown`: what is recorded of that. */
  did<T>(call: string, args: readonly unknown[], run: () => T, shown?: (result: T) => unknown): T {
    const { did } = this.#current();
    const index = did.push({ do: call, with: args }) - 1;
    const result = run();
    const show = shown ? shown(result) : result;
    if (show !== null && show !== undefined) did[index] = { do: call, with: args, result: show };
    return result;
  }

  /** Writes the turn that is over; the caller also calls it in a pause of the engine. False if there is nothing to write. */
  seal(): boolean {
    if (this.#depth > 0 || !this.#turn) return false;
    const { quiet, asked: _, changed: __, answers, did, ...turn } = this.#turn;
    this.#turn = null;
    const changes = answers.some(([question]) => question !== "now" && question !== "wall");
    if (quiet && did.length === 0 && !changes) return false;
    this.#write(encodeLine({
      ...turn,
      ...(answers.length > 0 && { answers }),
      ...(did.length > 0 && { did }),
    }));
    return true;
  }

  /** Follows what waits for promises until nothing does, or another turn has begun. */
  #settle(turn: number, rounds = 0): void {
    if (turn !== this.#turns) return;
    this.#joined = rounds === 0 ? "call" : rounds < SETTLED_AFTER ? "promise" : undefined;
    if (rounds < SETTLED_AFTER) queueMicrotask(() => this.#settle(turn, rounds + 1));
  }

  #current(): OpenTurn {
    return this.#turn ?? this.#open({ kind: "nothing" }, false);
  }

  #open(heard: Heard, quiet: boolean): OpenTurn {
    const before = this.#turn;
    const joining = this.seal() ? this.#joined : joinedAcross(before?.joined, this.#joined);
    const [atMs, wallMs] = [this.#clock.nowMs(), this.#clock.wallClockMs()];
    this.#answers.set("now", plainText(atMs));
    this.#answers.set("wall", plainText(wallMs));
    const joined = joining === undefined ? {} : { joined: joining };
    this.#turn = {
      ...{ atMs, wallMs, ...joined, heard, quiet },
      ...{ answers: [], changed: new Map(), did: [], asked: new Map() },
    };
    return this.#turn;
  }
}

/** The relation of a turn to the one before a turn that is not written, from the relations `before` and `after` it. */
function joinedAcross(before: OpenTurn["joined"], after: OpenTurn["joined"]): OpenTurn["joined"] {
  if (before === undefined || after === undefined) return undefined;
  return before === "call" && after === "call" ? "call" : "promise";
}

/** How often the recorder awaits promises until none is left: more than any chain of the engine has. */
const SETTLED_AFTER = 30;

function addTo<T>(all: T[], one: T): T {
  all.push(one);
  return one;
}
