/** A process in which tests run, as seen from the one that asks it. */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { longestThreadWaitMs } from "../../lab/starvation.ts";
import { processorMs } from "../../lab/usage.ts";
import type { Answer, BenchStart, Order, TestName } from "./messages.ts";
import { isOver, LOADING, type Patience, type Used } from "./patience.ts";

/** An answer, or why there is none: the order was not done in its time, or the process ended. Then it is of no more use. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "endless" | "ended" };

/** Where a bench stands: a copy of the repository, and a folder for whatever it makes. */
export interface BenchPlace {
  readonly copy: string;
  readonly cache: string;
  readonly temporary: string;
}

const LOOK_EVERY_MS = 200;

/** An endless loop whose tool was killed ends with it. One that has tried very many breaks is then replaced. */
const PROCESSOR_LIMIT_S = 3600;

/** Of a test with thousands of seeds, which would take minutes for each break that it reaches. What it misses survives. */
const SEEDS = 500;

const PROCESS = fileURLToPath(new URL("./bench_process.ts", import.meta.url));

/** One process. It is asked one thing at a time, until {@link Bench.end} or a reply without an answer. */
export class Bench {
  readonly #child: Deno.ChildProcess;
  /** Settled when the process has ended, whatever the reason. */
  readonly ended: Promise<void>;
  readonly #socket: Promise<Socket>;
  #answered: ((answer: Answer) => void) | undefined;
  #ending = false;
  #isGone = false;

  private constructor(place: BenchPlace, start: BenchStart, server: Server) {
    const connected = Promise.withResolvers<Socket>();
    server.once("connection", (socket) => {
      server.close();
      // The process can end in the middle of an answer.
      socket.on("error", () => {});
      const lines = createInterface({ input: socket });
      lines.on("line", (line) => this.#answered?.(JSON.parse(line)));
      connected.resolve(socket);
    });
    this.#socket = connected.promise;
    const options = ["-A", "--no-check", "--v8-flags=--max-old-space-size=1024"];
    this.#child = new Deno.Command("sh", {
      args: [
        ...["-c", `ulimit -t ${PROCESSOR_LIMIT_S}; exec "$@"`, "sh"],
        ...[Deno.execPath(), "run", ...options, "--config", `${place.copy}/deno.json`],
        ...[PROCESS, JSON.stringify(start)],
      ],
      cwd: place.copy,
      env: {
        ...{ DENO_DIR: place.cache, TMPDIR: place.temporary, NO_COLOR: "1" },
        VIPD_TEST_SEEDS: String(SEEDS),
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.ended = this.#child.status.then(() => void server.close());
  }

  /** Whether it can be asked nothing more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  static async start(place: BenchPlace, start: BenchStart): Promise<Bench> {
    const server = createServer();
    const listening = once(server, "listening");
    server.listen(start.socket);
    await listening;
    return new Bench(place, start, server);
  }

  /** Loads a test file. */
  load(file: string): Promise<Reply> {
    return this.#ask({ kind: "load", file }, LOADING);
  }

  /** Runs a test of a loaded file. */
  test(test: TestName, number: number | null, patience: Patience): Promise<Reply> {
    return this.#ask({ kind: "test", test, number }, patience);
  }

  /** Ends the process, whatever it does: what it was asked is never replied to. */
  async end(): Promise<void> {
    this.#ending = true;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.ended;
  }

  async #ask(order: Order, patience: Patience): Promise<Reply> {
    const reply = Promise.withResolvers<Reply>();
    this.#answered = (answer) => reply.resolve({ kind: "answer", answer });
    const fail = (kind: "endless" | "ended") => {
      if (this.#ending) return;
      this.#isGone = true;
      reply.resolve({ kind });
    };
    this.ended.then(() => fail("ended"));
    this.#socket.then((socket) => socket.write(`${JSON.stringify(order)}\n`));
    // Most orders are done before the first look.
    let before: Used | undefined;
    const watch = setInterval(async () => {
      const now = await this.#used();
      before ??= now;
      if (isOver(patience, before, now)) fail("endless");
      if (this.#ending) clearInterval(watch);
    }, LOOK_EVERY_MS);
    try {
      return await reply.promise;
    } finally {
      clearInterval(watch);
    }
  }

  async #used(): Promise<Used> {
    const { pid } = this.#child;
    return {
      processorMs: await processorMs(pid),
      elapsedMs: performance.now(),
      starvedMs: longestThreadWaitMs(pid),
    };
  }
}
