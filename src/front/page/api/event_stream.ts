/**
 * Server-Sent Events (WHATWG HTML, section 9.2) by fetch: an EventSource cannot send a token.
 *
 * @module
 */

import { createParser, type ParserCallbacks } from "eventsource-parser";
import type { Answer, Problem } from "./request.ts";

export interface FollowOptions {
  /** Asks for the stream, from the point where the last one ended. */
  readonly open: (signal: AbortSignal) => Promise<Answer<Response>>;
  readonly opened: () => void;
  readonly event: (name: string, data: string) => void;
  /** The stream has ended, or why there is none; the page will ask for it again. */
  readonly lost: (problem: Problem | null) => void;
  /** Resolves after so many milliseconds, or at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Until the stream says otherwise (`retry`). */
const RETRY_MS = 2000;
/** The wait doubles with each failed attempt, up to this. */
const MAX_RETRY_MS = 8000;
/** vipd sends a comment every 15 seconds, so a stream that is silent for this long is broken. */
const SILENCE_MS = 40_000;

/** Keeps a stream open until `signal` aborts. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let retryMs = RETRY_MS;
  let failures = 0;
  while (!signal.aborted) {
    const silence = new Silence();
    const answer = await options.open(AbortSignal.any([signal, silence.signal]));
    if (answer.ok && answer.value.body !== null && !signal.aborted) {
      failures = 0;
      options.opened();
      await readEvents(answer.value.body, () => silence.heard(), {
        onEvent: ({ event = "message", data }) => options.event(event, data),
        onRetry: (ms) => void (retryMs = ms),
      });
    }
    silence.end();
    if (signal.aborted) return;
    const problem = answer.ok ? null : answer.problem;
    options.lost(problem);
    await options.wait(problem?.waitMs ?? Math.min(retryMs * 2 ** failures, MAX_RETRY_MS), signal);
    failures++;
  }
}

/** Forwards the events of a body until it ends or breaks off; calls `came` for everything that comes. */
export async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  came: () => void,
  callbacks: ParserCallbacks,
): Promise<void> {
  const parser = createParser(callbacks);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const chunk = await reader.read().catch(() => null);
    if (chunk === null || chunk.done) return;
    came();
    parser.feed(chunk.value);
  }
}

/** Aborts its signal if nothing was heard for {@link SILENCE_MS}. */
class Silence {
  readonly #controller = new AbortController();
  #timer = this.#start();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.end();
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start() {
    return setTimeout(() => this.#controller.abort(), SILENCE_MS);
  }
}
